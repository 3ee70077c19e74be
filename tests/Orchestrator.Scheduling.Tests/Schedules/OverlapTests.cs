using Orchestrator.Core.Definitions;
using Orchestrator.Scheduling.Tests.Hosting;

namespace Orchestrator.Scheduling.Tests.Schedules;

/// <summary>What becomes of a tick while an earlier run of its trigger goes on.</summary>
public sealed class OverlapTests
{
    private SchedulerHome home = null!;
    private AcceptingStarter starter = null!;
    private SchedulerCore core = null!;

    [SetUp]
    public async Task SetUp()
    {
        home = await SchedulerHome.CreateAsync();
        starter = new AcceptingStarter(home.Stores, home.Clock);
        core = home.Core(starter);
    }

    [TearDown]
    public async Task TearDown() => await home.DisposeAsync();

    private async Task RegisterAsync(Overlap overlap, Missed missed = Missed.RunLatest) =>
        await home.RegisterAsync("hourly", new IntervalTrigger { Every = TimeSpan.FromHours(1), Overlap = overlap, Missed = missed });

    private async Task HourAsync(int hours = 1)
    {
        for (var i = 0; i < hours; i++)
        {
            home.Clock.Advance(TimeSpan.FromHours(1));
            await core.SweepAsync(CancellationToken.None);
        }
    }

    private async Task EndOldestAsync()
    {
        await starter.EndAsync((await home.RunsAsync()).First(run => run.EndedAt is null).Id);
        await core.SweepAsync(CancellationToken.None);
    }

    [Test]
    public async Task Skip()
    {
        await RegisterAsync(Overlap.Skip);
        await HourAsync(2);
        await EndOldestAsync();
        await HourAsync();

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 skipped", "03:00 started" }));
        Assert.That((await home.AllTicksAsync("hourly"))[1].Reason, Is.EqualTo($"run {(await home.RunsAsync())[0].Id} goes on"));
    }

    [Test]
    public async Task SkipDoesNotSkipWhatIsMadeUpFor()
    {
        await RegisterAsync(Overlap.Skip, Missed.RunAll);
        home.Clock.Advance(TimeSpan.FromMinutes(130));
        await core.SweepAsync(CancellationToken.None);
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 queued" }));

        await EndOldestAsync();
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started" }));
    }

    [Test]
    public async Task QueueAll()
    {
        await RegisterAsync(Overlap.QueueAll);
        await HourAsync(3);
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 queued", "03:00 queued" }));

        await EndOldestAsync();
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started", "03:00 queued" }));
        await EndOldestAsync();
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started", "03:00 started" }));
    }

    [Test]
    public async Task QueueOne()
    {
        await RegisterAsync(Overlap.QueueOne);
        await HourAsync(3);
        await EndOldestAsync();

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 skipped", "03:00 started" }));
    }

    [TestCase(Overlap.CancelOther, "cancel")]
    [TestCase(Overlap.TerminateOther, "terminate")]
    public async Task TheOtherIsAskedToEnd(Overlap overlap, string request)
    {
        await RegisterAsync(overlap);
        await HourAsync(2);
        await core.SweepAsync(CancellationToken.None);
        var first = (await home.RunsAsync()).Single();

        Assert.That((await home.Stores.Runs.ListRequestsOfRunAsync(first.Id, CancellationToken.None)).Select(one => $"{one.Kind} by {one.By}"), Is.EqualTo(new[] { $"{request} by trigger hourly/schedule" }), "once");
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 queued" }));
        await EndOldestAsync();
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started" }));
    }

    [Test]
    public async Task ARunThatNobodyWorksOnIsTakenUpToEnd()
    {
        await RegisterAsync(Overlap.CancelOther);
        await HourAsync();
        var first = (await home.RunsAsync()).Single();
        await home.Stores.Runs.ReleaseAsync(first.Id, 1, CancellationToken.None);
        await HourAsync();

        Assert.That(starter.TakenUp, Is.EqualTo(new[] { first.Id }));
    }

    [Test]
    public async Task Allow()
    {
        await RegisterAsync(Overlap.Allow);
        await HourAsync(3);

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started", "03:00 started" }));
    }

    [Test]
    public async Task AQueueSurvivesARestart()
    {
        await RegisterAsync(Overlap.QueueAll);
        await HourAsync(2);
        core = home.Core(starter);
        await EndOldestAsync();

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started" }));
    }
}
