using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Runs from start to end over a real database.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class EngineTests(string dialect)
{
    [Test]
    public async Task OutputsAndParametersFlowIntoInputs()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var state = await harness.RunAsync(
            Pipeline(Task("first", "test.add", ("left", "${params.start}"), ("right", 2)), Task("second", "test.add", ("left", "${tasks.first.sum * 10}"), ("right", "${tasks.first.sum}"))),
            ("start", 1));

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(Output(state, "second", "sum").GetInt32(), Is.EqualTo(33));
    }

    [Test]
    public async Task TheSecondRunTakesOverWhatHasNotChanged()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var pipeline = Pipeline(Task("first", "test.add", ("left", 4)), Task("second", "test.add", ("left", "${params.x}"), ("right", "${tasks.first.sum}")));
        var earlier = await harness.StartAsync(pipeline, null, ("x", 1));
        await earlier.Completion;

        var state = await harness.RunAsync(pipeline, ("x", 2));

        Assert.That(state[new TaskName("first")].Word, Is.EqualTo("cached"));
        Assert.That(((Ended)state[new TaskName("first")]).ReusedFrom, Is.EqualTo(earlier.Id));
        Assert.That(state[new TaskName("second")].Word, Is.EqualTo("succeeded"));
        Assert.That(Output(state, "second", "sum").GetInt32(), Is.EqualTo(6));
    }

    [Test]
    public async Task ATaskWithoutCacheRunsEachTime()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var pipeline = Pipeline(Task("first", "test.add", ("left", 4)) with { Cache = new CachePolicy { Mode = CacheMode.Never } });
        await harness.RunAsync(pipeline);

        Assert.That((await harness.RunAsync(pipeline))[new TaskName("first")].Word, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task AFalseConditionSkipsAndSaysWithWhatValues()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var state = await harness.RunAsync(Pipeline(
            Task("first", "test.add", ("left", 1)), Task("second", "test.add", ("left", 1)) with { When = "tasks.first.sum > 5" }));

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(((Ended)state[new TaskName("second")]).Reason, Is.EqualTo("its condition is false: tasks.first.sum > 5 (tasks.first.sum = 1)"));
    }

    [Test]
    public async Task FailuresAreRetriedAndTheirFactsAreKept()
    {
        var sums = new SumKeeper();
        await using var harness = await EngineHarness.OnAsync(dialect, sums);
        var retry = new RetryPolicy { Attempts = 3, Delay = TimeSpan.FromMilliseconds(1), Jitter = Jitter.None };
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.fail", ("times", 2)) with { Retry = retry }));
        var state = await handle.Completion;

        Assert.That(Output(state, "work", "attempt").GetInt32(), Is.EqualTo(3));
        Assert.That(sums.Kept, Is.EqualTo(new[] { (-1, AttemptOutcome.Failed), (-2, AttemptOutcome.Failed), (-3, AttemptOutcome.Succeeded) }));
        var attempts = await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None);
        Assert.That(attempts.Select(attempt => attempt.Status), Is.EqualTo(new[] { "failed", "failed", "succeeded" }));
    }

    [Test]
    public async Task AMappedActivityIssuesItsItemsAndReducesThem()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var handle = await harness.StartAsync(Pipeline(Task("spread", "test.spread", ("count", 7))));
        var state = await handle.Completion;

        Assert.That(Output(state, "spread", "total").GetInt32(), Is.EqualTo(21));
        var rows = await harness.Stores.Runs.ListTasksAsync(handle.Id, CancellationToken.None);
        Assert.That(rows.Where(row => row.MapIndex is not null).Select(row => row.Label), Is.EqualTo(Enumerable.Range(0, 7).Select(index => $"number {index}")));
    }

    [Test]
    public async Task AMapRunsOncePerItemAndCollectsLists()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var state = await harness.RunAsync(Pipeline(
            Task("each", "test.add", ("left", "${item}"), ("right", "${index * 100}")) with { Map = new MapDefinition { Over = "[5, 6, 7]", Parallel = 2 } },
            Task("after", "test.add", ("left", "${tasks.each.sum[2]}"))));

        Assert.That(Output(state, "each", "sum").GetRawText(), Is.EqualTo("[5,106,207]"));
        Assert.That(Output(state, "after", "sum").GetInt32(), Is.EqualTo(207));
    }

    [Test]
    public async Task AMapOfAThousandItemsIsIssuedInPages()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var state = await harness.RunAsync(Pipeline(Task("each", "test.add", ("left", "${item}")) with { Map = new MapDefinition { Over = "Array.from({ length: 1000 }, (_, i) => i)" } }));

        Assert.That(Output(state, "each", "sum").GetArrayLength(), Is.EqualTo(1000));
    }

    [Test]
    public async Task AnInterruptedRunGoesOnWhereItStoppedAndRepeatsNothingFinished()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var marker = Path.Combine(harness.Home.Folder, "go");
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("first", "test.add", ("left", 1)), Task("second", "test.wait", ("until", marker)) with { Needs = [new TaskName("first")] }), ear);
        await ear.WaitForAsync(change => change is AttemptStarted { Task.Value: "second" });
        handle.Interrupt();
        var stopped = await handle.Completion;
        Assert.That(stopped.IsEnded, Is.False);
        await File.WriteAllTextAsync(marker, "");
        await harness.RestartAsync();

        var state = await (await harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(AddNumbers.Times[$"{handle.Id}/first"], Is.EqualTo(1));
        Assert.That(state[new TaskName("second")].Tries, Is.EqualTo(new Tries(2, 0, 0)), "an interruption uses no allowance");
    }

    [Test]
    public async Task ARequestOfAnotherProcessCancelsARun()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait"), Task("after", "test.add", ("left", 1)) with { Needs = [new TaskName("work")] }), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        await harness.Stores.Runs.AddRequestAsync(
            new RunRequest { Id = Ids.New(TimeProvider.System), RunId = handle.Id, Kind = "cancel", By = "ann", At = DateTimeOffset.UnixEpoch }, CancellationToken.None);

        Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Cancelled));
        Assert.That((await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Status, Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task ARunThatIsBeingWorkedOnCannotBeResumed()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait")), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);

        var refused = Assert.ThrowsAsync<Core.Activities.ActivityException>(() => harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None));
        Assert.That(refused?.Failure.Code, Is.EqualTo("ORC5242"));
        await handle.SendAsync(new CancelRun("test"));
        await handle.Completion;
    }

    [Test]
    public async Task AnOwnerThatLostItsRunStopsWorkingOnIt()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait")), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        var thief = new RunOwner { Id = "other/1", Host = "other", ProcessId = 1, ProcessStartedAt = DateTimeOffset.UnixEpoch };
        var mine = (await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Owner?.Id ?? "";
        var claim = await harness.Stores.Runs.ClaimAsync(
            new RunClaim { Run = handle.Id, Owner = thief, Now = DateTimeOffset.UtcNow, LeaseUntil = DateTimeOffset.UtcNow.AddMinutes(1), DeadOwners = [mine] }, CancellationToken.None);
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));

        await handle.SendAsync(new CancelRun("test")).WaitAsync(TimeSpan.FromMilliseconds(1)).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.ThrowsAsync<Runtime.Coordination.OwnershipLostException>(() => handle.Completion);
        Assert.That((await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None))?.Status, Is.EqualTo("running"), "the write of the old owner was refused");
    }

    [Test]
    public async Task StoredEventsFoldToTheStateThatWasSeenLive()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var handle = await harness.StartAsync(Pipeline(Task("spread", "test.spread", ("count", 4)), Task("after", "test.add", ("left", "${tasks.spread.total}"))));
        var state = await handle.Completion;
        var loaded = await harness.Stores.Runs.LoadAsync(handle.Id, CancellationToken.None);

        var replayed = RunFold.Replay(state.Graph, loaded!.Events.Select(Runtime.Coordination.RunEvents.Read));

        Assert.That(replayed.Status, Is.EqualTo(state.Status));
        Assert.That(replayed.Sequence, Is.EqualTo(state.Sequence));
        Assert.That(replayed.Tasks.Values.Select(task => task.Word), Is.EqualTo(state.Tasks.Values.Select(task => task.Word)));
    }

    private static JsonElement Output(RunState state, string task, string name) => state[new TaskName(task)] is Ended { Failure: null } ended
        ? ended.Outputs[name]
        : throw new AssertionException($"{task} is {state[new TaskName(task)].Word}: {(state[new TaskName(task)] as Ended)?.Failure}");
}
