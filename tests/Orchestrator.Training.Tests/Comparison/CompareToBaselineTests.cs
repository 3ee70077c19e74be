using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Comparison;
using Orchestrator.Training.Tests.Evaluation;
using static Orchestrator.Training.Tests.Evaluation.EvaluationWorld;

namespace Orchestrator.Training.Tests.Comparison;

public sealed class CompareToBaselineTests
{
    private EvaluationWorld world;
    private DatasetRef data;

    [SetUp]
    public async Task SetUp()
    {
        world = new EvaluationWorld();
        data = await DataAsync(rows: 600, seed: 11);
    }

    [TearDown]
    public void TearDown() => world.Dispose();

    [Test]
    public async Task WithoutABaselineTheCandidateMayBeDeployed()
    {
        await CompareAsync(await NoisyAsync("good", 0.2), baseline: null);

        Assert.That(Text("outcome"), Is.EqualTo("no-baseline"));
        Assert.That((Flag("better"), Flag("notWorse")), Is.EqualTo((false, true)));
        Assert.That(world.Environment.Outputs.Keys, Has.No.Member("baselineScore").And.No.Member("difference").And.No.Member("lower"));
        Assert.That(Text("reason"), Does.StartWith("there is no baseline yet: the candidate's AUC is 0.9").And.Contain("95 % interval").And.EndWith("on 600 rows"));
    }

    [Test]
    public async Task AClearlyBetterCandidateIsBetter()
    {
        await CompareAsync(await NoisyAsync("good", 0.2), await NoisyAsync("poor", 2, version: 3));

        Assert.That(Text("outcome"), Is.EqualTo("better"));
        Assert.That((Flag("better"), Flag("notWorse")), Is.EqualTo((true, true)));
        Assert.That(Number("lower"), Is.Positive.And.LessThan(Number("difference")));
        Assert.That(Number("difference"), Is.EqualTo(Number("candidateScore") - Number("baselineScore")).Within(1e-12));
        Assert.That(Text("reason"), Does.StartWith("the candidate is better than churn v3: AUC 0.9"));
    }

    [Test]
    public async Task AClearlyWorseCandidateIsWorseAndTheBaselineStays()
    {
        await CompareAsync(await NoisyAsync("poor", 2), await NoisyAsync("good", 0.2, version: 3));

        Assert.That(Text("outcome"), Is.EqualTo("worse"));
        Assert.That((Flag("better"), Flag("notWorse")), Is.EqualTo((false, false)));
        Assert.That(Text("reason"), Does.StartWith("churn v3 stays: the candidate is worse, AUC 0."));
    }

