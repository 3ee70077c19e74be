using System.Text.Json;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Dates, schedules and backfills as people ask for them.</summary>
public sealed class ScheduleTests
{
    private const string Daily = """
        { "name": "daily", "params": { "day": { "type": "string" } },
          "triggers": [ { "name": "nightly", "schedule": "0 2 * * *", "zone": "Europe/Berlin", "params": { "day": "${run.logicalDate.slice(0, 10)}" } }, { "dataset": "customers", "params": { "day": "none" } } ],
          "tasks": { "note": { "uses": "exec.command", "with": { "command": "echo ${params.day} >> done.txt; test ${params.day} != 2026-03-02 || test -e mended" } } } }
        """;

    /// <summary>What a server does with a folder of pipelines.</summary>
    private static async Task RegisterAsync(OrcProgram orc, string json)
    {
        using var home = OrcHome.Open(orc.Home);
        await using var database = await OrcDatabase.OpenAsync($"sqlite:{home.DatabasePath}", new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var stores = new EngineStores(database, []);
        var pipeline = DefinitionReader.Load(json);
        var stored = new StoredDefinition { Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UtcNow };
        await stores.Runs.AddDefinitionAsync(stored, default);
        await stores.Pipelines.RegisterAsync(
            new PipelineRegistration { Pipeline = pipeline.Name, Hash = stored.Hash, Source = "test", BaseDirectory = orc.Folder, By = "ann", Now = DateTimeOffset.UtcNow }, null, default);
    }

    [Test]
    public async Task ARunIsForTheDateThatItIsGiven()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("date.json", """{ "name": "date", "outputs": { "day": "${run.logicalDate}" }, "tasks": { "note": { "uses": "notify.log", "with": { "message": "for ${run.interval.start}" } } } }""");
        var run = await orc.RunAsync("run", file, "--logical-date", "2026-03-01T02:00Z", "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Json.GetProperty("outputs").GetProperty("day").GetString(), Is.EqualTo("2026-03-01T02:00:00Z"));
        Assert.That((await orc.RunAsync("show", "last")).Output, Does.Contain("2026-03-01 02:00:00Z, data from 2026-03-01 02:00:00Z"));

        var wrong = await orc.RunAsync("run", file, "--logical-date", "soon");
        Assert.That((wrong.ExitCode, wrong.Error), Is.EqualTo((2, wrong.Error)));
        Assert.That(wrong.Error, Does.Contain("ORC6201").And.Contain("\"soon\""));
        var none = await orc.RunAsync("run", file);
        Assert.That(none.Output, Does.Contain("--logical-date 2026-03-01"), "what to do about it");
    }

    [Test]
    public async Task ABackfillIsShownAndThenRunAsItWasShown()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("daily.json", Daily);
        var plan = await orc.RunAsync("backfill", "plan", file, "--from", "2026-03-01", "--to", "2026-03-03T12:00", "--order", "newest", "--json");
        Assert.That(plan.ExitCode, Is.Zero, plan.ToString());
        var id = plan.Json.GetProperty("id").GetString()!;
        Assert.That(plan.Json.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("logicalDate").GetDateTimeOffset():MM-dd HH:mm} {item.GetProperty("action").GetString()} {item.GetProperty("why").GetString()}"),
            Is.EqualTo(new[] { "03-03 01:00 run no run yet", "03-02 01:00 run no run yet", "03-01 01:00 run no run yet" }));
        Assert.That(File.Exists(Path.Combine(orc.Folder, "done.txt")), Is.False, "nothing runs before it is asked for");

