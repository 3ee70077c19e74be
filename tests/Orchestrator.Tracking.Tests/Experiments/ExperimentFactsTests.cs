using System.Text.Json;
using Orchestrator.Assets.Experiments;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Facts;
using Orchestrator.Tracking.Experiments;

namespace Orchestrator.Tracking.Tests.Experiments;

[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class ExperimentFactsTests(string dialect)
{
    private static readonly Dictionary<string, IFactHandler> Handlers = new IFactHandler[]
    {
        new TrackingRunHandler(), new ParamHandler(), new MetricHandler(), new TagHandler(), new RunArtifactHandler(),
    }.ToDictionary(handler => handler.Kind);

    private TrackingDatabase home = null!;
    private ExperimentQueries queries = null!;

    [SetUp]
    public async Task Open()
    {
        home = await TrackingDatabase.OpenAsync(dialect);
        queries = new ExperimentQueries(home.Database);
    }

    [TearDown]
    public async Task Close() => await home.DisposeAsync();

    [Test]
    public async Task EverythingAnAttemptLoggedIsShownWithItsRun()
    {
        var report = new ArtifactRef { Hash = new string('a', 64), SizeInBytes = 5, Name = "report.html", MediaType = "text/html" };
        await ApplyAsync(
            Samples.Context(),
            new TrackingRunFact { Experiment = "churn models", Name = "lightgbm", DatasetVersion = "d1", Seed = 7, Environment = new Dictionary<string, string> { ["dotnet"] = "10" } },
            new ParamFact { Key = "leaves", Value = JsonElement.Parse("31") },
            new ParamFact { Key = "trainer", Value = JsonElement.Parse("\"lightgbm\"") },
            new MetricFact { Key = "auc", Value = 0.91, Step = 1, At = Samples.Noon },
            new TagFact { Key = "team", Value = "growth" },
            new TagFact { Key = "team", Value = "retention" },
            new RunArtifactFact { Path = "evaluation/report.html", Artifact = report });

        var detail = await queries.GetRunAsync("attempt-1", CancellationToken.None);

        var run = detail.Run;
        Assert.That((run.Experiment, run.Name, run.Status, run.Seed, run.DatasetVersion), Is.EqualTo(("churn models", "lightgbm", TrackingStatus.Finished, (long?)7, "d1")));
        Assert.That((run.Pipeline, run.PipelineRun?.Value, run.Task?.Value, run.GitCommit), Is.EqualTo(("churn", "run-1", "train", "abc123")));
        Assert.That((run.StartedAt, run.EndedAt), Is.EqualTo((Samples.Noon, (DateTimeOffset?)Samples.Noon.AddMinutes(2))));
        Assert.That(run.Environment["dotnet"], Is.EqualTo("10"));
        Assert.That(run.Params, Is.EqualTo(new Dictionary<string, string> { ["leaves"] = "31", ["trainer"] = "lightgbm" }));
        Assert.That(run.Metrics["auc"], Is.EqualTo(0.91));
        Assert.That(run.Tags["team"], Is.EqualTo("retention"));
        Assert.That(detail.Artifacts, Is.EqualTo(new[] { new TrackedArtifact("evaluation/report.html", report) }));
        Assert.That(detail.Problems, Is.Empty);
    }

    [Test]
    public async Task FactsOfAFailedAttemptMakeAFailedRun()
    {
        await ApplyAsync(Samples.Context(outcome: AttemptOutcome.Failed), new TrackingRunFact { Experiment = "e" }, new MetricFact { Key = "loss", Value = 3, At = Samples.Noon });

        Assert.That((await queries.GetRunAsync("attempt-1", CancellationToken.None)).Run.Status, Is.EqualTo(TrackingStatus.Failed));
    }

    [Test]
    public async Task WhatComesWithoutARunFactMakesARunInTheExperimentOfThePipeline()
    {
        await ApplyAsync(Samples.Context(), new MetricFact { Key = "auc", Value = 0.5, At = Samples.Noon });

        Assert.That((await queries.GetRunAsync("attempt-1", CancellationToken.None)).Run.Experiment, Is.EqualTo("churn"));
    }

    [Test]
    public async Task ARunFactThatComesLateStillNamesTheExperiment()
    {
        await ApplyAsync(Samples.Context(), new MetricFact { Key = "auc", Value = 0.5, At = Samples.Noon }, new TrackingRunFact { Experiment = "late", Name = "n" });

        Assert.That((await queries.GetRunAsync("attempt-1", CancellationToken.None)).Run.Experiment, Is.EqualTo("late"));
    }

    [Test]
    public async Task AParameterIsWrittenOnceAndAnotherValueIsAProblemOfTheRun()
    {
        await ApplyAsync(
            Samples.Context(),
            new ParamFact { Key = "leaves", Value = JsonElement.Parse("31") },
            new ParamFact { Key = "leaves", Value = JsonElement.Parse("31") },
            new ParamFact { Key = "leaves", Value = JsonElement.Parse("63") });

        var detail = await queries.GetRunAsync("attempt-1", CancellationToken.None);
        Assert.That(detail.Run.Params["leaves"], Is.EqualTo("31"));
        Assert.That(detail.Problems.Single().Code, Is.EqualTo("ORC5506"));
        Assert.That(detail.Problems.Single().Message, Does.Contain("\"leaves\" is 31 already and cannot become 63"));
    }

    [TestCase("../x")]
    [TestCase("/x")]
    [TestCase("a//b")]
    [TestCase("a|b")]
    public async Task ABadNameIsAProblemAndTheRestIsKept(string key)
    {
        await ApplyAsync(Samples.Context(), new MetricFact { Key = key, Value = 1, At = Samples.Noon }, new MetricFact { Key = "valid/auc", Value = 1, At = Samples.Noon });

        var detail = await queries.GetRunAsync("attempt-1", CancellationToken.None);
        Assert.That(detail.Problems.Single().Code, Is.EqualTo("ORC5507"));
        Assert.That(detail.Run.Metrics.Keys, Is.EqualTo(new[] { "valid/auc" }));
    }

    [Test]
    public async Task TheLatestMetricIsTheHighestStepThenTimeThenValueInAnyOrderOfArrival()
    {
        var points = new[]
        {
            Point(1, 0, 9), Point(3, 1, 2), Point(3, 2, 5), Point(3, 2, 7), Point(2, 9, 8), Point(3, 2, double.NaN),
        };
        foreach (var (order, attempt) in new[] { points, points.AsEnumerable().Reverse().ToArray(), new[] { points[3], points[0], points[5], points[1] } }.Select((order, i) => (order, $"attempt-{i}")))
        {
            await ApplyBatchAsync(Samples.Context(attempt), order);
            // One at a time as well: the statement and the batch must agree.
            foreach (var point in order)
            {
                await ApplyAsync(Samples.Context($"{attempt}-slow"), point);
            }

            Assert.That((await queries.GetRunAsync(attempt, CancellationToken.None)).Run.Metrics["m"], Is.EqualTo(7));
            Assert.That((await queries.GetRunAsync($"{attempt}-slow", CancellationToken.None)).Run.Metrics["m"], Is.EqualTo(7));
        }
    }

    [Test]
    public async Task APointLoggedTwiceIsOnePointAndOddNumbersComeBack()
    {
        double[] values = [1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1, double.NaN];
        await ApplyBatchAsync(Samples.Context(), [.. values.Select(value => Point(0, 0, value))]);

        var history = await queries.GetMetricHistoryAsync("attempt-1", "m", CancellationToken.None);

        Assert.That(history.Select(point => point.Value), Is.EquivalentTo(new[] { 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity }));
    }

    [Test]
    public async Task MetricHistory_UnknownMetric_IsRefusedWithTheNearName()
    {
        await ApplyAsync(Samples.Context(), new MetricFact { Key = "auc", Value = 1, At = Samples.Noon });

        var failure = Assert.ThrowsAsync<ActivityException>(() => queries.GetMetricHistoryAsync("attempt-1", "acu", CancellationToken.None))!.Failure;
        Assert.That((failure.Code, failure.Help), Is.EqualTo(("ORC5510", "did you mean \"auc\"?")));
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => queries.GetMetricHistoryAsync("nobody", "auc", CancellationToken.None))!.Failure.Code, Is.EqualTo("ORC5509"));
    }

    [Test]
    public async Task TrialsAreChildrenOfTheirSweep()
    {
        await ApplyAsync(Samples.Context("trial-0", mapIndex: 0), new TrackingRunFact { Experiment = "e" });
        await ApplyAsync(Samples.Context("trial-1", mapIndex: 1), new TrackingRunFact { Experiment = "e" });
        await ApplyAsync(Samples.Context("sweep"), new TrackingRunFact { Experiment = "e" });

        var children = await queries.ListRunsAsync(new TrackingRunFilter { Parent = "sweep" }, CancellationToken.None);
        Assert.That(children.Select(run => run.Id), Is.EquivalentTo(new[] { "trial-0", "trial-1" }));
    }

    [Test]
    public async Task ListRunsAsync_FiltersAndSorts()
    {
        foreach (var (id, auc, leaves) in new[] { ("a", 0.7, "15"), ("b", double.NaN, "31"), ("c", 0.9, "31"), ("d", 0.8, "63") })
        {
            await ApplyAsync(
                Samples.Context(id, id == "d" ? AttemptOutcome.Failed : AttemptOutcome.Succeeded),
                new TrackingRunFact { Experiment = "e" },
                new ParamFact { Key = "leaves", Value = JsonElement.Parse(leaves) },
                new MetricFact { Key = "auc", Value = auc, At = Samples.Noon });
        }

        await ApplyAsync(Samples.Context("none"), new TrackingRunFact { Experiment = "e" });
        var filter = new TrackingRunFilter { Experiment = "e", OrderByMetric = "auc" };

        Assert.That(await IdsAsync(filter), Is.EqualTo(new[] { "c", "d", "a", "b", "none" }));
        Assert.That(await IdsAsync(filter with { Ascending = true }), Is.EqualTo(new[] { "a", "d", "c", "b", "none" }));
        Assert.That(await IdsAsync(filter with { Metrics = [new MetricCondition("auc", MetricComparison.AtLeast, 0.8)] }), Is.EqualTo(new[] { "c", "d" }));
        Assert.That(await IdsAsync(filter with { Status = TrackingStatus.Failed }), Is.EqualTo(new[] { "d" }));
        Assert.That(await IdsAsync(filter with { Params = new Dictionary<string, string> { ["leaves"] = "31" } }), Is.EqualTo(new[] { "c", "b" }));
        Assert.That(await IdsAsync(filter with { Limit = 2, Offset = 1 }), Is.EqualTo(new[] { "d", "a" }));
        foreach (var offset in Enumerable.Range(0, 7))
        {
            Assert.That(await IdsAsync(filter with { Limit = 2, Offset = offset }), Is.EqualTo(new[] { "c", "d", "a", "b", "none" }.Skip(offset).Take(2)), $"page from {offset}");
        }

        Assert.That(await IdsAsync(new TrackingRunFilter { Pipeline = "other" }), Is.Empty);
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => IdsAsync(new TrackingRunFilter { Experiment = "f" }))!.Failure.Code, Is.EqualTo("ORC5508"));
        var experiment = (await queries.ListExperimentsAsync(CancellationToken.None)).Single();
        Assert.That((experiment.Name, experiment.RunCount, experiment.LastRunAt), Is.EqualTo(("e", 5L, (DateTimeOffset?)Samples.Noon)));
    }

    private async Task<IEnumerable<string>> IdsAsync(TrackingRunFilter filter) => (await queries.ListRunsAsync(filter, CancellationToken.None)).Select(run => run.Id);

    private static MetricFact Point(long step, int minute, double value) => new() { Key = "m", Step = step, At = Samples.Noon.AddMinutes(minute), Value = value };

    private Task ApplyAsync(FactContext context, params IFact[] facts) => home.Database.WriteAsync(
        async (session, token) =>
        {
            foreach (var fact in facts)
            {
                var (kind, json) = Store(fact);
                await Handlers[kind].ApplyAsync(session, context, json, token);
            }
        },
        CancellationToken.None);

    private Task ApplyBatchAsync(FactContext context, MetricFact[] facts) => home.Database.WriteAsync(
        (session, token) => Handlers[MetricFact.Kind].ApplyManyAsync(session, context, [.. facts.Select(OrcJson.ToElement)], token),
        CancellationToken.None);

    private static (string Kind, JsonElement Json) Store(IFact fact) => fact switch
    {
        TrackingRunFact run => (TrackingRunFact.Kind, OrcJson.ToElement(run)),
        ParamFact param => (ParamFact.Kind, OrcJson.ToElement(param)),
        MetricFact metric => (MetricFact.Kind, OrcJson.ToElement(metric)),
        TagFact tag => (TagFact.Kind, OrcJson.ToElement(tag)),
        RunArtifactFact artifact => (RunArtifactFact.Kind, OrcJson.ToElement(artifact)),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "no fact of this family"),
    };
}