    [Test]
    public async Task ASmallDifferenceIsInconclusiveAtASmallMarginAndNotWorseAtALargeOne()
    {
        var (candidate, baseline) = (await NoisyAsync("one", 0.4), await NoisyAsync("two", 0.4, seed: 9, version: 2));

        await CompareAsync(candidate, baseline, activity => activity.Margin = 0.0001);
        Assert.That(Text("outcome"), Is.EqualTo("inconclusive"));
        Assert.That(Flag("notWorse"), Is.False);
        Assert.That(Text("reason"), Does.StartWith("churn v2 stays: ").And.Contain("inconclusive at margin 0.0001; with 600 rows a difference below"));

        await CompareAsync(candidate, baseline, activity => activity.Margin = 0.1);
        Assert.That(Text("outcome"), Is.EqualTo("not-worse"));
        Assert.That((Flag("better"), Flag("notWorse")), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task TheVeryModelThatIsInUseIsNotDeployedAgain()
    {
        var model = await NoisyAsync("good", 0.2);

        await CompareAsync(model, model with { Name = "churn", Version = 4 });

        Assert.That(Text("outcome"), Is.EqualTo("same-model"));
        Assert.That((Flag("better"), Flag("notWorse")), Is.EqualTo((false, false)));
        Assert.That((Number("difference"), Number("lower"), Number("upper")), Is.EqualTo((0d, 0d, 0d)));
        Assert.That(Text("reason"), Does.StartWith("churn v4 stays: the candidate is the very same model (artifact "));
    }

    [Test]
    public async Task AnotherFileWithTheSameAnswersIsTheSameModelToo()
    {
        await CompareAsync(await NoisyAsync("one", 0.3), await NoisyAsync("two", 0.3, version: 4));

        Assert.That(Text("outcome"), Is.EqualTo("same-model"));
        Assert.That(Text("reason"), Does.Contain("answers the same on all 600 rows"));
    }

    [Test]
    public async Task TheSameAnswersFromOtherColumnsAreNotWorseEvenAtMarginZero()
    {
        var candidate = await world.AddModelAsync("few", Binary("x"), row => Yes(Sigmoid(row[0])));
        var baseline = await world.AddModelAsync("many", Binary("x", "noise"), row => Yes(Sigmoid(row[0])));

        await CompareAsync(candidate, baseline, activity => activity.Margin = 0.0);

        Assert.That(Text("outcome"), Is.EqualTo("not-worse"));
        Assert.That((Number("lower"), Number("upper")), Is.EqualTo((0d, 0d)), "an interval without width");
    }

    [Test]
    public async Task SwappingTheModelsNegatesTheInterval()
    {
        var (first, second) = (await NoisyAsync("one", 0.4), await NoisyAsync("two", 0.8, seed: 9));
        foreach (var metric in new[] { "auc", "prAuc", "logLoss", "brier", "accuracy", "f1" })
        {
            await CompareAsync(first, second, activity => activity.Metric = metric);
            var (difference, lower, upper) = (Number("difference"), Number("lower"), Number("upper"));
            await CompareAsync(second, first, activity => activity.Metric = metric);

            Assert.That(Number("difference"), Is.EqualTo(-difference).Within(1e-12), metric);
            Assert.That(Number("lower"), Is.EqualTo(-upper).Within(1e-6), metric);
            Assert.That(Number("upper"), Is.EqualTo(-lower).Within(1e-6), metric);
        }
    }

    [Test]
    public async Task TheSameSeedGivesTheSameEvidenceToTheByte()
    {
        var (first, second) = (await NoisyAsync("one", 0.4), await NoisyAsync("two", 0.8, seed: 9));

        await CompareAsync(first, second);
        var evidence = world.Environment.Output<ArtifactRef>("evidence").Hash;
        await CompareAsync(first, second);
        Assert.That(world.Environment.Output<ArtifactRef>("evidence").Hash, Is.EqualTo(evidence));

        await CompareAsync(first, second, activity => activity.Seed = 2L);
        Assert.That(world.Environment.Output<ArtifactRef>("evidence").Hash, Is.Not.EqualTo(evidence));
    }

    [Test]
    public async Task TooFewRowsDecideNothing()
    {
        data = await DataAsync(rows: 40, seed: 2);

        await CompareAsync(await NoisyAsync("good", 0.1), await NoisyAsync("poor", 5, version: 1));

        Assert.That(Text("outcome"), Is.EqualTo("inconclusive"));
        Assert.That(Text("reason"), Does.Contain("40 rows are too few to decide, it takes 50"));
    }

    [Test]
    public async Task RowsOfOneGroupAreDrawnTogether()
    {
        // Every row stands there ten times: as rows they pretend to be ten times the evidence, as groups they do not.
        data = await DataAsync(rows: 100, seed: 3, repeat: 10);
        var (first, second) = (await NoisyAsync("one", 0.4), await NoisyAsync("two", 0.8, seed: 9));

        await CompareAsync(first, second);
        var asRows = Number("upper") - Number("lower");
        await CompareAsync(first, second, activity => activity.GroupBy = "id");
        var asGroups = Number("upper") - Number("lower");

        Assert.That(asGroups / asRows, Is.EqualTo(Math.Sqrt(10)).Within(0.8), "the interval of a tenth of the rows");
    }

    [Test]
    public async Task LowerIsBetterForErrors()
    {
        data = await world.AddDataAsync(
            ("x", ColumnType.Number, Boxed(Enumerable.Range(0, 200).Select(i => (double)i))),
            ("label", ColumnType.Number, Boxed(Enumerable.Range(0, 200).Select(i => i + Math.Sin(i)))));
        var near = await world.AddModelAsync("near", Signature(ModelTask.Regression, "x"), row => [row[0]]);
        var far = await world.AddModelAsync("far", Signature(ModelTask.Regression, "x"), row => [row[0] + 5]);

        foreach (var metric in new[] { "rmse", "mae", "medianAe", "r2" })
        {
            await CompareAsync(near, far, activity => activity.Metric = metric);
            Assert.That(Text("outcome"), Is.EqualTo("better"), metric);
            Assert.That(Number("difference"), Is.Positive, metric);
        }
    }

    [Test]
    public async Task TheEvidenceHasEverythingToComputeItAgain()
    {
        await CompareAsync(await NoisyAsync("good", 0.2), await NoisyAsync("poor", 2, version: 3));

        using var evidence = JsonDocument.Parse(File.ReadAllText(world.Environment.Artifacts.PathOf(world.Environment.Output<ArtifactRef>("evidence"))));
        var root = evidence.RootElement;
        Assert.That(root.GetProperty("outcome").GetString(), Is.EqualTo("better"));
        Assert.That(root.GetProperty("difference").GetProperty("method").GetString(), Is.EqualTo("bca"));
        Assert.That(root.GetProperty("settings").GetProperty("resamples").GetInt32(), Is.EqualTo(2000));
        Assert.That(root.GetProperty("settings").GetProperty("margin").GetDouble(), Is.EqualTo(0.005));
        Assert.That(root.GetProperty("data").GetProperty("version").GetString(), Is.EqualTo(data.Version));
        Assert.That(root.GetProperty("mistakes").GetProperty("p").GetDouble(), Is.LessThan(0.05));
        Assert.That(world.Environment.Facts.OfType<TagFact>().Single().Value, Is.EqualTo("better"));
        var html = File.ReadAllText(world.Environment.Artifacts.PathOf(world.Environment.Output<ArtifactRef>("report")));
        Assert.That(html, Does.Contain("Difference to the baseline").And.Contain("McNemar").And.Not.Contain("http"));
    }

    [Test]
    public async Task ABaselineWithOtherColumnsIsComparedOnTheSameRows()
    {
        var baseline = await world.AddModelAsync("other", Binary("noise"), row => Yes(row[0]), "churn", 1);

        await CompareAsync(await NoisyAsync("good", 0.2), baseline);

        Assert.That(Text("outcome"), Is.EqualTo("better"));
    }

    [Test]
    public async Task ABaselineWhoseClassesStandInAnotherOrderIsReadByName()
    {
        var signature = Binary("x") with { Classes = ["yes", "no"] };
        var baseline = await world.AddModelAsync("turned", signature, row => [Sigmoid(row[0]), 1 - Sigmoid(row[0])]);

        await CompareAsync(await world.AddModelAsync("straight", Binary("x"), row => Yes(Sigmoid(row[0]))), baseline);

        Assert.That(Text("outcome"), Is.EqualTo("same-model"));
    }

    [Test]
    public async Task ABaselineWhoseColumnsAreGoneIsNamedWithThem()
    {
        var baseline = await world.AddModelAsync("old", Binary("x", "fax_number"), row => Yes(0.5), "churn", 7);

        var failure = await FailureAsync(await NoisyAsync("good", 0.2), baseline);

        Assert.That(failure.Code, Is.EqualTo("ORC5451"));
        Assert.That(failure.Message, Does.Contain("lacks \"fax_number\", which churn v7 needs"));
        Assert.That(failure.Help, Does.Contain("Add the column to the data, or train a model without it"));
    }

    [Test]
    public async Task ABaselineThatAnswersAnotherQuestionIsRefused()
    {
        var regressor = await world.AddModelAsync("reg", Signature(ModelTask.Regression, "x"), row => [row[0]], "churn", 1);
        Assert.That((await FailureAsync(await NoisyAsync("good", 0.2), regressor)).Code, Is.EqualTo("ORC5457"));

        var other = await world.AddModelAsync("oth", Binary("x") with { Label = "bought" }, row => Yes(0.5), "sales", 1);
        Assert.That((await FailureAsync(await NoisyAsync("good", 0.2), other)).Message, Is.EqualTo("sales v1 predicts \"bought\", the candidate \"label\""));
    }

    [Test]
    public void ABaselineMayBeWrittenByItsAlias()
    {
        var activity = new CompareToBaseline { Candidate = "models:/churn/4", Baseline = "models:/churn@champion", Data = data, Metric = "auc" };

        Assert.That(ActivityDescriptor.Of(typeof(CompareToBaseline)).ReadBindings(activity)["baseline"].GetString(), Is.EqualTo("models:/churn@champion"));
    }

    [Test]
    public async Task AMetricThatIsNoneIsRefusedWithTheOnesThereAre()
    {
        var model = await NoisyAsync("good", 0.2);
        Assert.That((await FailureAsync(model, null, activity => activity.Metric = "acuracy")).Help, Does.Contain("accuracy"));
        Assert.That((await FailureAsync(model, null, activity => activity.Metric = "rmse")).Message, Is.EqualTo("\"rmse\" does not measure classification"));
    }

    [Test]
    public async Task AucOfOneClassIsRefused()
    {
        data = await world.AddDataAsync(("x", ColumnType.Number, [0.1, 0.2]), ("noise", ColumnType.Number, [0.1, 0.2]), ("label", ColumnType.Text, ["no", "no"]));

        var failure = await FailureAsync(await NoisyAsync("good", 0.2), null);

        Assert.That((failure.Code, failure.Message), Is.EqualTo(("ORC5454", "AUC cannot be computed on this data: every row is \"no\"")));
    }

    [Test]
    public async Task ResamplesOfOneClassAreLeftOutAndTooManyOfThemMakeItInconclusive()
    {
        // One positive row in 100: more than a third of the resamples do not draw it.
        data = await world.AddDataAsync(
            ("x", ColumnType.Number, Boxed(Enumerable.Range(0, 100).Select(i => i / 100.0))),
            ("noise", ColumnType.Number, Boxed(Enumerable.Range(0, 100).Select(i => (i * 37 % 100) / 100.0))),
            ("label", ColumnType.Text, [.. Enumerable.Range(0, 100).Select(i => (object?)(i == 99 ? "yes" : "no"))]));
        var candidate = await world.AddModelAsync("x", Binary("x"), row => Yes(row[0]));
        var baseline = await world.AddModelAsync("n", Binary("noise"), row => Yes(row[0]), "churn", 1);

        await CompareAsync(candidate, baseline);

        Assert.That(Text("outcome"), Is.EqualTo("inconclusive"));
        Assert.That(Text("reason"), Does.Contain("of the resamples have no value"));
    }

    [Test]
    public async Task SettingsOutsideTheirRangeAreRefused()
    {
        var model = await NoisyAsync("good", 0.2);
        Assert.That((await FailureAsync(model, null, activity => activity.Margin = -0.1)).Code, Is.EqualTo("ORC5458"));
        Assert.That((await FailureAsync(model, null, activity => activity.Confidence = 95)).Help ?? "", Is.Empty);
        Assert.That((await FailureAsync(model, null, activity => activity.Resamples = 3)).Why, Is.EqualTo("it must be 100 to 100,000"));
    }

    private async Task CompareAsync(ModelRef candidate, ModelRef? baseline, Action<CompareToBaseline>? change = null)
    {
        var activity = new CompareToBaseline { Candidate = candidate, Data = data, Metric = "auc" };
        if (baseline is not null)
        {
            activity.Baseline = baseline;
        }

        change?.Invoke(activity);
        await world.Environment.RunAsync(activity);
    }

    private async Task<Failure> FailureAsync(ModelRef candidate, ModelRef? baseline, Action<CompareToBaseline>? change = null)
    {
        try
        {
            await CompareAsync(candidate, baseline, change);
        }
        catch (ActivityException failed)
        {
            return failed.Failure;
        }

        throw new AssertionException("The comparison did not fail.");
    }

    private string Text(string output) => world.Environment.Output<string>(output);

    private double Number(string output) => world.Environment.Output<double>(output);

    private bool Flag(string output) => world.Environment.Output<bool>(output);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>A model that sees x through noise of its own: the more noise, the worse. The seed decides which rows suffer.</summary>
    private Task<ModelRef> NoisyAsync(string file, double noise, int seed = 1, int? version = null) => world.AddModelAsync(
        $"{file} {noise} {seed}",
        Binary("x", "noise"),
        row => Yes(Sigmoid(2 * (row[0] + (noise * Math.Sin((row[1] * 1000 * seed) + seed))))),
        version is null ? null : "churn",
        version);

    private Task<DatasetRef> DataAsync(int rows, int seed, int repeat = 1)
    {
        var random = new Random(seed);
        (double X, double Noise, string Label)[] drawn =
        [
            .. Enumerable.Range(0, rows).Select(_ => (random.NextDouble() * 6) - 3).Select(x => (x, random.NextDouble(), random.NextDouble() < Sigmoid(2 * x) ? "yes" : "no")),
        ];
        int[] index = [.. Enumerable.Range(0, rows * repeat).Select(i => i % rows)];
        return world.AddDataAsync(
            ("x", ColumnType.Number, Boxed(index.Select(i => drawn[i].X))),
            ("noise", ColumnType.Number, Boxed(index.Select(i => drawn[i].Noise))),
            ("id", ColumnType.Text, [.. index.Select(i => (object?)$"customer-{i}")]),
            ("label", ColumnType.Text, [.. index.Select(i => (object?)drawn[i].Label)]));
    }
}
