using Orchestrator.Core.Activities;
using Orchestrator.Training.Trainers;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests.Fitting;

public sealed class BadDataTests
{
    private TrainingWorld world = null!;

    [SetUp]
    public void SetUp() => world = new TrainingWorld();

    [TearDown]
    public void TearDown() => world.Dispose();

    [TestCase("lable", "x,label", "ORC5401", "table has no column \"lable\" to learn to predict", "did you mean \"label\"?")]
    [TestCase("label", "x,label", "ORC5403", "label \"label\" is \"a\" in all 30 rows", "Check the filter or the join that made this data.", "{0},a")]
    [TestCase("label", "x,label", "ORC5402", "label \"label\" is empty in 3 rows", "Filter those rows out before training, or check them in data.validate with \"label\" not null.", "{0},{2}")]
    [TestCase("label", "x,label", "ORC5405", "label \"label\" has numbers with fractions (30 different ones), not classes", "To predict the number itself use train.regressor.", "{1},{0}.5")]
    [TestCase("label", "x,label", "ORC5406", "label \"label\" has 300 different values in 300 rows; a classifier takes up to 100", "Name the column that holds the class, or group the rare values first.", "{0},name {0}", 300)]
    [TestCase("label", "x,label", "ORC5404", "label \"label\" is a date, which has no classes", "Derive a column with the classes that you want to tell apart.", "{0},2024-01-0{1}")]
    [TestCase("label", "x,label", "ORC5407", "class \"c\" of label \"label\" is in one row only", "Is it a typing error in the data? Otherwise collect more rows of it, or leave it out.", "{0},{3}")]
    [TestCase("label", "x,label", "ORC5415", "column \"x\" is infinite in 3 rows, the first is row 1", "It comes from a division by zero or an overflow where the data was made: make those values empty, or exclude the column.", "{4},{1}")]
    [TestCase("label", "x,label", "ORC5417", "there are 10 rows to learn from; at least 20 are needed", "Check the filter or the split that made this data.", "{0},{1}", 10)]
    [TestCase("label", "x,label", "ORC5416", "no column is left to learn from", "The reasons are below; look at the step that made the data.", "7,{1}")]
    public async Task TrainClassifier_BadData_SaysWhatAndHow(string label, string header, string code, string message, string help, string row = "{0},{1}", int rows = 30)
    {
        var data = await world.DatasetAsync(header + "\n" + string.Concat(Enumerable.Range(0, rows).Select(i => string.Format(
            null, row, i, i % 2 + 1, i % 10 == 0 ? "" : i % 2 == 0 ? "a" : "b", i == 4 ? "c" : i % 2 == 0 ? "a" : "b", i % 10 == 0 ? "inf" : $"{i}.5") + "\n")));

        var failure = world.Refusal(new TrainClassifier { Data = data, Label = label });

        Assert.That((failure.Code, failure.Message, failure.Help), Is.EqualTo((code, message, help)));
        Assert.That(failure.Kind, Is.EqualTo(FailureKind.Work));
    }

    [Test]
    public async Task TrainClassifier_BadColumnsAndSettings_NamesThem()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(60, TrainingWorld.YesNo));
        TrainClassifier Train() => new() { Data = data, Label = "label" };
        (string Code, string Message) Of(Action<TrainClassifier> change)
        {
            var activity = Train();
            change(activity);
            var failure = world.Refusal(activity);
            return (failure.Code, failure.Message);
        }

        Assert.Multiple(() =>
        {
            Assert.That(Of(train => train.Features = ["size", "wieght"]), Is.EqualTo(("ORC5413", "table has no column \"wieght\", which \"features\" names")));
            Assert.That(Of(train => train.Exclude = ["colours"]), Is.EqualTo(("ORC5413", "table has no column \"colours\", which \"exclude\" names")));
            Assert.That(Of(train => train.Features = ["size", "label"]), Is.EqualTo(("ORC5414", "\"label\" is the label and among the features")));
            Assert.That(Of(train => train.Exclude = ["size", "weight", "colour", "noise"]), Is.EqualTo(("ORC5416", "no column is left to learn from")));
            Assert.That(Of(train => train.Trainer = LinearRegression()), Is.EqualTo(("ORC5411", "trainer linear does not predict classes")));
            Assert.That(Of(train => train.Trainer = new Trainer { Kind = "xgboost" }), Is.EqualTo(("ORC5410", "there is no trainer \"xgboost\"")));
            Assert.That(Of(train => train.Trainer = LightGbm(leaves: 1)), Is.EqualTo(("ORC5400", "\"leaves\" is 1; it goes from 2 to 8192")));
            Assert.That(Of(train => train.ClassWeights = Weights(("Yes", 2))), Is.EqualTo(("ORC5409", "class weights name \"Yes\", which is no class of label \"label\"")));
            Assert.That(Of(train => train.Positive = "ja"), Is.EqualTo(("ORC5408", "label \"label\" has no class \"ja\" to be the positive one")));
        });
    }

    [Test]
    public async Task TrainRegressor_TextLabel_PointsToTheClassifier()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(60, TrainingWorld.YesNo));

        var failure = world.Refusal(new TrainRegressor { Data = data, Label = "label" });

        Assert.That((failure.Code, failure.Help), Is.EqualTo(("ORC5412", "To predict classes use train.classifier.")));
    }

    [Test]
    public async Task ColumnsThatTeachNothingAreLeftOutWithAWarning()
    {
        var lines = TrainingWorld.Csv(200, TrainingWorld.YesNo).TrimEnd().Split('\n');
        var data = await world.DatasetAsync(string.Concat(lines.Select((line, i) => (i == 0 ? "empty,same,id," : $",7,customer {i},") + line + "\n")));

        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });

        Assert.Multiple(() =>
        {
            Assert.That(world.Environment.Lines.Take(3), Is.EqualTo(new[]
            {
                "\"empty\" is left out: it is empty in every row",
                "\"same\" is left out: it is the same in every row",
                "\"id\" is left out: it differs in every row, as an identifier does",
            }));
            Assert.That(world.Metrics()["auc"], Is.GreaterThan(0.9));
            Assert.That(model.Signature.Features.Select(feature => feature.Name), Is.EqualTo(new[] { "size", "weight", "colour", "noise" }));
        });
    }
}
