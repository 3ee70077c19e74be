using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Clocks that stand, run apart, and jump.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class ClockTests(string dialect)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task AnOwnerThatSleptThroughItsLeaseChangesNothingMore()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        // A process that is stopped has a clock that stands: it renews nothing.
        await using var sleeper = harness.CreateEngine(new FakeTimeProvider(Start));
        await using var taker = harness.CreateEngine(new FakeTimeProvider(Start + EngineOwners.Lease + TimeSpan.FromSeconds(1)));
        var go = Path.Combine(harness.Home.Folder, "go");
        var ear = new Ear();
        var asleep = await harness.StartAsync(sleeper, Pipeline(Task("work", "test.wait", ("until", go))), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);
        await File.WriteAllTextAsync(go, "");

        var taken = await taker.ResumeAsync(asleep.Id, new Ear(), CancellationToken.None);
        var end = await taken.Completion.WaitAsync(Patience);
        Assert.That(end.Status, Is.EqualTo(RunStatus.Succeeded));
        Assert.That(end[new TaskName("work")].Tries, Is.EqualTo(new Tries(2, 0, 1)));

        asleep.Interrupt();
        Assert.That(async () => await asleep.Completion.WaitAsync(Patience), Throws.TypeOf<OwnershipLostException>());
        var stored = await harness.Stores.Runs.FindAsync(asleep.Id, CancellationToken.None);
        Assert.That(stored?.Sequence, Is.EqualTo(end.Sequence), "what the sleeper had to say is not stored");
        Assert.That((await harness.Stores.Runs.ListAttemptsAsync(asleep.Id, CancellationToken.None)).Select(attempt => attempt.Status), Is.EqualTo(new[] { "lost", "succeeded" }));
    }

    [Test]
    public async Task ARunThatIsHeldByALiveLeaseIsNotTaken()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        await using var owner = harness.CreateEngine(new FakeTimeProvider(Start));
        await using var other = harness.CreateEngine(new FakeTimeProvider(Start + EngineOwners.Lease - TimeSpan.FromSeconds(1)));
        var ear = new Ear();
        var run = await harness.StartAsync(owner, Pipeline(Task("work", "test.wait")), ear);
        await ear.WaitForAsync(change => change is AttemptStarted);

        Assert.That(async () => await other.ResumeAsync(run.Id, new Ear(), CancellationToken.None), Throws.Exception);
        run.Interrupt();
        await run.Completion.WaitAsync(Patience);
    }

    /// <summary>The clock of the wall goes on while timers stand: a laptop that was closed, a clock that was set.</summary>
    [Test]
    public async Task ARetryIsNotLateByTheTimeAMachineSlept()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var time = new FakeTimeProvider(Start);
        await using var engine = harness.CreateEngine(time);
        var waits = new WaitsForRetry();
        var run = await harness.StartAsync(engine, FailsOnce(), waits);
        await waits.Waiting.WaitAsync(Patience);

        time.AdjustTime(Start + TimeSpan.FromHours(2));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.That((await run.Completion.WaitAsync(Patience)).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [Test]
    public async Task AClockThatIsSetBackDelaysARetryAndLosesNothing()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var time = new FakeTimeProvider(Start);
        await using var engine = harness.CreateEngine(time);
        var waits = new WaitsForRetry();
        var run = await harness.StartAsync(engine, FailsOnce(), waits);
        await waits.Waiting.WaitAsync(Patience);

        time.AdjustTime(Start - TimeSpan.FromHours(1));
        for (var minutes = 0; minutes < 300 && !run.Completion.IsCompleted; minutes++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await System.Threading.Tasks.Task.WhenAny(run.Completion, System.Threading.Tasks.Task.Delay(20));
        }

        Assert.That((await run.Completion.WaitAsync(Patience)).Status, Is.EqualTo(RunStatus.Succeeded));
    }

    private static PipelineDefinition FailsOnce() => Pipeline(Task("work", "test.fail", ("times", 1)) with
    {
        Retry = new RetryPolicy { Attempts = 2, Delay = TimeSpan.FromHours(1), Max = TimeSpan.FromHours(1), Jitter = Jitter.None },
    });

    /// <summary>Tells when the run has nothing to do but to wait for a time.</summary>
    private sealed class WaitsForRetry : IRunListener
    {
        private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => waiting.Task;

        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
        }

        public void OnWaiting(RunState state, bool looking)
        {
            if (state[new TaskName("work")] is Backoff)
            {
                waiting.TrySetResult();
            }
        }

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }
    }
}
