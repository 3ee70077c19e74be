using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;
using Orchestrator.Data;
using Orchestrator.Data.Splitting;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;
using Orchestrator.Training.Comparison;
using Orchestrator.Training.Evaluation;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests.Evaluation;

/// <summary>The real thing: the table of the sample, read by DuckDB, learned by ML.NET.</summary>
public sealed class ChurnTests
{
    private ActivityEnvironment environment;
    private DatasetRef train;
    private DatasetRef test;

    [OneTimeSetUp]
    public async Task SetUp()
    {
        environment = new ActivityEnvironment { BaseDirectory = Path.Combine(RepositoryRoot(), "workflows", "churn") };
        environment.With(Port<ITableReader>(new ServiceCollection().AddData())).With(Port<IModelLoader>(new ServiceCollection().AddTraining()));
        await environment.RunAsync(new SnapshotDataset { Source = "data/churn.csv", Name = "customers" });
        await environment.RunAsync(new SplitDataset { Dataset = environment.Output<DatasetRef>("version"), StratifyBy = "churn", Seed = 7L });
        (train, test) = (environment.Output<DatasetRef>("train"), environment.Output<DatasetRef>("test"));
    }

    [OneTimeTearDown]
    public void TearDown() => environment.Dispose();

    [Test]
    public async Task ChurnIsPredictedWellAndTheReportSaysByWhat()
    {
        var model = await TrainAsync(new TrainClassifier { Data = train, Label = "churn", Trainer = LightGbm() });

        await environment.RunAsync(new EvaluateModel { Model = model, Data = test, Slices = ["international_plan", "total_day_minutes"] });

        Assert.That(environment.Output<double>("auc"), Is.GreaterThan(0.9));
        Assert.That(environment.Output<long>("rows"), Is.EqualTo(1000));
        var html = File.ReadAllText(environment.Artifacts.PathOf(environment.Output<ArtifactRef>("report")));
        Assert.That(html, Does.Contain("By international_plan").And.Contain("<th scope=\"row\">total_day_minutes</th>"));
    }

    [Test]
    public async Task TreesAreBetterThanALineAndThatIsKnownOnAThousandRows()
    {
        var trees = await TrainAsync(new TrainClassifier { Data = train, Label = "churn", Trainer = LightGbm() });
        var line = await TrainAsync(new TrainClassifier { Data = train, Label = "churn", Trainer = LogisticRegression() });

        await environment.RunAsync(new CompareToBaseline { Candidate = trees, Baseline = line, Data = test, Metric = "auc" });
        Assert.That(environment.Output<string>("outcome"), Is.EqualTo("better"));

        await environment.RunAsync(new CompareToBaseline { Candidate = line, Baseline = trees, Data = test, Metric = "auc" });
        Assert.That(environment.Output<string>("outcome"), Is.EqualTo("worse"));

        await environment.RunAsync(new CompareToBaseline { Candidate = trees, Baseline = trees, Data = test, Metric = "auc" });
        Assert.That(environment.Output<string>("outcome"), Is.EqualTo("same-model"));
    }

    [Test]
    public async Task ANumberIsPredictedAndMeasuredInItsOwnUnit()
    {
        var model = await TrainAsync(new TrainRegressor { Data = train, Label = "total_day_charge", Trainer = LightGbm(rounds: 60) });

        await environment.RunAsync(new EvaluateModel { Model = model, Data = test, Importance = false });

        Assert.That(environment.Output<double>("r2"), Is.GreaterThan(0.95), "the charge is a tariff times the minutes");
    }

    private async Task<ModelRef> TrainAsync(TrainActivity activity)
    {
        await environment.RunAsync(activity);
        return environment.Output<ModelRef>("model");
    }

    /// <summary>The port as the program registers it; its class is its family's own.</summary>
    private static T Port<T>(IServiceCollection services) where T : class =>
        (T)Activator.CreateInstance(services.Single(service => service.ServiceType == typeof(T)).ImplementationType!, nonPublic: true)!;

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
