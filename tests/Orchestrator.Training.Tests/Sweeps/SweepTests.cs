using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Testing;
using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Trainers;
using static Orchestrator.Training.Sweeps.SweepFunctions;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests.Sweeps;

public sealed class SweepTests
{
    private static readonly DatasetRef Nothing = new()
    {
        Name = "table",
        Version = new string('0', 64),
        Data = new ArtifactRef { Hash = new string('0', 64), SizeInBytes = 0, Name = "table.parquet", MediaType = "application/octet-stream" },
        Rows = 0,
        Columns = [],
    };

    [Test]
    public void TrialsAreTheSameInWhateverOrderTheyEnd()
    {
        var sweep = Churn(parallel: 3);
        var inOrder = Run(sweep, pick: _ => 0);
        var lastFirst = Run(sweep, pick: under => under - 1);
        var random = new Random(4);
        var mixed = Run(sweep, pick: random.Next);

        Assert.Multiple(() =>
        {
            Assert.That(inOrder, Has.Count.EqualTo(40));
            Assert.That(Issued(lastFirst), Is.EqualTo(Issued(inOrder)));
            Assert.That(Issued(mixed), Is.EqualTo(Issued(inOrder)));
        });
    }

    [Test]
    public void SweepKilledInTrialSeventeenAndResumedTriesTheSameFortyTrials()
    {
        var sweep = Churn(parallel: 2);
        var uninterrupted = Run(sweep, pick: _ => 0);

        // The kill: 17 items were issued, the last is under way and will be run again; whatever asks next has only the items.
        var afterKill = Run(Churn(parallel: 2), pick: _ => 0, start: [.. uninterrupted.Take(17).Select((item, i) => i == 16 ? item with { Status = ItemStatus.UnderWay, Outputs = new Dictionary<string, JsonElement>() } : item)]);

        Assert.Multiple(() =>
        {
            Assert.That(Issued(afterKill), Is.EqualTo(Issued(uninterrupted)));
            Assert.That(Best(sweep, afterKill), Is.EqualTo(Best(sweep, uninterrupted)));
        });
    }

    [Test]
    public void Expand_LabelsAreLost_ProposesTheSame()
    {
        var sweep = Churn(parallel: 2);
        var items = Run(sweep, pick: _ => 0);
        var half = items.Take(20).ToList();

        var with = Expand(sweep, half).Next[0].Label;
        var without = Expand(sweep, [.. half.Select((item, i) => item with { Label = i % 3 == 0 ? null : i % 3 == 1 ? item.Label![..^3] + "…" : item.Label })]).Next[0].Label;

        Assert.That(without, Is.EqualTo(with));
    }

    [Test]
    public void Expand_AtFirst_IssuesAsManyAsMayRunTogether()
    {
        var expansion = Expand(Churn(parallel: 3), []);

        Assert.Multiple(() =>
        {
            Assert.That(expansion.Next, Has.Count.EqualTo(3));
            Assert.That(expansion.Complete, Is.False);
            Assert.That(expansion.Next[0].Label, Does.Match(@"^learningRate=0\.\d+ leaves=\d+$"));
            Assert.That(expansion.Next[0].Activity.With["trainer"].GetProperty("leaves").GetInt32(), Is.InRange(8, 256));
            Assert.That(expansion.Next[0].Activity.With["trainer"].GetProperty("rounds").GetInt32(), Is.EqualTo(50));
        });
    }

    [Test]
    public void Expand_SpaceOverInputsAndTrainers_PutsEachWhereItsNameIs()
    {
        var sweep = new Sweep
        {
            Train = new TrainClassifier { Data = Nothing, Label = "churn" },
            Space = [Choice("trainer", "lightgbm", "fasttree"), Choice("classWeights", "none", "balanced"), Integer("leaves", 4, 40)],
            Search = RandomSearch(10),
            Metric = "auc",
            Folds = 5,
        };

        var with = Expand(sweep, []).Next[0].Activity.With;

        Assert.Multiple(() =>
        {
            Assert.That(with["classWeights"].GetString(), Is.AnyOf("none", "balanced"));
            Assert.That(with["trainer"].GetProperty("kind").GetString(), Is.AnyOf("lightgbm", "fasttree"));
            Assert.That(with["trainer"].GetProperty("leaves").GetInt32(), Is.InRange(4, 40));
            Assert.That(with["folds"].GetInt32(), Is.EqualTo(5));
        });
    }

    [Test]
    public void Expand_TooManyFail_StopsAndTheReduceSaysWhy()
    {
        var sweep = Churn(parallel: 2);
        var items = Run(sweep, pick: _ => 0, outcome: item => Failed(item));

        using var environment = new ActivityEnvironment { Items = items };
        var failure = Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(sweep))!.Failure;

