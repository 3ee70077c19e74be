using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Dsl;
using Orchestrator.Scheduling.Tests.Hosting;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Scheduling.Tests.Schedules;

/// <summary>One logical date of one schedule makes one run: with many schedules over a day, restarts and crashes in the middle, and schedulers that race.</summary>
/// <remarks>On PostgreSQL with fewer schedules; <c>ORC_LONG=1</c> makes it long on both.</remarks>
[TestFixture("sqlite")]
[TestFixture("postgres")]
public sealed class OneRunProof(string dialect)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("ORC_LONG") == "1";
    private static readonly string[] Crons = ["*/5 * * * *", "7 * * * *", "*/15 * * * *", "30 1,13 * * *", "0 * * * *", "59 23 * * *", "11-19 * * * *", "0 */2 * * *"];
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

    private static PipelineDefinition Daily(int number) => SchedulerHome.Pipeline($"p{number}", new ScheduleTrigger
    {
        Schedule = Crons[number % Crons.Length],
        Zone = Zones[number / Crons.Length % Zones.Length],
        Overlap = Overlap.Allow,
        Missed = Missed.RunAll,
        Jitter = number % 3 == 0 ? TimeSpan.FromMinutes(4) : null,
    });

    /// <summary>Each schedule has exactly the runs of its timetable, each for one date.</summary>
    private static async Task CheckAsync(SchedulerHome home, PipelineDefinition[] pipelines, DateTimeOffset end)
    {
        var all = 0;
        foreach (var pipeline in pipelines)
        {
            var expected = Timetables.Of((TimeTrigger)pipeline.Triggers[0], pipeline.Calendars).After(SchedulerHome.Start).TakeWhile(time => time <= end).ToArray();
            var decided = await home.AllTicksAsync(pipeline.Name);
            // What came after the end may still be within its jitter.
            var ticks = decided.Where(tick => tick.LogicalDate <= end).ToArray();
            Assert.That(ticks.Select(tick => tick.LogicalDate), Is.EqualTo(expected.Cast<DateTimeOffset?>()), pipeline.Name);
            Assert.That(ticks.Select(tick => tick.Decision), Is.All.EqualTo("started"), pipeline.Name);
            Assert.That(ticks.Select(tick => tick.RunId).Distinct().Count(), Is.EqualTo(expected.Length), pipeline.Name);
            var dates = await home.Stores.Triggers.ListRunDatesAsync(pipeline.Name, SchedulerHome.Start, end, CancellationToken.None);
            Assert.That(dates.Select(date => date.LogicalDate), Is.EqualTo(expected), pipeline.Name);
            all += decided.Count(tick => tick.Decision == "started");
        }

        var runs = await home.Database.ReadAsync((session, token) => session.FindAsync<long>("SELECT COUNT(*) FROM runs", null, token), CancellationToken.None);
        Assert.That(runs, Is.EqualTo(all), "no run but those");
        TestContext.Out.WriteLine($"{pipelines.Length} schedules, {all} runs");
    }

    /// <summary>24 hours by the minute. The scheduler is started anew at random times, after a while without one, and dies in the middle of looks.</summary>
    [Test]
    public async Task ADayOfManySchedulesAndRestarts()
    {
        var (schedules, restarts) = Long ? (1000, 50) : dialect == "sqlite" ? (30, 10) : (8, 6);
        await using var home = await SchedulerHome.CreateAsync(dialect);
        var pipelines = Enumerable.Range(0, schedules).Select(Daily).ToArray();
        foreach (var pipeline in pipelines)
        {
            await home.RegisterAsync(pipeline);
        }

        var random = new Random(7);
        var downs = Enumerable.Range(1, 22 * 60).OrderBy(_ => random.Next()).Take(restarts).ToHashSet();
        var core = home.Core();
        var died = 0;
        for (var minute = 1; minute <= (24 * 60) + 5; minute++)
        {
            home.Clock.Advance(TimeSpan.FromMinutes(1));
            if (downs.Contains(minute))
            {
                home.Clock.Advance(TimeSpan.FromMinutes(random.Next(0, 25)));
                died += await DieAsync(home, random.Next(0, Math.Min(20, schedules * 2 / 3)));
                core = home.Core();
            }

            await core.SweepAsync(CancellationToken.None);
        }

        await CheckAsync(home, pipelines, home.Clock.GetUtcNow().AddMinutes(-5));
        Assert.That(died, Is.GreaterThan(0));
        TestContext.Out.WriteLine($"{downs.Count} restarts, {died} of them in the middle of starts");
    }

    /// <summary>A scheduler that is gone after so many starts: what it had decided about and not begun is left for the next one.</summary>
    private static async Task<int> DieAsync(SchedulerHome home, int starts)
    {
        using var gone = new CancellationTokenSource();
        var starter = new AcceptingStarter(home.Stores, home.Clock);
        starter.Before = _ =>
        {
            if (starter.Accepted >= starts)
            {
                gone.Cancel();
                throw new OperationCanceledException(gone.Token);
            }

            return Task.CompletedTask;
        };
        try
        {
            await home.Core(starter).SweepAsync(gone.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }

    /// <summary>Two schedulers with connections of their own, as two processes have them, look at everything at the same time.</summary>
    [Test]
    public async Task TwoSchedulersThatRace()
    {
        await using var home = await SchedulerHome.CreateAsync(dialect);
        var pipelines = Enumerable.Range(0, Long ? 200 : dialect == "sqlite" ? 24 : 10).Select(Daily).ToArray();
        foreach (var pipeline in pipelines)
        {
            await home.RegisterAsync(pipeline);
        }

        await using var other = await OrcDatabase.OpenAsync(home.Url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var stores = new EngineStores(other, []);
        SchedulerCore[] racing =
        [
            home.Core(),
            home.Core(),
            new(new SchedulerParts { Stores = stores, Starter = new AcceptingStarter(stores, home.Clock), ReadDefinition = DefinitionReader.Load, Time = home.Clock }),
        ];
        for (var minute = 0; minute < (Long ? 24 * 60 : 4 * 60) + 5; minute += 5)
        {
            home.Clock.Advance(TimeSpan.FromMinutes(5));
            await Task.WhenAll(racing.Select(core => Task.Run(() => core.SweepAsync(CancellationToken.None))));
        }

        // The last jitters.
        var end = home.Clock.GetUtcNow();
        home.Clock.Advance(TimeSpan.FromMinutes(4.5));
        await racing[0].SweepAsync(CancellationToken.None);
        await CheckAsync(home, pipelines, end);
    }

    /// <summary>Two that start the same tick at the same instant: the transaction lets one of them.</summary>
    [Test]
    public async Task ATickThatIsStartedTwiceHasOneRun()
    {
        await using var home = await SchedulerHome.CreateAsync(dialect);
        await home.RegisterAsync("hourly", new IntervalTrigger { Every = TimeSpan.FromHours(1), Overlap = Overlap.Allow });
        home.Clock.Advance(TimeSpan.FromHours(1));
        var slow = new AcceptingStarter(home.Stores, home.Clock) { Before = _ => home.Core().SweepAsync(CancellationToken.None) };
        await home.Core(slow).SweepAsync(CancellationToken.None);

        Assert.That(await home.RunsAsync(), Has.Count.EqualTo(1));
        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started" }));
        Assert.That(slow.Accepted, Is.Zero);
    }

    /// <summary>Two ticks of one trigger that may not overlap, started by two at the same instant.</summary>
    [Test]
    public async Task TwoTicksThatMayNotOverlapDoNot()
    {
        await using var home = await SchedulerHome.CreateAsync(dialect);
        await home.RegisterAsync("hourly", new IntervalTrigger { Every = TimeSpan.FromHours(1), Overlap = Overlap.QueueAll });
        home.Clock.Advance(TimeSpan.FromHours(1));
        var inside = false;
        var slow = new AcceptingStarter(home.Stores, home.Clock);
        slow.Before = async _ =>
        {
            if (!inside)
            {
                inside = true;
                await home.Core().SweepAsync(CancellationToken.None);
            }
        };
        await home.Core(slow).SweepAsync(CancellationToken.None);
        home.Clock.Advance(TimeSpan.FromHours(1));
        await home.Core().SweepAsync(CancellationToken.None);

        Assert.That(await home.TicksAsync("hourly"), Is.EqualTo(new[] { "01:00 started", "02:00 queued" }));
    }
}
