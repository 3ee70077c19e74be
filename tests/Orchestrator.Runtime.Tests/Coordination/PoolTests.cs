using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Pools: slots that attempts of all runs share.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class PoolTests(string dialect)
{
    private EngineHarness harness = null!;

    [SetUp]
    public async Task StartAsync() => harness = await EngineHarness.OnAsync(dialect, new SumKeeper());

    [TearDown]
    public async Task EndAsync() => await harness.DisposeAsync();

    [Test]
    public async Task NeverMoreAttemptsOfAllRunsGoOnThanTheirPoolHasSlots()
    {
        await harness.Stores.Pools.SetAsync("narrow", 3, CancellationToken.None);
        var pipeline = Pipeline([.. Enumerable.Range(0, 20).Select(i => Task($"t{i}", "test.gauge", ("name", "narrow")) with { Pool = "narrow" })]);

        var handles = new[] { await harness.StartAsync(pipeline), await harness.StartAsync(pipeline) };

        foreach (var handle in handles)
        {
            Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        }

        Assert.That(Gauge.Most("narrow"), Is.InRange(1, 3));
        Assert.That((await harness.Stores.Pools.ListAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Single().Used, Is.Zero);
    }

    [Test]
    public async Task WhatNeedsNoSlotDoesNotWaitBehindWhatDoes()
    {
        await harness.Stores.Pools.SetAsync("closed", 1, CancellationToken.None);
        var ear = new Ear();
        var run = await harness.StartAsync(
            Pipeline(
                Task("holds", "test.wait") with { Pool = "closed", Priority = 9 },
                Task("waits", "test.add", ("left", 1)) with { Pool = "closed", Priority = 5, Cache = NoCache },
                Task("free", "test.add", ("left", 2)) with { Cache = NoCache }),
            ear);

        Assert.That(await ear.WaitForAsync(change => change is AttemptSucceeded { Task.Value: "free" }), Is.True);
        var state = await StateAsync(run.Id);
        Assert.That(state[new TaskName("waits")].Word, Is.EqualTo("ready"));
        Assert.That(WaitReasons.Of(state).Single(reason => reason.Task.Value == "waits").Kind, Is.EqualTo(WaitKind.Pool));

        await run.SendAsync(new CancelTask(new TaskName("holds"), "somebody"));
        Assert.That(((Ended)(await run.Completion)[new TaskName("waits")]).Outcome, Is.EqualTo(TaskOutcome.Succeeded), "the cancelled attempt gave its slot back");
    }

    [Test]
    public async Task AnAttemptTakesAsManySlotsAsItsTaskSays()
    {
        await harness.Stores.Pools.SetAsync("memory", 4, CancellationToken.None);
        var counter = new SlotCounter();
        var pipeline = Pipeline([.. Enumerable.Range(0, 6).Select(i => Task($"t{i}", "test.add", ("left", i)) with { Pool = "memory", PoolSlots = 3 })]);

        Assert.That((await (await harness.StartAsync(pipeline, counter)).Completion).Status, Is.EqualTo(RunStatus.Succeeded));

        Assert.That(counter.Most, Is.EqualTo(1));
    }

    [Test]
    public async Task OneThatWantsMoreThanIsFreeHoldsNobodyBack()
    {
        await harness.Stores.Pools.SetAsync("memory", 4, CancellationToken.None);
        var ear = new Ear();
        var run = await harness.StartAsync(LargeBetweenOthers, ear);

        Assert.That(await ear.WaitForAsync(change => change is AttemptSucceeded { Task.Value: "small" }), Is.True, "it passed the large one");
        Assert.That((await StateAsync(run.Id))[new TaskName("large")].Word, Is.EqualTo("ready"));

        await run.SendAsync(new CancelTask(new TaskName("holds"), "somebody"));
        Assert.That(((Ended)(await run.Completion)[new TaskName("large")]).Outcome, Is.EqualTo(TaskOutcome.Succeeded));
    }

    [Test]
    public async Task NobodyPassesOneThatHasWaitedTooLong()
    {
        await harness.Stores.Pools.SetAsync("memory", 4, CancellationToken.None);
        await using var engine = harness.CreateEngine(places: new LanePlaceOptions { PoolPatience = TimeSpan.Zero });
        var (ear, otherEar) = (new Ear(), new Ear());
        var run = await harness.StartAsync(engine, LargeBetweenOthers, ear);
        Assert.That(await ear.WaitForAsync(change => change is AttemptStarted { Task.Value: "holds" }), Is.True);
        var other = await harness.StartAsync(engine, Pipeline(Task("other", "test.add", ("left", 4)) with { Pool = "memory" }), otherEar);
        Assert.That(await otherEar.WaitForAsync(change => change is TaskPrepared), Is.True);

        Assert.That((await StateAsync(run.Id))[new TaskName("small")].Word, Is.EqualTo("ready"), "in its own run");
        Assert.That((await StateAsync(other.Id))[new TaskName("other")].Word, Is.EqualTo("ready"), "in another run");

        await run.SendAsync(new CancelTask(new TaskName("holds"), "somebody"));
        var ended = await run.Completion;
        Assert.That(new[] { "large", "small" }.Select(name => ((Ended)ended[new TaskName(name)]).Outcome), Is.All.EqualTo(TaskOutcome.Succeeded));
        Assert.That((await other.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    /// <summary>What waits for slots does not start, so it takes nothing of the run's own limit.</summary>
    [Test]
    public async Task WithOneAtATimeWhatWaitsForSlotsHoldsNobodyBack()
    {
        await harness.Stores.Pools.SetAsync("memory", 4, CancellationToken.None);
        var held = new Ear();
        var holder = await harness.StartAsync(Pipeline(Task("holds", "test.wait") with { Pool = "memory", PoolSlots = 2 }), held);
        Assert.That(await held.WaitForAsync(change => change is AttemptStarted), Is.True);
        var (small, free) = (new Ear(), new Ear());
        var pipeline = Pipeline(
            Task("large", "test.add", ("left", 1)) with { Pool = "memory", PoolSlots = 4, Priority = 5, Cache = NoCache },
            Task("small", "test.add", ("left", 2)) with { Pool = "memory", Cache = NoCache },
            Task("free", "test.add", ("left", 3)) with { Cache = NoCache }) with { Parallel = 1 };
        var run = await harness.StartAsync(pipeline, small);
        var other = await harness.StartAsync(pipeline, free);

        Assert.That(await small.WaitForAsync(change => change is AttemptSucceeded { Task.Value: "small" }), Is.True, "it wants less than is free");
        Assert.That(await free.WaitForAsync(change => change is AttemptSucceeded { Task.Value: "free" }), Is.True, "it wants no slot");
        Assert.That((await StateAsync(run.Id))[new TaskName("large")].Word, Is.EqualTo("ready"));

        await holder.SendAsync(new CancelRun("somebody"));
        Assert.That((await run.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That((await other.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    /// <summary>Whoever took a slot last stands at the end of the line: also when its run has a hundred tasks ready, and in whichever engine it is.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public async Task RunsTakeTurnsInAFullPool(bool inTwoEngines)
    {
        await harness.Stores.Pools.SetAsync("narrow", 1, CancellationToken.None);
        await using var one = harness.CreateEngine();
        await using var two = harness.CreateEngine();
        var (ear, otherEar) = (new Ear(), new Ear());
        var large = await harness.StartAsync(one, Pipeline([.. Enumerable.Range(0, 200).Select(i => Task($"t{i}", "test.add", ("left", i)) with { Pool = "narrow", Cache = NoCache })]), ear);
        Assert.That(await ear.WaitForAsync(change => change is AttemptSucceeded), Is.True);

        var small = await harness.StartAsync(
            inTwoEngines ? two : one,
            Pipeline(
                Task("a", "test.add", ("left", 1)) with { Pool = "narrow", Cache = NoCache },
                Task("b", "test.add", ("left", 2)) with { Pool = "narrow", Cache = NoCache, Needs = [new TaskName("a")] }),
            otherEar);
        Assert.That((await small.Completion).Status, Is.EqualTo(RunStatus.Succeeded));

        Assert.That((await StateAsync(large.Id)).IsEnded, Is.False, "the small run did not wait for all of the large one");
        Assert.That((await large.Completion).Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That((await harness.Stores.Pools.LookAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Line, Is.Empty, "nobody stands in line who has ended");
    }

    /// <summary>In strict turns: by the order in which starts were stored, which no busy machine changes.</summary>
    [Test]
    public async Task ThreeRunsOnOneSlotStartOneAfterTheOther()
    {
        await harness.Stores.Pools.SetAsync("narrow", 1, CancellationToken.None);
        await using var engine = harness.CreateEngine();
        // Held until all three stand in line.
        var (held, ears) = (new Ear(), new[] { new Ear(), new Ear(), new Ear() });
        var holder = await harness.StartAsync(engine, Pipeline(Task("holds", "test.wait") with { Pool = "narrow" }), held);
        Assert.That(await held.WaitForAsync(change => change is AttemptStarted), Is.True);
        var runs = new List<RunHandle>();
        foreach (var ear in ears)
        {
            runs.Add(await harness.StartAsync(engine, Pipeline([.. Enumerable.Range(0, 8).Select(i => Task($"t{i}", "test.add", ("left", i)) with { Pool = "narrow", Cache = NoCache })]), ear));
        }

        while ((await harness.Stores.Pools.LookAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Line.Count < 3)
        {
            await System.Threading.Tasks.Task.Yield();
        }

        await holder.SendAsync(new CancelRun("ann"));
        var starts = new List<(string Attempt, int Run)>();
        for (var run = 0; run < runs.Count; run++)
        {
            Assert.That((await runs[run].Completion).Status, Is.EqualTo(RunStatus.Succeeded));
            var events = (await harness.Stores.Runs.LoadAsync(runs[run].Id, CancellationToken.None))!.Events.Select(Runtime.Coordination.RunEvents.Read).OfType<AttemptStarted>();
            starts.AddRange(events.Select(start => (start.Attempt.Value, run)));
        }

        // Ids of attempts are in the order in which they were made.
        var order = starts.OrderBy(start => start.Attempt, StringComparer.Ordinal).Select(start => start.Run).ToArray();
        Assert.That(order.Chunk(3).Select(turn => turn.Distinct().Count()), Is.All.EqualTo(3), string.Concat(order));
    }

    private static PipelineDefinition LargeBetweenOthers => Pipeline(
        Task("holds", "test.wait") with { Pool = "memory", PoolSlots = 2, Priority = 9 },
        Task("large", "test.add", ("left", 1)) with { Pool = "memory", PoolSlots = 4, Priority = 5, Cache = NoCache },
        Task("small", "test.add", ("left", 2)) with { Pool = "memory", Cache = NoCache });

    /// <summary>No earlier result is looked up, which takes as long as it takes: so all are ready in the same turn.</summary>
    private static CachePolicy NoCache => new() { Mode = CacheMode.Never };

    [Test]
    public async Task AFailedAttemptGivesItsSlotBackBeforeItsRetry()
    {
        await harness.Stores.Pools.SetAsync("one", 1, CancellationToken.None);
        var pipeline = Pipeline(
            Task("fails", "test.fail", ("times", 2)) with { Pool = "one", Retry = new RetryPolicy { Attempts = 3, Delay = TimeSpan.FromMilliseconds(1) } },
            Task("other", "test.add", ("left", 1)) with { Pool = "one" });

        Assert.That((await harness.RunAsync(pipeline)).Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That((await harness.Stores.Pools.ListAsync(DateTimeOffset.UtcNow, CancellationToken.None)).Single().Used, Is.Zero);
    }

    [Test]
    public async Task ARunThatCouldNeverStartIsRefused()
    {
        await harness.Stores.Pools.SetAsync("small", 1, CancellationToken.None);
        var missing = Assert.ThrowsAsync<ActivityException>(() => harness.RunAsync(Pipeline(Task("a", "test.add", ("left", 1)) with { Pool = "none" })))!.Failure;
        var large = Assert.ThrowsAsync<ActivityException>(() => harness.RunAsync(Pipeline(Task("a", "test.add", ("left", 1)) with { Pool = "small", PoolSlots = 2 })))!.Failure;

        Assert.That((missing.Code, missing.Help), Is.EqualTo(("ORC5246", "orc pools set none 1")));
        Assert.That(large.Message, Is.EqualTo("task \"a\" takes 2 slots of pool \"small\", which has 1"));
    }

    private async Task<RunState> StateAsync(RunId run)
    {
        var loaded = (await harness.Stores.Runs.LoadAsync(run, CancellationToken.None))!;
        return RunFold.Replay(new Core.Graph.PipelineGraph(Dsl.DefinitionReader.Load(loaded.Definition.Json)), loaded.Events.Select(Runtime.Coordination.RunEvents.Read));
    }

    /// <summary>Counts attempts under way of one run, by what was committed.</summary>
    private sealed class SlotCounter : Runtime.Coordination.IRunListener
    {
        private readonly Lock gate = new();
        private int now;

        public int Most { get; private set; }

        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
            lock (gate)
            {
                // Ends first: one commit frees slots before it takes others.
                now -= events.Count(change => change is AttemptSucceeded or AttemptFailed);
                now += events.Count(change => change is AttemptStarted);
                Most = Math.Max(Most, now);
            }
        }

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }
    }
}
