using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using static Orchestrator.Runtime.Tests.Coordination.EngineHarness;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>Limits of time over a real database and real work.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class TimeTests(string dialect)
{
    private static readonly TaskName Work = new("work");

    [Test]
    public async Task ARunThatTakesTooLongIsStoppedAndSaysWhy()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait")) with { Timeout = TimeSpan.FromMilliseconds(50) });

        Assert.That((await handle.Completion).Status, Is.EqualTo(RunStatus.Failed));
        var run = await harness.Stores.Runs.FindAsync(handle.Id, CancellationToken.None);
        Assert.That((run?.Status, run?.Failure?.Code), Is.EqualTo(("failed", "ORC5251")));
        Assert.That((await harness.Stores.Runs.ListOutboxAsync(10, CancellationToken.None)).Select(message => message.Kind), Is.EqualTo(new[] { "run.late", "run.failed" }));
    }

    [Test]
    public async Task AnAttemptThatSaysNothingIsLostAndTriedAgain()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.wait") with { Heartbeat = TimeSpan.FromMilliseconds(40), Retry = RetryPolicy.None with { Losses = 1 } }));
        var state = await handle.Completion;

        Assert.That(((Ended)state[Work]).Failure?.Code, Is.EqualTo("ORC5233"));
        Assert.That(state[Work].Tries, Is.EqualTo(new Tries(2, 0, 2)));
        Assert.That((await harness.Stores.Runs.ListAttemptsAsync(handle.Id, CancellationToken.None)).Select(attempt => attempt.Status), Is.EqualTo(new[] { "lost", "lost" }));
    }

    [Test]
    public async Task AnAttemptThatTalksLivesLongerThanItsHeartbeat()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var state = await harness.RunAsync(Pipeline(Task("work", "test.talk", ("times", 200)) with { Heartbeat = TimeSpan.FromSeconds(3) }));

        Assert.That(state[Work].Word, Is.EqualTo("succeeded"));
    }

    [Test]
    public async Task ABackoffGoesOnAfterARestartWhereItWas()
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var retry = new RetryPolicy { Attempts = 2, Delay = TimeSpan.FromMinutes(20), Max = TimeSpan.FromHours(1), Jitter = Jitter.None };
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.fail", ("times", 1)) with { Retry = retry }), ear);
        await ear.WaitForAsync(change => change is RetryScheduled);
        handle.Interrupt();
        Assert.That((await handle.Completion)[Work], Is.TypeOf<Backoff>());
        await harness.RestartAsync(TimeSpan.FromMinutes(21));

        var state = await (await harness.Engine.ResumeAsync(handle.Id, new Ear(), CancellationToken.None)).Completion;

        Assert.That(state[Work].Tries, Is.EqualTo(new Tries(2, 1, 0)));
        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded));
    }

    [TestCase(+3)]
    [TestCase(-3)]
    public async Task AClockThatIsSetWhileARunWaitsIsNoticedAndHarmsNothing(int hours)
    {
        await using var harness = await EngineHarness.OnAsync(dialect, new SumKeeper());
        var ear = new Ear();
        var retry = new RetryPolicy { Attempts = 2, Delay = TimeSpan.FromMilliseconds(300), Jitter = Jitter.None };
        var handle = await harness.StartAsync(Pipeline(Task("work", "test.fail", ("times", 1)) with { Retry = retry }) with { Timeout = TimeSpan.FromHours(1) }, ear);
        await ear.WaitForAsync(change => change is RetryScheduled);
        harness.Clock.Set(TimeSpan.FromHours(hours));

        var state = await handle.Completion;

        Assert.That(state.Status, Is.EqualTo(RunStatus.Succeeded), "a timeout of an hour is not over because the clock was moved by three");
        var moved = (await harness.Stores.Runs.LoadAsync(handle.Id, CancellationToken.None))!.Events.Select(RunEvents.Read).OfType<ClockMoved>().Single();
        Assert.That(TimeSpan.FromMilliseconds(moved.Milliseconds).TotalHours, Is.EqualTo(hours).Within(0.01));
    }

    [Test]
    public void ClockWatch_TimeThatPasses_IsNoMove()
    {
        var clock = new MovableClock();
        var watch = new ClockWatch(clock);
        clock.Set(ClockWatch.Tolerance / 2);
        Assert.That(watch.Ask(), Is.EqualTo(TimeSpan.Zero));
        clock.Set(TimeSpan.FromDays(-1));
        Assert.That(watch.Ask().TotalDays, Is.EqualTo(-1).Within(0.01));
        Assert.That(watch.Ask(), Is.EqualTo(TimeSpan.Zero), "a move is told once");
    }
}

/// <summary>The system's clock, with a time of day that a test may set.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long offset;

    public void Set(TimeSpan ahead) => Volatile.Write(ref offset, ahead.Ticks);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref offset));
}
