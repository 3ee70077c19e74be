using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Trainers;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests.Fitting;

public sealed class TrainClassifierTests
{
    private TrainingWorld world = null!;

    [SetUp]
    public void SetUp() => world = new TrainingWorld();

    [TearDown]
    public void TearDown() => world.Dispose();

    [TestCase("lightgbm", false)]
    [TestCase("lightgbm", true)]
    [TestCase("fasttree", true)]
    [TestCase("logistic", true)]
    public async Task EveryTrainerLearnsTwoClassesFromMixedColumnsWithHoles(string kind, bool holes)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(800, TrainingWorld.YesNo, holes));

        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });

        Assert.Multiple(() =>
        {
            Assert.That(model.Signature.Classes, Is.EqualTo(new[] { "no", "yes" }));
            Assert.That(model.Signature.Features.Select(feature => feature.Name), Is.EqualTo(new[] { "size", "weight", "colour", "noise" }));
            Assert.That(world.Metrics()["auc"], Is.GreaterThan(holes ? 0.85 : 0.95));
            Assert.That(world.Environment.Output<double>("score"), Is.EqualTo(world.Metrics()["auc"]));
        });
    }

    [TestCase("lightgbm")]
    [TestCase("fasttree")]
    [TestCase("logistic")]
    public async Task EveryTrainerLearnsSeveralClasses(string kind)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(900, score => score < -0.7 ? "low" : score < 0.7 ? "middle" : "high"));

        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });
        var predictions = world.Load(model).Predict(await world.ReadAsync(data));

        Assert.Multiple(() =>
        {
            Assert.That(model.Signature.Classes, Is.EqualTo(new[] { "high", "low", "middle" }));
            Assert.That(world.Metrics()["accuracy"], Is.GreaterThan(0.75));
            Assert.That(predictions.Probabilities.Select(row => row.Sum()), Is.All.EqualTo(1).Within(1e-6));
        });
    }

    [TestCase("lightgbm")]
    [TestCase("fasttree")]
    [TestCase("logistic")]
    public async Task SameSeedAndDataGiveTheSameModelToTheByte(string kind)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(600, TrainingWorld.YesNo, holes: true));
        var activity = new TrainClassifier
        {
            Data = data,
            Label = "label",
            Trainer = kind == "lightgbm" ? LightGbm(featureFraction: 0.7, rowFraction: 0.7) : new Trainer { Kind = kind },
            Seed = 3,
        };

        var first = await world.TrainAsync(activity);
        var second = await world.TrainAsync(activity);
        activity.Seed = 4;
        var other = await world.TrainAsync(activity);

        Assert.Multiple(() =>
        {
            Assert.That(second.Artifact.Hash, Is.EqualTo(first.Artifact.Hash));
            if (kind == "lightgbm")
            {
                Assert.That(other.Artifact.Hash, Is.Not.EqualTo(first.Artifact.Hash), "the seed decides");
            }
        });
    }

    [TestCase("1", "0", new[] { "0", "1" })]
    [TestCase("true", "false", new[] { "false", "true" })]
    public async Task NumbersAndBooleansAreClassesToo(string yes, string no, string[] classes)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(300, score => score > 0 ? yes : no));

        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });
        var flipped = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Positive = no });

        Assert.Multiple(() =>
        {
            Assert.That(model.Signature.Classes, Is.EqualTo(classes));
            Assert.That(flipped.Signature.Classes, Is.EqualTo(classes.Reverse()));
        });
    }

    [Test]
    public async Task BalancedWeightsFindMoreOfTheRareClass()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(1500, score => score + 0.5 * Math.Sin(score * 40) > 1.5 ? "yes" : "no"));

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LogisticRegression() });
        var plain = world.Metrics()["recall"];
        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LogisticRegression(), ClassWeights = Balanced() });
        var balanced = world.Metrics()["recall"];
        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LogisticRegression(), ClassWeights = Weights(("yes", 50)) });

        Assert.That((balanced > plain, world.Metrics()["recall"] >= balanced), Is.EqualTo((true, true)));
    }

    [TestCase("lightgbm", 2)]
    [TestCase("lightgbm", 3)]
    [TestCase("fasttree", 2)]
    public async Task WeightedClassesDoNotStopTrainingAfterItsFirstRounds(string kind, int classes)
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(900, score => score < -0.7 ? "low" : score < 0.7 && classes == 3 ? "middle" : "high"));
        TrainClassifier Train(ClassWeights weights) => new() { Data = data, Label = "label", Trainer = new Trainer { Kind = kind }, ClassWeights = weights };

        await world.TrainAsync(Train(ClassWeights.None));
        var plain = (Rounds: world.Environment.Output<int>("rounds"), Loss: world.Metrics()["logLoss"]);
        await world.TrainAsync(Train(Weights(("low", 1.001))));
        var hardly = (Rounds: world.Environment.Output<int>("rounds"), Loss: world.Metrics()["logLoss"]);
        await world.TrainAsync(Train(Weights(("low", 20))));

        Assert.Multiple(() =>
        {
            Assert.That(hardly.Rounds, Is.GreaterThan(plain.Rounds / 2));
            Assert.That(hardly.Loss, Is.EqualTo(plain.Loss).Within(0.05));
            Assert.That(world.Environment.Output<int>("rounds"), Is.GreaterThan(5));
        });
    }

    [Test]
    public async Task ValidationRowsOfOneWeightStillDecideWhenToStop()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(900, score => score < -0.7 ? "low" : score < 0.7 ? "middle" : "high"));
        var held = await world.DatasetAsync(string.Join('\n', TrainingWorld.Csv(300, score => score < -0.7 ? "low" : score < 0.7 ? "middle" : "high").Split('\n').Where(line => !line.EndsWith("low", StringComparison.Ordinal))), "held");

        await world.TrainAsync(new TrainClassifier { Data = data, Validation = held, Label = "label", ClassWeights = Weights(("low", 3)) });

        Assert.That(world.Environment.Output<int>("rounds"), Is.GreaterThan(5));
    }

    [Test]
    public async Task EarlyStoppingKeepsFewerRoundsAndNamesThem()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(500, TrainingWorld.YesNo));

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LightGbm(rounds: 500), EarlyStopping = 10 });
        var stopped = world.Environment.Output<int>("rounds");
        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = FastTree(rounds: 500), EarlyStopping = 10 });
        var fastTree = world.Environment.Output<int>("rounds");
        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LightGbm(rounds: 60), EarlyStopping = 0 });

        Assert.Multiple(() =>
        {
            Assert.That(stopped, Is.InRange(1, 300));
            Assert.That(fastTree, Is.InRange(1, 499));
            Assert.That(world.Environment.Output<int>("rounds"), Is.EqualTo(60));
        });
    }

    [Test]
    public async Task ValidationNeverDependsOnTheSeedAndFoldsLearnFromAllRows()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(400, TrainingWorld.YesNo));

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Folds = 4, Trainer = LightGbm(rounds: 100) });
        var folds = world.Metrics()["auc"];
        var log = world.Environment.Lines[^1];
        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", ValidationFraction = 0 });

        Assert.Multiple(() =>
        {
            Assert.That(folds, Is.InRange(0.9, 1));
            Assert.That(log, Does.StartWith("lightgbm on 400 rows"));
            Assert.That(world.Metrics(), Is.Empty);
            Assert.That(world.Environment.Outputs, Does.Not.ContainKey("score"));
        });
    }

    [Test]
    public async Task ValidationFromElsewhereIsMeasuredOnThatData()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(400, TrainingWorld.YesNo));
        var elsewhere = await world.DatasetAsync("weight,label,size,colour,noise\n9,yes,0.9,red,0\n1,no,0.1,blue,0\n9,yes,0.95,red,1\n0.5,no,0.2,green,1\n5,maybe,0.5,red,0\n");

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Validation = elsewhere });

        Assert.Multiple(() =>
        {
            Assert.That(world.Metrics()["auc"], Is.EqualTo(1));
            Assert.That(world.Environment.Lines[0], Is.EqualTo("1 rows of the validation data are left out: their \"label\" is empty or no class of the training data"));
        });
    }

    [Test]
    public async Task FactsTellTheWholeTraining()
    {
        var data = await world.DatasetAsync(TrainingWorld.Csv(400, TrainingWorld.YesNo));

        var model = await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = LightGbm(leaves: 7), Seed = 9 });

        var facts = world.Environment.Facts;
        var run = facts.OfType<TrackingRunFact>().Single();
        Assert.Multiple(() =>
        {
            Assert.That((run.Experiment, run.Seed, run.DatasetVersion), Is.EqualTo(("test", 9L, data.Version)));
            Assert.That(run.Environment.Keys, Is.SupersetOf(new[] { "ml.net", "dotnet", "os", "cores" }));
            Assert.That(facts.OfType<ParamFact>().Single(fact => fact.Key == "leaves").Value.GetInt32(), Is.EqualTo(7));
            Assert.That(facts.OfType<ParamFact>().Select(fact => fact.Key), Is.Unique);
            Assert.That(facts.OfType<MetricFact>().Select(fact => fact.Key), Does.Contain("auc"));
            Assert.That(facts.OfType<RunArtifactFact>().Single().Artifact, Is.EqualTo(model.Artifact));
            Assert.That(model.TrackingRun, Is.EqualTo("attempt-1"));
            Assert.That(model.DatasetVersion, Is.EqualTo(data.Version));
        });
    }

    [Test]
    public async Task TextsWithManyLevelsAreLearnedByShareAndFrequentLevels()
    {
        // 300 shops; the first ten have most rows, and only what they sell decides.
        var random = new Random(1);
        var csv = "shop,label\n" + string.Concat(Enumerable.Range(0, 3000).Select(_ => random.Next(3) == 0 ? random.Next(300) : random.Next(10)).Select(shop => $"shop {shop},{(shop % 2 == 0 ? "even" : "odd")}\n"));
        var data = await world.DatasetAsync(csv);

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });

        Assert.That(world.Metrics()["auc"], Is.GreaterThan(0.8));
    }

    [TestCase("lightgbm")]
    [TestCase("fasttree")]
    [TestCase("logistic")]
    public async Task OneFeatureIsEnough(string kind)
    {
        var data = await world.DatasetAsync("x,label\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i},{(i > 90 ? "yes" : "no")}\n")));

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label", Trainer = new Trainer { Kind = kind } });

        Assert.That(world.Metrics()["auc"], Is.GreaterThan(0.98));
    }

    [Test]
    public async Task DatesAndTimesAreFeatures()
    {
        var random = new Random(2);
        var csv = "at,label\n" + string.Concat(Enumerable.Range(0, 600).Select(_ => new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(random.Next(24 * 300)))
            .Select(at => $"{at:yyyy-MM-dd HH:mm:ss},{(at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ^ at.Hour < 6 ? "quiet" : "busy")}\n"));
        var data = await world.DatasetAsync(csv);

        await world.TrainAsync(new TrainClassifier { Data = data, Label = "label" });

        Assert.That(world.Metrics()["auc"], Is.GreaterThan(0.99));
    }
}
