using System.IO.Compression;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Training.Models;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Tests.Models;

public sealed class MlnetPredictorTests
{
    private TrainingWorld world = null!;
    private DatasetRef data = null!;

    [SetUp]
    public async Task SetUp()
    {
        world = new TrainingWorld();
        data = await world.DatasetAsync(TrainingWorld.Csv(500, TrainingWorld.YesNo, holes: true));
    }

    [TearDown]
    public void TearDown() => world.Dispose();

    [TestCase("lightgbm")]
    [TestCase("fasttree")]
    [TestCase("logistic")]
    public async Task Predict_ManyThreadsAndSingleRows_GiveWhatOneBatchGives(string kind)
    {
        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });
        using var predictor = world.Load(model);
        var table = await world.ReadAsync(data);
        var batch = predictor.Predict(table).Probabilities.Select(row => row[1]).ToArray();

        var single = new double[table.RowCount];
        Parallel.For(0, table.RowCount, row => single[row] = predictor.Predict(RowOf(table, row)).Probabilities[0][1]);

        Assert.That(single, Is.EqualTo(batch));
        Assert.That(predictor.Predict(RowOf(table, 0) with { RowCount = 0, Columns = [.. table.Columns.Select(column => Empty(column))] }).Probabilities, Is.Empty);
    }

    [Test]
    public async Task Predict_ColumnsInAnotherOrderUnseenAndMissingValues_Answers()
    {
        using var predictor = world.Load(await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" }));
        var rows = new Table
        {
            RowCount = 3,
            Columns =
            [
                new TextColumn { Name = "colour", Type = ColumnType.Text, Values = ["red", "violet", null] },
                new NumberColumn { Name = "unused", Type = ColumnType.Number, Values = [1, 2, 3] },
                new NumberColumn { Name = "noise", Type = ColumnType.Number, Values = [0.5, double.NaN, double.NaN] },
                new NumberColumn { Name = "weight", Type = ColumnType.Integer, Values = [10, 0, double.NaN] },
                new NumberColumn { Name = "size", Type = ColumnType.Number, Values = [1, 0, double.NaN] },
            ],
        };

        var answers = predictor.Predict(rows).Probabilities;

        Assert.Multiple(() =>
        {
            Assert.That(answers[0][1], Is.GreaterThan(0.9));
            Assert.That(answers[1][1], Is.LessThan(0.1));
            Assert.That(answers[2][1], Is.InRange(0.05, 0.95));
        });
    }

    [Test]
    public async Task Predict_ColumnMissingOrOfAnotherType_NamesIt()
    {
        using var predictor = world.Load(await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" }));
        var table = await world.ReadAsync(data);
        var without = table with { Columns = [.. table.Columns.Where(column => column.Name is not "size").Select(column => column.Name == "noise" ? column with { Name = "sizes" } : column)] };
        var typed = table with { Columns = [.. table.Columns.Select(column => column.Name == "size" ? new TextColumn { Name = "size", Type = ColumnType.Text, Values = [.. Enumerable.Repeat("big", table.RowCount)] } : column)] };

        Assert.Multiple(() =>
        {
            Assert.That(Assert.Throws<ActivityException>(() => predictor.Predict(without))!.Failure.Message, Is.EqualTo("the rows have no columns \"size\", \"noise\", which the model needs"));
            Assert.That(Assert.Throws<ActivityException>(() => predictor.Predict(typed))!.Failure.Message, Is.EqualTo("column \"size\" is a text; the model learned it as a number"));
        });
    }

    [Test]
    public async Task ArtifactIsAnMlflowModelFolder()
    {
        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });
        using var zip = ZipFile.OpenRead(world.Environment.Artifacts.PathOf(model.Artifact));
        using var reader = new StreamReader(zip.GetEntry("MLmodel")!.Open());
        var yaml = await reader.ReadToEndAsync();

        Assert.Multiple(() =>
        {
            Assert.That(zip.Entries.Select(entry => entry.FullName), Is.EqualTo(new[] { "MLmodel", "model.zip", "features.json", "signature.json", "training.json" }));
            Assert.That(yaml, Does.Contain("flavors:\n  mlnet:\n    data: model.zip\n"));
            Assert.That(yaml, Does.Contain("  inputs: '[{\"type\":\"double\",\"name\":\"size\",\"required\":true}"));
            Assert.That(zip.Entries.Select(entry => entry.LastWriteTime.Year), Is.All.EqualTo(1980));
        });
    }

    [Test]
    public async Task Load_NoModelOrAnotherFlavor_SaysSo()
    {
        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });
        var broken = world.Environment.WriteFile("broken.zip", "this is no zip");

        Assert.Multiple(() =>
        {
            Assert.That(Assert.Throws<ActivityException>(() => new MlnetLoader().Load(broken, model))!.Failure.Code, Is.EqualTo("ORC5422"));
            Assert.That(Assert.Throws<ActivityException>(() => new MlnetLoader().Load(broken, model with { Flavor = "onnx" }))!.Failure.Code, Is.EqualTo("ORC5423"));
        });
    }

    private static Table RowOf(Table table, int row) => new()
    {
        RowCount = 1,
        Columns = [.. table.Columns.Select(column => column switch
        {
            NumberColumn numbers => numbers with { Values = [numbers.Values[row]] },
            TextColumn texts => texts with { Values = [texts.Values[row]] },
            _ => column,
        })],
    };

    private static TableColumn Empty(TableColumn column) => column switch
    {
        NumberColumn numbers => numbers with { Values = [] },
        TextColumn texts => texts with { Values = [] },
        _ => column,
    };
}
