using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation;
using static Orchestrator.Training.Tests.Evaluation.EvaluationWorld;

namespace Orchestrator.Training.Tests.Evaluation;

public sealed class EvaluateModelTests
{
    private EvaluationWorld world;

    [SetUp]
    public void SetUp() => world = new EvaluationWorld();

    [TearDown]
    public void TearDown() => world.Dispose();

    [Test]
    public async Task ABinaryModelGetsItsMetricsItsFactsAndAReport()
    {
        var data = await BinaryDataAsync(rows: 400, seed: 3);

        await world.Environment.RunAsync(new EvaluateModel { Model = await LogisticAsync(), Data = data, Slices = ["plan", "size"] });

        var outputs = world.Environment;
        var auc = outputs.Output<double>("auc");
        Assert.That(auc, Is.GreaterThan(0.75).And.LessThan(1));
        Assert.That(outputs.Output<JsonElement>("metrics").GetProperty("auc").GetDouble(), Is.EqualTo(auc));
        Assert.That(outputs.Output<long>("rows"), Is.EqualTo(400));
        Assert.That(outputs.Outputs.Keys, Has.No.Member("rmse").And.No.Member("r2"), "a classifier has no regression metrics");
        Assert.That(outputs.Facts.OfType<MetricFact>().Single(fact => fact.Key == "auc").Value, Is.EqualTo(auc));
        Assert.That(outputs.Facts.OfType<TrackingRunFact>().Single().DatasetVersion, Is.EqualTo(data.Version));
        var report = outputs.Output<ArtifactRef>("report");
        Assert.That(outputs.Facts.OfType<RunArtifactFact>().Single().Artifact, Is.EqualTo(report));
        var html = ReadReport(report);
        foreach (var part in new[] { "ROC curve", "Precision and recall", "Calibration", "Scores by class", "Confusion matrix", "Thresholds", "By plan", "By size", "What the model looks at" })
        {
            Assert.That(html, Does.Contain($"<h2>{part}</h2>"));
        }
    }