        var first = await orc.RunAsync("backfill", "run", id);
        Assert.That(first.ExitCode, Is.EqualTo(1), first.ToString());
        Assert.That(first.Output, Does.Contain("2 of 3 succeeded, 1 failed").And.Contain($"orc backfill retry {id}"));
        orc.Write("mended", "");
        Assert.That((await orc.RunAsync("backfill", "retry", id)).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("backfill", "run", id)).ExitCode, Is.Zero);
        Assert.That(await File.ReadAllLinesAsync(Path.Combine(orc.Folder, "done.txt")), Is.EqualTo(new[] { "2026-03-03", "2026-03-02", "2026-03-01", "2026-03-02" }));

        var again = await orc.RunAsync("backfill", "plan", file, "--from", "2026-03-01", "--to", "2026-03-04T12:00", "--json");
        Assert.That(again.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("action").GetString()), Is.EqualTo(new[] { "leave", "leave", "leave", "run" }));
    }

    [Test]
    public async Task AKilledBackfillGoesOnAndDoublesNothing()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("slow.json", """
            { "name": "slow", "triggers": [ { "schedule": "0 2 * * *" } ],
              "tasks": { "a": { "uses": "exec.command", "with": { "command": "echo ${run.logicalDate} >> done.txt" } },
                         "b": { "uses": "exec.command", "needs": ["a"], "with": { "command": "until test -e go; do sleep 0.05; done" } } } }
            """);
        var id = (await orc.RunAsync("backfill", "plan", file, "--from", "2026-03-01", "--to", "2026-03-05", "--parallel", "2", "--json")).Json.GetProperty("id").GetString()!;
        using (var driver = orc.Start("backfill", "run", id))
        {
            await driver.LineAsync(line => line.Contains("2 going on", StringComparison.Ordinal));
            await driver.KillAsync();
        }

        orc.Write("go", "");
        var end = await orc.RunAsync("backfill", "run", id, "--json");
        Assert.That(end.ExitCode, Is.Zero, end.ToString());
        Assert.That(end.Json.GetProperty("progress").GetProperty("succeeded").GetInt32(), Is.EqualTo(4));
        // The kill may have come before the end of "a" was stored; then it ran again in the same run, as any attempt under way.
        Assert.That((await File.ReadAllLinesAsync(Path.Combine(orc.Folder, "done.txt"))).Distinct().Count(), Is.EqualTo(4));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.EqualTo(4));
    }

    [Test]
    public async Task WhatIsRegisteredIsListedPausedAndRunByHand()
    {
        using var orc = new OrcProgram();
        Assert.That((await orc.RunAsync("schedules", "list")).Output, Does.Contain("no registered pipeline has a schedule"));
        await RegisterAsync(orc, Daily);
        var list = (await orc.RunAsync("triggers", "list", "--json")).Json.EnumerateArray().ToDictionary(one => one.GetProperty("trigger").GetString()!);
        Assert.That(list.Keys, Is.EqualTo(new[] { "daily/dataset", "daily/nightly" }));
        Assert.That(list["daily/nightly"].GetProperty("for").GetString(), Is.EqualTo("0 2 * * *, Europe/Berlin"));
        Assert.That(list["daily/nightly"].GetProperty("nextAt").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow));
        Assert.That((await orc.RunAsync("schedules", "next", "daily", "--json")).Json.GetArrayLength(), Is.EqualTo(1));

        Assert.That((await orc.RunAsync("schedules", "pause", "daily")).Error, Does.Contain("ORC6212").And.Contain("daily/nightly"));
        Assert.That((await orc.RunAsync("schedules", "pause", "daily/nightly", "--reason", "freeze")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("schedules", "show", "daily/nightly")).Output, Does.Contain($"paused by {Environment.UserName}: freeze"));
        Assert.That((await orc.RunAsync("schedules", "pause", "daily/nightly")).Error, Does.Contain("ORC6213"));
        Assert.That((await orc.RunAsync("schedules", "resume", "daily/nightly")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("schedules", "resume", "daily/nightly")).Error, Does.Contain("ORC6214"));
        Assert.That((await orc.RunAsync("schedules", "history", "daily/nigtly")).Error, Does.Contain("ORC6211").And.Contain("daily/nightly"));
        Assert.That((await orc.RunAsync("triggers", "history", "daily/dataset")).Output, Does.Contain("nothing has come yet"));

        var run = await orc.RunAsync("trigger", "daily", "--logical-date", "2026-03-01T02:00", "--param", "day=by-hand", "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Json.GetProperty("trigger").GetProperty("logicalDate").GetDateTimeOffset(), Is.EqualTo(new DateTimeOffset(2026, 3, 1, 1, 0, 0, TimeSpan.Zero)));
        Assert.That((await orc.RunAsync("trigger", "dialy")).Error, Does.Contain("ORC6210").And.Contain("daily"));
    }
}
