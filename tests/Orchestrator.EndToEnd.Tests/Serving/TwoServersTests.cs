using System.Diagnostics;
using Orchestrator.Tests.Shared;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>Two real servers, each with a home of its own, on one database: what starts by itself starts once, and what one leaves the other goes on with, however it leaves.</summary>
public sealed class TwoServersTests
{
    private const string Ticking = """
        { "name": "ticking",
          "triggers": [ { "name": "often", "schedule": "*/2 * * * * *", "overlap": "allow" } ],
          "tasks": { "first": { "uses": "notify.log", "with": { "message": "for ${run.logicalDate}" }, "cache": "never" },
                     "second": { "uses": "notify.log", "with": { "message": "again" }, "needs": ["first"], "cache": "never" } } }
        """;

    private const string Waiting = """
        { "name": "waiting", "tasks": { "before": { "uses": "exec.command", "with": { "command": "echo before >> ${params.log}" } },
                                        "ask": { "uses": "control.approve", "with": { "prompt": "go on?" }, "needs": ["before"] },
                                        "after": { "uses": "exec.command", "with": { "command": "echo after >> ${params.log}" }, "needs": ["ask"] } },
          "params": { "log": { "type": "string" } } }
        """;

    private readonly List<OrcProgram> homes = [];
    private string database = "";

    [SetUp]
    public void MakeDatabase() => database = PostgreSqlServer.Instance.CreateUrl();

    [TearDown]
    public void Remove()
    {
        homes.ForEach(home => home.Dispose());
        homes.Clear();
        PostgreSqlServer.Instance.Remove(database);
    }

    /// <summary>One is stopped (SIGSTOP) in the middle and wakes up when all is over, the other is killed and started again.</summary>
    [Test]
    public async Task EachTimeOfAScheduleHasOneRunWhateverBecomesOfTheServers()
    {
        using var sleeper = await ServerAsync(Ticking);
        using var dying = await ServerAsync(Ticking);
        await WaitAsync("SELECT count(*) >= 6 FROM ticks WHERE decision = 'started'");

        await sleeper.SignalAsync("-STOP");
        await WaitAsync($"SELECT count(*) >= {Count("ticks WHERE decision = 'started'") + 4} FROM ticks WHERE decision = 'started'");
        await dying.KillAsync();
        using var next = await StartAsync(homes[1]);
        await WaitAsync($"SELECT count(*) >= {Count("ticks WHERE decision = 'started'") + 4} FROM ticks WHERE decision = 'started'");
        await sleeper.SignalAsync("-CONT");
        await WaitAsync($"SELECT count(*) >= {Count("ticks WHERE decision = 'started'") + 4} FROM ticks WHERE decision = 'started'");
        Assert.That((await homes[1].RunAsync("schedules", "pause", "ticking/often")).ExitCode, Is.Zero);

        // The runs of the one that was stopped are the other's when their lease is over, or its own when it wakes before.
        await WaitAsync("SELECT count(*) = 0 FROM runs WHERE ended_at IS NULL");
        Assert.That(Ask("SELECT DISTINCT status FROM runs"), Is.EqualTo("succeeded"));
        Assert.That(Ask("SELECT count(*) - count(DISTINCT logical_date) FROM run_dates"), Is.EqualTo("0"), "a time has two runs");
        Assert.That(Ask("SELECT count(*) FROM runs r WHERE NOT EXISTS (SELECT 1 FROM ticks t WHERE t.run_id = r.id)"), Is.EqualTo("0"), "a run that no time asked for");
        Assert.That(Ask("SELECT count(*) FROM ticks WHERE decision IN ('due', 'queued', 'failed', 'missed')"), Is.EqualTo("0"), "a time that got no run");
        // A time that comes once the schedule is paused is skipped, and only the last can be one.
        Assert.That(Ask("SELECT count(*) FROM ticks WHERE decision = 'skipped' AND logical_date < (SELECT max(logical_date) FROM ticks WHERE decision = 'started')"), Is.EqualTo("0"), "a time that was passed over");
        Assert.That(
            Ask("SELECT coalesce(max(logical_date) - min(logical_date), 0) / 2000000 + 1 - count(*) FROM ticks"), Is.EqualTo("0"), "a time at which one of them was up has no row");
        Assert.That(Ask("SELECT count(*) FROM (SELECT run_id, task FROM attempts WHERE status = 'succeeded' GROUP BY run_id, task HAVING count(*) > 1) twice"), Is.EqualTo("0"), "a task succeeded twice");
    }

    [Test]
    public async Task ARunGoesOnWithTheServerThatIsLeft()
    {
        using var first = await ServerAsync(Waiting);
        using var second = await ServerAsync(Waiting);
        var log = Path.Combine(homes[0].Folder, "log.txt");
        var run = await first.StartRunAsync("waiting", new { log });
        await WaitAsync($"SELECT count(*) = 1 FROM attempts WHERE run_id = '{run}' AND task = 'before' AND status = 'succeeded'");

        await first.KillAsync();
        await WaitAsync($"SELECT owner IS NOT NULL AND epoch > 1 FROM runs WHERE id = '{run}'");
        await second.AnswerAsync(run, "ask");

        await WaitAsync($"SELECT status = 'succeeded' FROM runs WHERE id = '{run}'");
        Assert.That(await File.ReadAllLinesAsync(log), Is.EqualTo(new[] { "before", "after" }));
    }

    [Test]
    public async Task WhatIsDrainedIsHandedOverAtOnce()
    {
        using var first = await ServerAsync(Waiting);
        using var second = await ServerAsync(Waiting);
        var run = await first.StartRunAsync("waiting", new { log = Path.Combine(homes[0].Folder, "log.txt") });
        await WaitAsync($"SELECT count(*) = 1 FROM attempts WHERE run_id = '{run}' AND task = 'before' AND status = 'succeeded'");

        Assert.That((await first.StopAsync()).ExitCode, Is.Zero);
        await second.AnswerAsync(run, "ask");

        await WaitAsync($"SELECT status = 'succeeded' FROM runs WHERE id = '{run}'");
    }

    private async Task<ServedProgram> ServerAsync(string pipeline)
    {
        var home = new OrcProgram { Database = database };
        homes.Add(home);
        homes[0].Write("pipelines/one.json", pipeline);
        return await StartAsync(home);
    }

    /// <summary>All serve the same folder.</summary>
    private Task<ServedProgram> StartAsync(OrcProgram home) => ServedProgram.StartAsync(home, "--pipelines", Path.Combine(homes[0].Folder, "pipelines"));

    private string Ask(string query) => PostgreSqlServer.Instance.Run($"SET search_path = {PostgreSqlServer.SchemaOf(database)}; {query}");

    private int Count(string of) => int.Parse(Ask($"SELECT count(*) FROM {of}"), System.Globalization.CultureInfo.InvariantCulture);

    private async Task WaitAsync(string query)
    {
        var started = Stopwatch.GetTimestamp();
        while (Ask(query) != "t")
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(2))
            {
                throw new AssertionException($"not within two minutes: {query}\n{Ask("SELECT decision, count(*) FROM ticks GROUP BY 1")}\n{Ask("SELECT status, count(*) FROM runs GROUP BY 1")}");
            }

            await Task.Delay(100);
        }
    }
}