    [Test]
    public async Task ARegressorGetsItsOwnMetricsAndPictures()
    {
        var x = Boxed(Enumerable.Range(0, 50).Select(i => (double)i));
        var data = await world.AddDataAsync(("x", ColumnType.Number, x), ("label", ColumnType.Number, Boxed(Enumerable.Range(0, 50).Select(i => (2.0 * i) + (i % 2 == 0 ? 1 : -1)))));
        var model = await world.AddModelAsync("twice", Signature(ModelTask.Regression, "x"), row => [2 * row[0]]);

        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data, Slices = ["x"] });

        Assert.That(world.Environment.Output<double>("rmse"), Is.EqualTo(1).Within(1e-12), "every prediction is off by exactly one");
        Assert.That(world.Environment.Output<double>("mae"), Is.EqualTo(1).Within(1e-12));
        Assert.That(world.Environment.Outputs.Keys, Has.No.Member("auc"));
        Assert.That(ReadReport(world.Environment.Output<ArtifactRef>("report")), Does.Contain("Predicted against actual").And.Contain("Errors by prediction"));
    }

    [Test]
    public async Task ThreeClassesAreMeasuredByMacroMeans()
    {
        var data = await world.AddDataAsync(
            ("x", ColumnType.Number, Boxed(Enumerable.Range(0, 60).Select(i => (double)(i % 3)))),
            ("label", ColumnType.Text, [.. Enumerable.Range(0, 60).Select(i => (object?)$"c{(i < 6 ? (i + 1) % 3 : i % 3)}")]));
        var signature = Signature(ModelTask.Classification, "x") with { Classes = ["c0", "c1", "c2"] };
        var model = await world.AddModelAsync("three", signature, row => [.. Enumerable.Range(0, 3).Select(k => k == (int)row[0] ? 0.8 : 0.1)]);

        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data });

        Assert.That(world.Environment.Output<double>("accuracy"), Is.EqualTo(0.9).Within(1e-12), "six of sixty labels were moved on by one");
        Assert.That(world.Environment.Output<double>("f1"), Is.EqualTo(0.9).Within(1e-12), "the six are spread evenly over the classes");
        Assert.That(ReadReport(world.Environment.Output<ArtifactRef>("report")), Does.Contain("By class").And.Contain("Confidence"));
    }

    [Test]
    public async Task OneClassOnlyLeavesAucOutInsteadOfGivingANumberThatIsNone()
    {
        var data = await world.AddDataAsync(("x", ColumnType.Number, [0.1, 0.2, 0.3]), ("label", ColumnType.Text, ["no", "no", "no"]));

        await world.Environment.RunAsync(new EvaluateModel { Model = await world.AddModelAsync("p", Binary("x"), row => Yes(row[0])), Data = data });

        Assert.That(world.Environment.Outputs.Keys, Has.No.Member("auc").And.No.Member("prAuc"));
        Assert.That(world.Environment.Output<double>("accuracy"), Is.EqualTo(1));
        Assert.That(world.Environment.Output<JsonElement>("metrics").TryGetProperty("auc", out _), Is.False);
        Assert.That(world.Environment.Lines, Has.Some.Contains("every row is \"no\": AUC and PR-AUC are not defined and left out"));
        Assert.That(ReadReport(world.Environment.Output<ArtifactRef>("report")), Does.Contain("nothing to rank"));
    }

    [Test]
    public async Task RowsWithoutALabelOrWithAnUnknownOneAreLeftOutAndCounted()
    {
        var data = await world.AddDataAsync(
            ("x", ColumnType.Number, [0.9, 0.2, 0.5, 0.6, 0.1]), ("label", ColumnType.Text, ["yes", "no", null, "maybe", "no"]));

        await world.Environment.RunAsync(new EvaluateModel { Model = await world.AddModelAsync("p", Binary("x"), row => Yes(row[0])), Data = data });

        Assert.That(world.Environment.Output<long>("rows"), Is.EqualTo(3));
        Assert.That(world.Environment.Output<double>("auc"), Is.EqualTo(1));
        Assert.That(world.Environment.Lines, Has.Some.EqualTo("left out 1 row without a value in \"label\"").And.Some.EqualTo("left out 1 row whose \"label\" the model does not know: maybe"));
        Assert.That(ReadReport(world.Environment.Output<ArtifactRef>("report")), Does.Contain("1 row without a label").And.Contain("maybe"));
    }

    [Test]
    public async Task TheBestThresholdIsFoundWhenAskedFor()
    {
        var data = await world.AddDataAsync(("x", ColumnType.Number, [0.1, 0.2, 0.3, 0.4]), ("label", ColumnType.Text, ["no", "no", "yes", "yes"]));
        var model = await world.AddModelAsync("p", Binary("x"), row => Yes(row[0]));

        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data });
        Assert.That(world.Environment.Output<double>("f1"), Is.Zero, "at one half nothing is flagged");

        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data, ThresholdBy = "best-f1" });
        Assert.That(world.Environment.Output<double>("usedThreshold"), Is.EqualTo(0.3));
        Assert.That(world.Environment.Output<double>("f1"), Is.EqualTo(1));
    }

    [Test]
    public async Task ImportanceFindsTheFeatureThatMatters()
    {
        var data = await BinaryDataAsync(rows: 300, seed: 5);
        await world.Environment.RunAsync(new EvaluateModel { Model = await LogisticAsync(), Data = data, ImportanceRows = 100 });

        var html = ReadReport(world.Environment.Output<ArtifactRef>("report"));
        Assert.That(html, Does.Contain("shuffled among 100 rows"));
        Assert.That(html.IndexOf("<th scope=\"row\">size</th>", StringComparison.Ordinal), Is.LessThan(html.IndexOf("<th scope=\"row\">noise</th>", StringComparison.Ordinal)).And.Positive);
    }

    [Test]
    public async Task TheSameEvaluationTwiceIsTheSameReportToTheByte()
    {
        var (model, data) = (await LogisticAsync(), await BinaryDataAsync(rows: 200, seed: 8));

        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data, Slices = ["plan"] });
        var first = world.Environment.Output<ArtifactRef>("report").Hash;
        await world.Environment.RunAsync(new EvaluateModel { Model = model, Data = data, Slices = ["plan"] });

        Assert.That(world.Environment.Output<ArtifactRef>("report").Hash, Is.EqualTo(first));
    }

    [Test]
    public async Task TheReportNeedsNothingFromOutside()
    {
        await world.Environment.RunAsync(new EvaluateModel { Model = await LogisticAsync(), Data = await BinaryDataAsync(rows: 200, seed: 8) });

        var html = ReadReport(world.Environment.Output<ArtifactRef>("report"));
        Assert.That(html, Does.Not.Contain("http").And.Not.Contain("<script").And.Not.Contain("src=").And.Not.Contain("@import"));
    }

    [Test]
    public async Task NamesFromTheDataCannotBecomeMarkup()
    {
        var data = await world.AddDataAsync(
            ("x", ColumnType.Number, [0.9, 0.2]), ("label", ColumnType.Text, ["<b>yes", "no"]), ("cut", ColumnType.Text, ["<script>alert(1)</script>", "\"&"]));
        var signature = Signature(ModelTask.Classification, "x") with { Classes = ["no", "<b>yes"] };

        await world.Environment.RunAsync(new EvaluateModel { Model = await world.AddModelAsync("p", signature, row => Yes(row[0])), Data = data, Slices = ["cut"] });

        Assert.That(ReadReport(world.Environment.Output<ArtifactRef>("report")), Does.Not.Contain("<script>").And.Not.Contain("<b>yes").And.Contain("&lt;script&gt;"));
    }

    [Test]
    public async Task MissingColumnsAreNamedWithTheOneThatWasMeant()
    {
        var data = await world.AddDataAsync(("lable", ColumnType.Text, ["yes"]), ("size", ColumnType.Number, [1.0]));
        var model = await world.AddModelAsync("p", Binary("siez"), row => Yes(0.5));
        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = data }), Has.Property("Code").EqualTo("ORC5450").And.Property("Help").Contains("lable"));

        data = await world.AddDataAsync(("label", ColumnType.Text, ["yes"]), ("size", ColumnType.Number, [1.0]));
        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = data }), Has.Property("Code").EqualTo("ORC5451").And.Property("Message").Contains("\"siez\", which the model needs").And.Property("Help").Contains("size"));

        model = await world.AddModelAsync("p", Binary("size"), row => Yes(0.5));
        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = data, Slices = ["sise"] }), Has.Property("Code").EqualTo("ORC5455").And.Property("Help").Contains("size"));
    }

    [Test]
    public async Task DataWithoutAUsableRowIsRefused()
    {
        var model = await world.AddModelAsync("p", Binary("x"), row => Yes(0.5));
        var empty = await world.AddDataAsync(("x", ColumnType.Number, []), ("label", ColumnType.Text, []));
        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = empty }), Has.Property("Code").EqualTo("ORC5452").And.Property("Message").Contains("has no rows"));

        var unlabelled = await world.AddDataAsync(("x", ColumnType.Number, [1.0, 2.0]), ("label", ColumnType.Text, [null, "maybe"]));
        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = unlabelled }), Has.Property("Code").EqualTo("ORC5452").And.Property("Help").Contains("maybe"));
    }

    [Test]
    public async Task AnAnswerThatIsNoNumberIsRefused()
    {
        var data = await world.AddDataAsync(("x", ColumnType.Number, [1.0, 2.0]), ("label", ColumnType.Text, ["yes", "no"]));
        var model = await world.AddModelAsync("nan", Binary("x"), row => Yes(row[0] > 1 ? double.NaN : 0.5));

        Assert.That(await FailureAsync(new EvaluateModel { Model = model, Data = data }), Has.Property("Code").EqualTo("ORC5456").And.Property("Message").Contains("the first is row 2"));
    }

    [Test]
    public async Task NumbersAndTruthValuesAreLabelsToo()
    {
        var integers = Signature(ModelTask.Classification, "x") with { Classes = ["0", "1"] };
        var data = await world.AddDataAsync(("x", ColumnType.Number, [0.9, 0.2]), ("label", ColumnType.Integer, [1, 0]));
        await world.Environment.RunAsync(new EvaluateModel { Model = await world.AddModelAsync("i", integers, row => Yes(row[0])), Data = data });
        Assert.That(world.Environment.Output<double>("auc"), Is.EqualTo(1));

        var truths = Signature(ModelTask.Classification, "x") with { Classes = ["false", "true"] };
        data = await world.AddDataAsync(("x", ColumnType.Number, [0.9, 0.2]), ("label", ColumnType.Boolean, [true, false]));
        await world.Environment.RunAsync(new EvaluateModel { Model = await world.AddModelAsync("t", truths, row => Yes(row[0])), Data = data });
        Assert.That(world.Environment.Output<double>("auc"), Is.EqualTo(1));
    }

    private async Task<Failure> FailureAsync(EvaluateModel activity)
    {
        try
        {
            await world.Environment.RunAsync(activity);
        }
        catch (ActivityException failed)
        {
            return failed.Failure;
        }

        throw new AssertionException("The evaluation did not fail.");
    }

    private string ReadReport(ArtifactRef report) => File.ReadAllText(world.Environment.Artifacts.PathOf(report));

    private Task<ModelRef> LogisticAsync() =>
        world.AddModelAsync("logistic", Binary("size", "noise"), row => Yes(1 / (1 + Math.Exp(-1.6 * row[0]))));

    /// <summary>The label is likelier yes for a large size; noise says nothing; plan is a text beside.</summary>
    private Task<DatasetRef> BinaryDataAsync(int rows, int seed)
    {
        var random = new Random(seed);
        double[] size = [.. Enumerable.Range(0, rows).Select(_ => (random.NextDouble() * 5) - 2.5)];
        return world.AddDataAsync(
            ("size", ColumnType.Number, Boxed(size)),
            ("noise", ColumnType.Number, Boxed(size.Select(_ => random.NextDouble()))),
            ("plan", ColumnType.Text, [.. size.Select(_ => (object?)(random.Next(3) switch { 0 => "basic", 1 => "plus", _ => null }))]),
            ("label", ColumnType.Text, [.. size.Select(value => (object?)(random.NextDouble() < 1 / (1 + Math.Exp(-1.6 * value)) ? "yes" : "no"))]));
    }
}
