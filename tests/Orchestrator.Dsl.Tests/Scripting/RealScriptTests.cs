using Orchestrator.Activities.CSharp;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Validation;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Tracking.Models;
using Orchestrator.Training;

namespace Orchestrator.Dsl.Tests.Scripting;

/// <summary>Scripts with the activities of the program, as users write them.</summary>
public sealed class RealScriptTests
{
    /// <summary>
    /// The script that design §4 aims for, but for two words: a class cannot have an input and an output of one name, so the share that is held out is
    /// <c>TestFraction</c>; and a rollout is all at once until there are others.
    /// </summary>
    private const string Design = """
        var churn = Pipeline("churn", "Which customers will leave next month");
        var minAuc = churn.Param("minAuc", 0.85, "Lowest area under the ROC curve that may be deployed", min: 0.5, max: 1);
        churn.Schedule("0 2 * * *", zone: "Europe/Berlin", overlap: Overlap.Skip, missed: Missed.RunLatest);
        churn.On(DatasetUpdated("customers"));

        var snapshot = churn.Add("snapshot", new SnapshotDataset { Source = "data/churn.csv", Name = "customers" });
        var checks = churn.Add("validate", new ValidateDataset
        {
            Dataset = snapshot.Version,
            Expect = [ Column("total_day_minutes").Between(0, 1440), Column("churn").NotNull().InSet("yes", "no"), RowCount(atLeast: 1000) ],
        });
        var split = churn.Add("split", new SplitDataset { Dataset = checks.Dataset, TestFraction = 0.2, StratifyBy = "churn", Seed = 7 });
        var sweep = churn.Add("sweep", new Sweep
        {
            Train = new TrainClassifier { Data = split.Train, Label = "churn", Trainer = LightGbm() },
            Space = [ LogUniform("learningRate", 0.01, 0.3), Integer("leaves", 8, 256) ],
            Search = Tpe(trials: 40), Metric = "auc", Parallel = 2,
        });
        var compare = churn.Add("compare", new CompareToBaseline { Candidate = sweep.Best, Baseline = "models:/churn@champion", Data = split.Test, Metric = "auc" });
        churn.Add("deploy", new DeployModel { Model = sweep.Best, Endpoint = "churn", Strategy = AllAtOnce() })
             .When(compare.CandidateScore >= minAuc & compare.NotWorse)
             .Retry(3, Backoff.Exponential("10s", max: "5m"));
        churn.Step("tell", async ctx => ctx.Log($"champion is now {ctx.Output(sweep.Best)}"));   // a step written in place
        return churn;
        """;

    private static readonly ActivityCatalog Catalog = ActivityCatalog.From(
        typeof(CSharpStep).Assembly, typeof(ValidateDataset).Assembly, typeof(TrainClassifier).Assembly, typeof(RegisterModel).Assembly, typeof(DeployModel).Assembly);

    private ScriptLab lab = null!;

    [SetUp]
    public void SetUp()
    {
        lab = new ScriptLab();
        lab.Environment = lab.Environment with { Catalog = Catalog };
    }

    [TearDown]
    public void TearDown() => lab.Dispose();

    [Test]
    public async Task TheScriptOfTheDesignCompiles()
    {
        var result = await lab.EvaluateAsync(Design);
        Assert.That(result.Diagnostics, Is.Empty, DiagnosticRenderer.Render(result.Diagnostics));
        var definition = result.Definition!;
        Assert.Multiple(() =>
        {
            Assert.That(definition.Tasks.Select(task => $"{task.Name} {task.Uses} <- {string.Join(' ', task.Dependencies())}"), Is.EqualTo(new[]
            {
                "snapshot data.snapshot <- ",
                "validate data.validate <- snapshot",
                "split data.split <- validate snapshot",
                "sweep train.sweep <- split",
                "compare model.compare <- sweep split",
                "deploy model.deploy <- compare sweep",
                "tell csharp <- sweep",
            }));
            Assert.That(definition.Tasks[5].When, Is.EqualTo("tasks.compare.candidateScore >= params.minAuc && tasks.compare.notWorse"));
        });
    }

    [Test]
    public async Task TheSamplePipelineEvaluatesWithoutAnyFinding()
    {
        var path = Path.Combine(TestContext.CurrentContext.TestDirectory, "../../../../../workflows/churn/churn.csx");
        var result = await ScriptFrontEnd.EvaluateAsync(path, lab.Environment, CancellationToken.None);
        Assert.That(result.Diagnostics, Is.Empty, DiagnosticRenderer.Render(result.Diagnostics));
    }
}
