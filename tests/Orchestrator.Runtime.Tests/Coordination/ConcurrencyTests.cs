using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Runs that must not all go on at once, over a real database and, where it says so, two engines as two processes would have them.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class ConcurrencyTests(string dialect)
{
    private EngineHarness harness = null!;

    [SetUp]
    public async Task StartAsync() => harness = await EngineHarness.OnAsync(dialect, new SumKeeper());

    [TearDown]
    public async Task EndAsync() => await harness.DisposeAsync();

    [Test]
    public async Task TwoEnginesNeverLetInMoreThanMayAndLoseNoneAndKeepTheOrder()
    {
        await using var another = harness.CreateEngine();
        var pipeline = Pipeline(Task("work", "test.gauge", ("name", "runs"))) with { Concurrency = new ConcurrencyDefinition { Limit = 2 } };
        var counter = new RunCounter();
        var handles = new List<RunHandle>();
        for (var i = 0; i < 20; i++)
        {
            handles.Add(await harness.StartAsync(i % 2 == 0 ? harness.Engine : another, pipeline, counter.Of(i)));
        }

        foreach (var handle in handles)
        {
            Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        }

        Assert.That(Gauge.Most("runs"), Is.InRange(1, 2));
        Assert.That(counter.Admitted.Count, Is.EqualTo(20));
        // Two go on at once and are told on threads of their own, so neighbours may be told in either order.
        Assert.That(counter.Admitted.Select((run, place) => Math.Abs(run - place)).Max(), Is.LessThanOrEqualTo(1), string.Join(' ', counter.Admitted));
        Assert.That(await harness.Stores.Concurrency.ListAsync("pipeline:test", CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task AKeyIsWorkedOutOnceFromTheParameters()
    {
        var pipeline = Waiting(Overlap.QueueAll) with { Concurrency = new ConcurrencyDefinition { Key = "${params.region}-${run.pipeline}" } };
        var eu = await HeldAsync(pipeline, ("region", "eu"));
        var us = await HeldAsync(pipeline, ("region", "us"));
        var second = await harness.StartAsync(pipeline, null, ("region", "eu"));

        Assert.That((await StateAsync(second.Id)).Queued?.Key.Name, Is.EqualTo("pipeline:test:eu-test"));
        foreach (var run in new[] { second, eu, us })
        {
            await run.SendAsync(new CancelRun("ann"));
            Assert.That((await run.Completion).Status, Is.EqualTo(RunStatus.Cancelled));
        }
    }

    [TestCase("${params.region}", null)]
    [TestCase("${params.region}", "")]
    [TestCase("${[params.region]}", "eu")]
    public void AKeyThatIsNoKeyIsRefusedBeforeTheRunIsAccepted(string key, string? region)
    {
        var pipeline = Waiting(Overlap.QueueAll) with { Concurrency = new ConcurrencyDefinition { Key = key } };

        var failure = Assert.ThrowsAsync<ActivityException>(() => harness.StartAsync(pipeline, null, ("region", region!)))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5248"));
        Assert.That(failure.Message, Does.StartWith($"the concurrency key {key} is "));
    }

    [Test]
    public async Task AScopeOfTheHomeIsSharedByAllPipelines()
    {
        var held = await HeldAsync(Waiting(Overlap.QueueAll) with { Concurrency = new ConcurrencyDefinition { Key = "gpu", Scope = ConcurrencyScope.Home } });
        var other = await harness.StartAsync(Adding(limit: 1) with { Name = "other", Concurrency = new ConcurrencyDefinition { Key = "gpu", Scope = ConcurrencyScope.Home } });

        Assert.That((await StateAsync(other.Id)).Status, Is.EqualTo(RunStatus.Queued));
        await held.SendAsync(new CancelRun("ann"));
        Assert.That((await other.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task ASkippedRunIsRecordedWithTheRunThatWasInItsWay()
    {
        var held = await HeldAsync(Waiting(Overlap.Skip));

        var skipped = await (await harness.StartAsync(Waiting(Overlap.Skip))).Completion;

        Assert.That(skipped.Status, Is.EqualTo(RunStatus.Skipped));
        Assert.That(skipped.Skipped, Is.EqualTo($"not started: concurrency key \"test\" was held by run {held.Id}"));
        var rows = await harness.Stores.Runs.ListAsync(new RunFilter { Statuses = ["skipped"] }, CancellationToken.None);
        Assert.That(rows.Single().EndedAt, Is.Not.Null);
        await held.SendAsync(new CancelRun("ann"));
        await held.Completion;
    }

    [Test]
    public async Task OfThoseThatWaitTheNewestStays()
    {
        var held = await HeldAsync(Waiting(Overlap.QueueOne));
        var second = await harness.StartAsync(Waiting(Overlap.QueueOne));
        var ear = new Ear();
        var third = await harness.StartAsync(Waiting(Overlap.QueueOne), ear);

        var replaced = await second.Completion;
        Assert.That(replaced.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(((Ended)replaced[new TaskName("wait")]).Reason, Is.EqualTo($"the run was cancelled by run {third.Id}: it is newer and has the same concurrency key \"test\""));
        await held.SendAsync(new CancelRun("ann"));
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted), Is.True);
        await third.SendAsync(new CancelRun("ann"));
        await held.Completion;
        await third.Completion;
    }

    [TestCase(Overlap.CancelOther, TaskOutcome.Succeeded)]
    [TestCase(Overlap.TerminateOther, TaskOutcome.Cancelled)]
    public async Task TheOldestMakesRoomAndTheNewOneStartsWhenItHasEnded(Overlap overlap, TaskOutcome cleanUp)
    {
        var pipeline = Waiting(overlap);
        pipeline = pipeline with { Tasks = [.. pipeline.Tasks, Task("clean", "test.add", ("left", 1)) with { OnExit = true }] };
        var held = await HeldAsync(pipeline);
        var ear = new Ear();

        var second = await harness.StartAsync(pipeline, ear);

        var ended = await held.Completion;
        Assert.That(ended.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(((Ended)ended[new TaskName("clean")]).Outcome, Is.EqualTo(cleanUp));
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted), Is.True);
        await second.SendAsync(new CancelRun("ann"));
        await second.Completion;
    }

    [Test]
    public async Task OfSeveralTheOldestMakesRoomAndTheOthersGoOn()
    {
        var three = Waiting(Overlap.CancelOther);
        three = three with { Concurrency = three.Concurrency! with { Limit = 3 } };
        var runs = new List<RunHandle>();
        for (var run = 0; run < 4; run++)
        {
            runs.Add(await HeldAsync(three));
        }

        Assert.That((await runs[0].Completion).Status, Is.EqualTo(RunStatus.Cancelled), "the oldest");
        Assert.That((await harness.Stores.Concurrency.ListAsync("pipeline:test", CancellationToken.None)).Select(hold => hold.RunId), Is.EqualTo(runs.Skip(1).Select(run => run.Id)));

        // A definition with less room leaves the newest as many places as it has.
        var last = await HeldAsync(three with { Concurrency = three.Concurrency with { Limit = 2 } });
        Assert.That((await runs[1].Completion).Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That((await runs[2].Completion).Status, Is.EqualTo(RunStatus.Cancelled));
        foreach (var run in new[] { runs[3], last })
        {
            await run.SendAsync(new CancelRun("ann"));
            await run.Completion;
        }
    }

    [Test]
    public async Task AnOldestThatNobodyWorksOnIsEndedByTheProcessThatWaits()
    {
        var held = await HeldAsync(Waiting(Overlap.CancelOther));
        held.Interrupt();
        Assert.That((await held.Completion).IsEnded, Is.False);
        var ear = new Ear();

        var second = await harness.StartAsync(Waiting(Overlap.CancelOther), ear);

        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted), Is.True);
        Assert.That((await StateAsync(held.Id)).Status, Is.EqualTo(RunStatus.Cancelled));
        await second.SendAsync(new CancelRun("ann"));
        await second.Completion;
    }

    [Test]
    public async Task WithAllowARunStartsBesideTheOthers()
    {
        var held = await HeldAsync(Waiting(Overlap.Allow));
        var second = await HeldAsync(Waiting(Overlap.Allow));

        foreach (var run in new[] { held, second })
        {
            await run.SendAsync(new CancelRun("ann"));
            await run.Completion;
        }
    }

    [Test]
    public async Task AQueuedRunThatWasLeftBlocksNobodyAndGoesOnWhenItIsResumed()
    {
        var held = await HeldAsync(Waiting(Overlap.QueueAll));
        var left = await harness.StartAsync(Adding(1));
        left.Interrupt();
        Assert.That((await left.Completion).Status, Is.EqualTo(RunStatus.Queued));
        var third = await harness.StartAsync(Adding(1));

        await held.SendAsync(new CancelRun("ann"));

        Assert.That((await third.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        var resumed = await harness.Engine.ResumeAsync(left.Id, new Ear(), CancellationToken.None);
        Assert.That((await resumed.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task WhatWasAskedOfAQueuedRunThatNobodyWorksOnIsDoneBeforeItStarts()
    {
        var held = await HeldAsync(Waiting(Overlap.QueueAll));
        var left = await harness.StartAsync(Adding(1));
        left.Interrupt();
        await left.Completion;
        await held.SendAsync(new CancelRun("ann"));
        await held.Completion;
        await harness.Stores.Runs.AddRequestAsync(new RunRequest { Id = "1", RunId = left.Id, Kind = "cancel", By = "ann", At = DateTimeOffset.UtcNow }, CancellationToken.None);

        var ended = await (await harness.Engine.ResumeAsync(left.Id, new Ear(), CancellationToken.None)).Completion;

        Assert.That(ended.Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That(ended[new TaskName("add")].Tries.Attempts, Is.Zero);
    }

    private static PipelineDefinition Waiting(Overlap overlap) => Pipeline(Task("wait", "test.wait")) with { Concurrency = new ConcurrencyDefinition { Overlap = overlap } };

    private static PipelineDefinition Adding(int limit) =>
        Pipeline(Task("add", "test.add", ("left", 1)) with { Cache = new CachePolicy { Mode = CacheMode.Never } }) with { Concurrency = new ConcurrencyDefinition { Limit = limit } };

    /// <summary>A run that goes on until it is cancelled.</summary>
    private async Task<RunHandle> HeldAsync(PipelineDefinition pipeline, params (string Name, object Value)[] parameters)
    {
        var ear = new Ear();
        var run = await harness.StartAsync(pipeline, ear, parameters);
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted), Is.True);
        return run;
    }

    private async Task<RunState> StateAsync(RunId run)
    {
        var loaded = (await harness.Stores.Runs.LoadAsync(run, CancellationToken.None))!;
        return RunFold.Replay(new Core.Graph.PipelineGraph(Dsl.DefinitionReader.Load(loaded.Definition.Json)), loaded.Events.Select(RunEvents.Read));
    }

    /// <summary>Hears in which order runs are let in.</summary>
    private sealed class RunCounter
    {
        private readonly Lock gate = new();

        public List<int> Admitted { get; } = [];

        public IRunListener Of(int run) => new Side(this, run);

        private sealed class Side(RunCounter counter, int run) : IRunListener
        {
            public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
            {
                lock (counter.gate)
                {
                    if (events.Any(change => change is RunAdmitted))
                    {
                        counter.Admitted.Add(run);
                    }
                }
            }

            public void OnProgress(TaskKey key, double? fraction, string? message)
            {
            }
        }
    }
}