        Assert.Multiple(() =>
        {
            Assert.That(items, Has.Count.LessThan(8));
            Assert.That(failure.Code, Is.EqualTo("ORC5444"));
            Assert.That(failure.Details[0], Is.EqualTo("trial 0: ORC5402: label \"churn\" is empty in 3 rows"));
        });
    }

    [Test]
    public async Task SweepWithAFewFailedTrialsPicksTheBestAndReportsAll()
    {
        var sweep = Churn(parallel: 2);
        var items = Run(sweep, pick: _ => 0, outcome: item => item.Index is 3 or 20 ? Failed(item) : Scored(item));
        using var environment = new ActivityEnvironment { Items = items };

        await environment.RunAsync(sweep);

        var best = environment.Output<JsonElement>("bestParams");
        var report = await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<ArtifactRef>("report")));
        var trials = JsonDocument.Parse(await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<ArtifactRef>("trials")))).RootElement.GetProperty("trials");
        Assert.Multiple(() =>
        {
            Assert.That(environment.Output<double>("bestScore"), Is.EqualTo(items.Where(item => item.Status == ItemStatus.Succeeded).Max(Score)));
            Assert.That(environment.Output<ModelRef>("best").TrackingRun, Does.StartWith("run-of-"));
            Assert.That(best.GetProperty("leaves").GetInt32(), Is.InRange(8, 256));
            Assert.That(environment.Lines, Has.Count.EqualTo(7), "head, five best, one line about failures");
            Assert.That(trials.GetArrayLength(), Is.EqualTo(40));
            Assert.That(trials[3].GetProperty("problem").GetString(), Does.StartWith("ORC5402"));
            Assert.That(report, Does.Contain("<svg").And.Contain("learningRate"));
            Assert.That(environment.Facts.OfType<TrackingRunFact>().Count(), Is.EqualTo(1));
            Assert.That(environment.Facts.OfType<MetricFact>().Count(fact => fact.Key == "auc"), Is.EqualTo(38));
        });
    }

    [Test]
    public void PickBest_EqualScores_TakesTheFirst()
    {
        var items = Run(Churn(parallel: 2), pick: _ => 0, outcome: item => Scored(item, 0.5));

        Assert.That(Best(Churn(parallel: 2), items), Is.Zero);
    }

    [Test]
    public void Retrain_AfterTheLastTrial_TrainsTheBestOnAllRowsWithItsRounds()
    {
        var sweep = Churn(parallel: 2);
        sweep.Retrain = true;
        var items = Run(sweep, pick: _ => 0);
        var last = Expand(sweep, [.. items.Take(40)]);

        Assert.Multiple(() =>
        {
            Assert.That(items, Has.Count.EqualTo(41));
            Assert.That(last.Complete, Is.True);
            Assert.That(last.Next.Single().Activity.With["validationFraction"].GetDouble(), Is.Zero);
            Assert.That(last.Next.Single().Activity.With["trainer"].GetProperty("rounds").GetInt32(), Is.EqualTo(17));
            Assert.That(last.Next.Single().Label, Is.EqualTo($"retrain best trial {Best(sweep, items)}"));
        });
    }

    [Test]
    public void Expand_LowerIsBetter_KeepsTheLowest()
    {
        var sweep = Churn(parallel: 2);
        sweep.Metric = "log_loss";
        var items = Run(sweep, pick: _ => 0, outcome: item => Scored(item, item.Index == 12 ? 0.1 : 0.3, "logLoss"));

        Assert.That(Best(sweep, items), Is.EqualTo(12));
    }

    [TestCaseSource(nameof(BadSweeps))]
    public void Expand_BadSweep_IsRefusedBeforeTheFirstTrial(Sweep sweep, string code, string message, string? help)
    {
        var failure = Assert.Throws<ActivityException>(() => Expand(sweep, []))!.Failure;

        Assert.That((failure.Code, failure.Message, failure.Help), Is.EqualTo((code, message, help)));
    }

    private static IEnumerable<TestCaseData> BadSweeps()
    {
        yield return Bad([], "auc", "ORC5440", "the search space is empty", "For example: { \"kind\": \"log-uniform\", \"name\": \"learningRate\", \"low\": 0.01, \"high\": 0.3 }.");
        yield return Bad([Integer("leavs", 8, 256)], "auc", "ORC5442", "the search space has \"leavs\", which is no parameter of trainer lightgbm and no input of train.classifier", "did you mean \"leaves\"?");
        yield return Bad([LogUniform("learningRate", 0, 1)], "auc", "ORC5441", "\"learningRate\" is searched on a logarithmic scale from 0, and there is no logarithm of it", "Start above 0, or search on a plain scale.");
        yield return Bad([Integer("leaves", 256, 8)], "auc", "ORC5441", "the range of \"leaves\" is the wrong way round: low 256 is above high 8", "Swap them.");
        yield return Bad([Uniform("leaves", 8, 256)], "auc", "ORC5441", "\"leaves\" of lightgbm is a whole number and the search space gives any number", "Use integer or log-integer.");
        yield return Bad([Integer("leaves", 1, 256)], "auc", "ORC5441", "the search space leaves what lightgbm takes: \"leaves\" is 1; it goes from 2 to 8192", "Leaves of a tree. More fits finer patterns and noise.");
        yield return Bad([Integer("leaves", 8, 16), Integer("leaves", 16, 32)], "auc", "ORC5441", "the search space has \"leaves\" twice", "Keep one of the two.");
        yield return Bad([Integer("leaves", 8, 16)], "acu", "ORC5443", "nobody knows whether a higher or a lower \"acu\" is better", "did you mean \"auc\"?");

        static TestCaseData Bad(SearchParameter[] space, string metric, string code, string message, string? help) => new TestCaseData(
            new Sweep { Train = new TrainClassifier { Data = Nothing, Label = "churn" }, Space = space, Search = Tpe(40), Metric = metric }, code, message, help).SetArgDisplayNames(code, message);
    }

    private static Sweep Churn(int parallel) => new()
    {
        Train = new TrainClassifier { Data = Nothing, Label = "churn", Trainer = LightGbm(rounds: 50) },
        Space = [LogUniform("learningRate", 0.01, 0.3), Integer("leaves", 8, 256)],
        Search = Tpe(trials: 40),
        Metric = "auc",
        Parallel = parallel,
        Seed = 11,
    };

    private static Expansion Expand(Sweep sweep, IReadOnlyList<ItemResult> items) => ActivityRunner.Expand(sweep, new ExpansionContext { Items = items });

    /// <summary>Plays the coordinator: issues what the sweep asks for and ends one item under way at a time.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="pick">Which of so many items under way ends next.</param>
    /// <param name="start">Items from before.</param>
    /// <param name="outcome">What an item becomes; default: a score of its parameters.</param>
    private static List<ItemResult> Run(Sweep sweep, Func<int, int> pick, List<ItemResult>? start = null, Func<ItemResult, ItemResult>? outcome = null)
    {
        var items = start ?? [];
        while (true)
        {
            var expansion = Expand(sweep, items);
            items.AddRange(expansion.Next.Select((item, i) => new ItemResult { Index = items.Count + i, Label = item.Label, Status = ItemStatus.UnderWay }).ToList());
            var under = items.Where(item => item.Status == ItemStatus.UnderWay).ToList();
            if (under.Count == 0)
            {
                return items;
            }

            Assert.That(under, Has.Count.LessThanOrEqualTo(sweep.Parallel.Value));
            var ended = under[pick(under.Count)];
            items[ended.Index] = (outcome ?? (item => Scored(item)))(ended);
        }
    }

    private static string[] Issued(List<ItemResult> items) => [.. items.Select(item => item.Label!)];

    private static int Best(Sweep sweep, IReadOnlyList<ItemResult> items)
    {
        var study = Study.Of(sweep);
        return study.PickBest(study.ReadTrials(items)).Index;
    }

    private static double Score(ItemResult item) => item.Outputs["metrics"].GetProperty("auc").GetDouble();

    private static ItemResult Failed(ItemResult item) => item with
    {
        Status = ItemStatus.Failed,
        Failure = new Failure { Code = "ORC5402", Kind = FailureKind.Work, Message = "label \"churn\" is empty in 3 rows" },
    };

    /// <summary>A score that depends on the parameters, with its top at 40 leaves and a rate of 0.05.</summary>
    private static ItemResult Scored(ItemResult item, double? score = null, string metric = "auc")
    {
        if (score is null && item.Label!.StartsWith("learningRate", StringComparison.Ordinal))
        {
            var values = item.Label.Split(' ').Select(part => double.Parse(part.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            score = 0.95 - Math.Abs(Math.Log(values[1] / 40)) / 50 - Math.Abs(Math.Log(values[0] / 0.05)) / 30;
        }

        var model = new ModelRef
        {
            Artifact = Nothing.Data,
            Flavor = "mlnet",
            Signature = new ModelSignature { Task = ModelTask.Classification, Label = "churn", Features = [], Classes = ["no", "yes"] },
            TrackingRun = $"run-of-{item.Index}",
        };
        return item with
        {
            Status = ItemStatus.Succeeded,
            Outputs = new Dictionary<string, JsonElement>
            {
                ["metrics"] = OrcJson.ToElement(new Dictionary<string, double> { [metric] = score ?? 0 }),
                ["model"] = OrcJson.ToElement(model),
                ["rounds"] = OrcJson.ToElement(17),
            },
        };
    }
}
