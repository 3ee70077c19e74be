using System.Globalization;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Tests.Fitting;

public sealed class TrainRegressorTests
{
    private TrainingWorld world = null!;

    [SetUp]
    public void SetUp() => world = new TrainingWorld();

    [TearDown]
    public void TearDown() => world.Dispose();

    [TestCase("lightgbm")]
    [TestCase("fasttree")]
    [TestCase("linear")]
    public async Task EveryTrainerPredictsNumbers(string kind)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(1000, score => (100 + 10 * score).ToString("0.####", CultureInfo.InvariantCulture)));

        var model = await world.TrainAsync(new TrainRegressor { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });
        var again = await world.TrainAsync(new TrainRegressor { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });

        Assert.Multiple(() =>
        {
            Assert.That(world.Metrics()["r2"], Is.GreaterThan(0.9));
            Assert.That(world.Environment.Output<double>("score"), Is.EqualTo(world.Metrics()["rmse"]));
            Assert.That(model.Signature.Classes, Is.Empty);
            Assert.That(again.Artifact.Hash, Is.EqualTo(model.Artifact.Hash));
        });
    }

    [Test]
    public async Task LinearRegression_StraightLine_FindsIt()
    {
        var data = await world.DatasetAsync("x,y\n" + string.Concat(Enumerable.Range(0, 200).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i / 10.0},{3 * i / 10.0 + 2}\n"))));

        var model = await world.TrainAsync(new TrainRegressor { Data = data, Label = "y", Trainer = TrainerFunctions.LinearRegression() });
        var predicted = world.Load(model).Predict(await world.ReadAsync(data)).Values;

        Assert.That(new[] { predicted[0], predicted[100], predicted[199] }, Is.EqualTo(new[] { 2, 32, 61.7 }).Within(0.1));
    }
}
