using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Tests.Hosting;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Tests.Schedules;

/// <summary>Which times of a schedule get a run, and what is written down of the others.</summary>
public sealed class DueTests
{
    private SchedulerHome home = null!;

    [SetUp]
    public async Task SetUp() => home = await SchedulerHome.CreateAsync();

    [TearDown]
    public async Task TearDown() => await home.DisposeAsync();

    private static IntervalTrigger Hourly => new() { Every = TimeSpan.FromHours(1), Overlap = Overlap.Allow };

    private async Task PassAsync(SchedulerCore core, TimeSpan time, TimeSpan step)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            home.Clock.Advance(step);
            await core.SweepAsync(CancellationToken.None);
        }
    }

    [Test]
    public async Task ATimeThatHasComeHasOneRunForItsDataInterval()
    {
        await home.RegisterAsync("hourly", Hourly);
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(2), TimeSpan.FromMinutes(1));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started" }));
        var runs = await home.RunsAsync();
        var trigger = OrcJson.FromElement<RunTrigger>(runs[1].Trigger!.Value);
        Assert.That(trigger, Is.EqualTo(new RunTrigger
        {
            Kind = TriggerKind.Schedule,
            Name = "schedule",
            LogicalDate = SchedulerHome.Start.AddHours(2),
            Interval = new DataInterval { Start = SchedulerHome.Start.AddHours(1), End = SchedulerHome.Start.AddHours(2) },
        }));
        Assert.That((await home.AllTicksAsync("hourly"))[1].RunId, Is.EqualTo(runs[1].Id));
    }

    [Test]
    public async Task ARunStartsWithinItsJitterAndIsForThePlannedTime()
    {
        await home.RegisterAsync("hourly", Hourly with { Jitter = TimeSpan.FromMinutes(30) });
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));
        var due = (await home.AllTicksAsync("hourly"))[0];
        Assert.That(due.Decision, Is.EqualTo("due"));
        Assert.That(due.DueAt, Is.GreaterThan(due.LogicalDate!.Value).And.LessThanOrEqualTo(due.LogicalDate!.Value.AddMinutes(30)));

        await PassAsync(core, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(1));
        var run = (await home.RunsAsync()).Single();
        Assert.That(run.CreatedAt, Is.GreaterThanOrEqualTo(due.DueAt).And.LessThanOrEqualTo(due.DueAt.AddMinutes(1)));
    }

    [TestCase(Missed.Skip, new[] { "01:00 missed", "02:00 missed", "03:00 missed" }, 3)]
    [TestCase(Missed.RunLatest, new[] { "01:00 missed", "02:00 missed", "03:00 started" }, 2)]
    [TestCase(Missed.RunAll, new[] { "01:00 started", "02:00 started", "03:00 started" }, 0)]
    public async Task MissedTimesAreDecidedAboutAndCounted(Missed policy, string[] expected, long missed)
    {
        await home.RegisterAsync("hourly", Hourly with { Missed = policy });
        home.Clock.Advance(TimeSpan.FromMinutes(200));
        await home.Core().SweepAsync(CancellationToken.None);

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(expected));
        Assert.That((await home.TriggerAsync("hourly"))!.Missed, Is.EqualTo(missed));
    }

    [Test]
    public async Task MoreMissedTimesThanAreWrittenDownAreCounted()
    {
        await home.RegisterAsync("secondly", new IntervalTrigger { Every = TimeSpan.FromSeconds(1), Missed = Missed.Skip });
        home.Clock.Advance(TimeSpan.FromHours(6));
        await home.Core().SweepAsync(CancellationToken.None);

        // The last minute is on time, and the first of its runs is in the way of the others.
        var trigger = (await home.TriggerAsync("secondly"))!;
        Assert.That(trigger.Missed, Is.EqualTo((6 * 3600) - 61));
        var counts = (await home.Stores.Triggers.CountTicksAsync(trigger.Key, CancellationToken.None)).ToDictionary(one => one.Decision, one => one.Number);
        Assert.That(counts["missed"], Is.LessThanOrEqualTo(3 * 1000));
        Assert.That((counts["started"], counts["skipped"]), Is.EqualTo((1, 60)));
    }

    [Test]
    public async Task AClockThatIsSetBackRepeatsNothing()
    {
        await home.RegisterAsync("hourly", Hourly);
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(3), TimeSpan.FromMinutes(10));
        home.Clock.AdjustTime(SchedulerHome.Start.AddMinutes(30));
        await PassAsync(core, TimeSpan.FromHours(4), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started", "03:00 started", "04:00 started" }));
    }

    [Test]
    public async Task AClockThatIsSetForwardMissesTimesAndDoublesNone()
    {
        await home.RegisterAsync("hourly", Hourly);
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        home.Clock.AdjustTime(SchedulerHome.Start.AddHours(5).AddMinutes(30));
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 missed", "03:00 missed", "04:00 missed", "05:00 started", "06:00 started" }));
    }

    [Test]
    public async Task AnotherVersionOfAPipelineGoesOnWhereTheLastOneWas()
    {
        await home.RegisterAsync("hourly", Hourly);
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        await home.RegisterAsync(SchedulerHome.Pipeline("hourly", Hourly with { Jitter = TimeSpan.FromTicks(1) }) with { Title = "another" });
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 started" }));
        Assert.That((await home.RunsAsync()).Select(run => run.Definition).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public async Task ANewTimingBeginsWithItsRegistration()
    {
        await home.RegisterAsync("daily", new ScheduleTrigger { Schedule = "0 1 * * *" });
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(6), TimeSpan.FromMinutes(30));
        // 3:00 has passed today: it is no missed time of a schedule that was not there.
        await home.RegisterAsync("daily", new ScheduleTrigger { Schedule = "0 3 * * *" });
        await PassAsync(core, TimeSpan.FromHours(24), TimeSpan.FromMinutes(30));

        Assert.That(await home.TicksAsync("daily", format: "dd HH:mm"), Is.EqualTo(new[] { "01 01:00 started", "02 03:00 skipped" }), "the first run goes on, and the overlap is skip");
    }

    [Test]
    public async Task ARemovedPipelineStartsNothing()
    {
        await home.RegisterAsync("hourly", Hourly with { Jitter = TimeSpan.FromMinutes(30) });
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(10));
        await home.Stores.Pipelines.ChangeAsync(new PipelineChange { Pipeline = "hourly", Action = PipelineAction.Remove, By = "ann", Now = home.Clock.GetUtcNow() }, null, CancellationToken.None);
        await PassAsync(core, TimeSpan.FromHours(3), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 skipped" }));
        Assert.That(await home.RunsAsync(), Is.Empty);
    }

    [Test]
    public async Task WhatPassesWhileATriggerIsPausedIsCountedAndNotMadeUpFor()
    {
        await home.RegisterAsync("hourly", Hourly with { Missed = Missed.RunAll });
        var core = home.Core();
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        var trigger = await home.Control.FindAsync("hourly", CancellationToken.None);
        await home.Control.PauseAsync(trigger, "ann", "freeze", CancellationToken.None);
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));
        // And with no scheduler there.
        home.Clock.Advance(TimeSpan.FromHours(2));
        Assert.That(await home.Control.ResumeAsync(trigger.Key, CancellationToken.None), Is.EqualTo(2));
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 skipped", "03:00 skipped", "04:00 skipped", "05:00 started" }));
        Assert.That((await home.AllTicksAsync("hourly"))[2].Reason, Is.EqualTo("paused by ann: freeze"));
        Assert.That((await home.TriggerAsync("hourly"))!.Missed, Is.EqualTo(3));
    }

    [Test]
    public async Task APausedPipelineStartsNothingByItself()
    {
        await home.RegisterAsync("hourly", Hourly);
        var core = home.Core();
        await home.Stores.Pipelines.ChangeAsync(new PipelineChange { Pipeline = "hourly", Action = PipelineAction.Pause, By = "ann", Now = home.Clock.GetUtcNow() }, null, CancellationToken.None);
        await PassAsync(core, TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That((await home.AllTicksAsync("hourly")).Select(tick => $"{tick.Decision}: {tick.Reason}"), Is.EqualTo(new[] { "skipped: its pipeline is paused by ann" }));
    }

    [Test]
    public async Task ParametersComeFromTheTriggerAndItsTime()
    {
        var pipeline = SchedulerHome.Pipeline("given", Hourly with
        {
            Params = TaskDefinition.EmptyWith.SetItem("day", OrcJson.ToElement("${run.logicalDate.slice(0, 10)}")),
        }) with { Params = [new ParameterDefinition { Name = "day", Type = ParameterType.String }, new ParameterDefinition { Name = "size", Type = ParameterType.Integer, Default = OrcJson.ToElement(3) }] };
        await home.RegisterAsync(pipeline);
        await PassAsync(home.Core(), TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That((await home.RunsAsync()).Single().Params.GetRawText(), Is.EqualTo("""{"day":"2026-03-01","size":3}"""));
    }

    [Test]
    public async Task ARunThatCannotStartSaysWhy()
    {
        var pipeline = SchedulerHome.Pipeline("given", Hourly with { Params = TaskDefinition.EmptyWith.SetItem("size", OrcJson.ToElement("${run.logicalDate}")) })
            with { Params = [new ParameterDefinition { Name = "size", Type = ParameterType.Integer, Default = OrcJson.ToElement(3) }] };
        await home.RegisterAsync(pipeline);
        await PassAsync(home.Core(), TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        var tick = (await home.AllTicksAsync("given")).Single();
        Assert.That(tick.Decision, Is.EqualTo("failed"));
        Assert.That(tick.Reason, Does.StartWith("ORC6216: the parameters of pipeline \"given\" are not right: ORC3032: parameter \"size\" is \"2026-03-01T01:00:00Z\" and should be a whole number"));
    }

    [Test]
    public async Task ATriggerThatCannotBeReadKeepsNoOtherFromStarting()
    {
        await home.RegisterAsync("nowhere", new ScheduleTrigger { Schedule = "0 * * * *", Zone = "Nowhere/Land" });
        await home.RegisterAsync("hourly", Hourly);
        await PassAsync(home.Core(), TimeSpan.FromHours(1), TimeSpan.FromMinutes(10));

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started" }));
    }
}
