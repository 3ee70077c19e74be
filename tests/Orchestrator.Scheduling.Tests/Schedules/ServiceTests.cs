using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Tests.Hosting;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Tests.Schedules;

/// <summary>The service as a server starts it: alarms, a real engine, and nobody who asks it to look.</summary>
public sealed class ServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Lets the clock go on in small steps until something is true. Alarms are set beside the test, so one large step could pass them before they are set.</summary>
    private static async Task UntilAsync(SchedulerHome home, string what, Func<Task<bool>> isTrue, int stepInSeconds = 1)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            Assert.That(TimeProvider.System.GetElapsedTime(since), Is.LessThan(Patience), $"waiting for: {what}");
            home.Clock.Advance(TimeSpan.FromSeconds(stepInSeconds));
            await Task.Delay(1);
        }
    }

    [Test]
    public async Task AScheduleStartsRunsThatTheEngineWorksOn()
    {
        await using var home = await SchedulerHome.CreateAsync();
        await using var starter = home.EngineStarter();
        await using var service = await SchedulerService.StartAsync(home.Parts(starter), CancellationToken.None);
        await home.RegisterAsync("minutely", new IntervalTrigger { Every = TimeSpan.FromMinutes(1), Overlap = Overlap.QueueAll });

        await UntilAsync(home, "three runs that succeeded", async () => (await home.RunsAsync()).Count(run => run.Status == "succeeded") >= 3);
        var ticks = (await home.AllTicksAsync("minutely")).Where(tick => tick.Decision == "started").ToArray();
        Assert.That(ticks.Select(tick => tick.RunId).Distinct().Count(), Is.EqualTo(ticks.Length));
        Assert.That(ticks.Zip(ticks.Skip(1)).All(pair => pair.Second.LogicalDate - pair.First.LogicalDate == TimeSpan.FromMinutes(1)), "no time is left out");
    }

    [Test]
    public async Task WhatWaitsForARunStartsWhenItHasEnded()
    {
        await using var home = await SchedulerHome.CreateAsync();
        var starter = new AcceptingStarter(home.Stores, home.Clock);
        await home.RegisterAsync("hourly", new IntervalTrigger { Every = TimeSpan.FromHours(1), Overlap = Overlap.QueueAll });
        home.Clock.Advance(TimeSpan.FromHours(1));
        await using var service = await SchedulerService.StartAsync(home.Parts(starter) with { SweepEvery = TimeSpan.FromDays(10) }, CancellationToken.None);
        await UntilAsync(home, "the second tick waits", async () => (await home.TicksAsync("hourly")).Contains("02:00 queued"), stepInSeconds: 60);
        await starter.EndAsync((await home.RunsAsync()).Single().Id);

        await UntilAsync(home, "it starts", async () => (await home.TicksAsync("hourly")).Contains("02:00 started"));
        Assert.That(home.Clock.GetUtcNow(), Is.LessThan(SchedulerHome.Start.AddHours(3)));
    }

    [Test]
    public async Task APipelineEndedTriggerFollowsTheOther()
    {
        await using var home = await SchedulerHome.CreateAsync();
        await using var starter = home.EngineStarter();
        await using var service = await SchedulerService.StartAsync(home.Parts(starter), CancellationToken.None);
        await home.RegisterAsync("after", new PipelineTrigger { Pipeline = "before" });
        await home.RegisterAsync("before", new IntervalTrigger { Every = TimeSpan.FromMinutes(1) });

        await UntilAsync(home, "a run of \"after\"", async () => (await home.RunsAsync("after")).Any(run => run.Status == "succeeded"));
    }

    /// <summary>Nothing else looks within the test: neither the sweep nor an alarm.</summary>
    [Test]
    public async Task WhatHasHappenedIsSeenSoon()
    {
        await using var home = await SchedulerHome.CreateAsync();
        var starter = new AcceptingStarter(home.Stores, home.Clock);
        await home.RegisterAsync("after", new DatasetTrigger { Dataset = "customers" });
        await using var service = await SchedulerService.StartAsync(home.Parts(starter) with { SweepEvery = TimeSpan.FromDays(10) }, CancellationToken.None);
        await home.Stores.Triggers.AddSignalAsync(
            new NewSignal { Topic = new SignalTopic(Signals.DatasetUpdated, "customers"), Payload = OrcJson.ToElement(new { dataset = "customers", version = 1 }), At = home.Clock.GetUtcNow() }, CancellationToken.None);

        await UntilAsync(home, "a run of \"after\"", async () => (await home.RunsAsync("after")).Count == 1);
        Assert.That(home.Clock.GetUtcNow(), Is.LessThan(SchedulerHome.Start.AddDays(1)));
    }
}
