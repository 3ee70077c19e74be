using System.Diagnostics;
using Orchestrator.Core.Values;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;
using Orchestrator.Tests.Shared;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>The program on a server: the same runs, kills and takeovers as on a file, and the move from the one to the other.</summary>
public sealed class PostgreSqlTests
{
    private const int Killed = 137;

    private CrashHome home = null!;

    [SetUp]
    public void MakeHome()
    {
        home = new CrashHome("mixed", "map");
        home.Orc.Database = PostgreSqlServer.Instance.CreateUrl();
    }

    [TearDown]
    public void Remove()
    {
        PostgreSqlServer.Instance.Remove(home.Orc.Database!);
        home.Dispose();
    }

    [TestCase("write-done", 6)]
    [TestCase("write-committed", 6)]
    [TestCase("attempt-ended", 3)]
    public async Task AKilledRunGoesOnAndEndsTheSame(string moment, int time)
    {
        using var peace = new CrashHome("mixed");
        Assert.That((await peace.Orc.RunAsync("run", "mixed.json")).ExitCode, Is.Zero);
        var calm = (await peace.LookAsync()).Single().Outcome;
        home.Orc.Fault = $"{moment}:{time}";
        var died = await home.Orc.RunAsync("run", "mixed.json");
        home.Orc.Fault = null;
        Assert.That(died.ExitCode, Is.EqualTo(Killed), died.ToString());
        var before = await home.LookAsync();
        CrashHome.CheckInterrupted(before.Single());

        var resumed = await home.Orc.RunAsync("run", "--resume", before[0].Run.Id.Value);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        CrashHome.CheckFinished((await home.LookAsync()).Single(), calm, before);
        home.CheckNothingIsLeft();
    }

    /// <summary>The run is taken over as if the lease had ended: a test must not wait for 30 s of it.</summary>
    [Test]
    public async Task AnOwnerThatWasPausedAndWakesUpLateIsRefused()
    {
        using var sleeper = home.Orc.Start("run", "map.json");
        var run = new RunId((await sleeper.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1]);
        await SignalAsync("-STOP", sleeper.Process.Id);
        await using var database = await OrcDatabase.OpenAsync(home.Orc.Database!, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        var store = new EngineStores(database, []).Runs;
        var old = (await store.FindAsync(run, CancellationToken.None))!;
        var now = TimeProvider.System.GetUtcNow();
        var claim = await store.ClaimAsync(
            new RunClaim
            {
                Run = run,
                Owner = new RunOwner { Id = "elsewhere/1", Host = "elsewhere", ProcessId = 1, ProcessStartedAt = now },
                Now = now,
                LeaseUntil = now.AddMinutes(5),
                DeadOwners = [old.Owner!.Id],
            },
            CancellationToken.None);
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));

        await SignalAsync("-CONT", sleeper.Process.Id);
        var woken = await sleeper.EndAsync();

        Assert.That(woken.ExitCode, Is.EqualTo(1), woken.ToString());
        Assert.That(woken.Error, Does.Contain("ORC5243"));
        var after = (await store.FindAsync(run, CancellationToken.None))!;
        Assert.That((after.Sequence, after.Epoch, after.Owner!.Id), Is.EqualTo((claim.Run!.Sequence, claim.Run.Epoch, "elsewhere/1")), "nothing of the late owner was stored");
    }

    /// <summary>
    /// Three programs on one run: the first is stopped in the middle, the second takes over and is killed, the third comes to the end; then the first wakes up. That the
    /// lease of a program that does not answer runs out takes 30 s, and is brought about here.
    /// </summary>
    [Test]
    public async Task OfTwoProgramsOneIsPausedAndOneIsKilledAndTheRunGoesOn()
    {
        using var peace = new CrashHome("map");
        Assert.That((await peace.Orc.RunAsync("run", "map.json")).ExitCode, Is.Zero);
        var calm = (await peace.LookAsync()).Single().Outcome;
        using var sleeper = home.Orc.Start("run", "map.json");
        var run = (await sleeper.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await SignalAsync("-STOP", sleeper.Process.Id);
        var paused = (await home.LookAsync()).Single();
        Assert.That(paused.State.IsEnded, Is.False, "it was stopped too late for this test to say anything");
        var held = await home.Orc.RunAsync("run", "--resume", run);
        Assert.That(held.ExitCode, Is.EqualTo(2), held.ToString());
        PostgreSqlServer.Instance.Run($"UPDATE {PostgreSqlServer.SchemaOf(home.Orc.Database!)}.runs SET lease_until = 0 WHERE id = '{run}'");

        home.Orc.Fault = "attempt-ended:4";
        var killed = await home.Orc.RunAsync("run", "--resume", run);
        home.Orc.Fault = null;
        Assert.That(killed.ExitCode, Is.EqualTo(Killed), killed.ToString());
        var interrupted = (await home.LookAsync()).Single();
        CrashHome.CheckInterrupted(interrupted);
        var ended = await home.Orc.RunAsync("run", "--resume", run);

        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        var finished = (await home.LookAsync()).Single();
        CrashHome.CheckFinished(finished, calm, [paused, interrupted]);
        await SignalAsync("-CONT", sleeper.Process.Id);
        var woken = await sleeper.EndAsync();
        Assert.That(woken.ExitCode, Is.EqualTo(1), woken.ToString());
        Assert.That(woken.Error, Does.Contain("ORC5243"));
        var after = (await home.LookAsync()).Single();
        CrashHome.CheckFinished(after, calm, [finished]);
        Assert.That((after.Run.Sequence, after.Run.Epoch), Is.EqualTo((finished.Run.Sequence, finished.Run.Epoch)), "nothing of the late owner was stored");
        home.CheckNothingIsLeft();
    }

    /// <summary>Both are held at the lock of migrations, so that they certainly meet there.</summary>
    [Test]
    public async Task OfTwoProgramsThatBringTheSchemaUpToDateTogetherOneDoesIt()
    {
        Assert.That((await home.Orc.RunAsync("run", "mixed.json")).ExitCode, Is.Zero);
        var schema = PostgreSqlServer.SchemaOf(home.Orc.Database!);
        PostgreSqlServer.Instance.Run($"DROP TABLE {schema}.failing_pipelines, {schema}.alerts, {schema}.notifications, {schema}.notices CASCADE; DELETE FROM {schema}.orc_migrations WHERE set_name = 'engine' AND file LIKE '%notifications%'");
        Assert.That((await home.Orc.RunAsync("db", "status", "--json")).Json.GetProperty("upToDate").GetBoolean(), Is.False);
        var holder = PostgreSqlServer.Instance.Hold($"SET search_path = {schema}; BEGIN; SELECT pg_advisory_xact_lock(hashtext('orc migrations'), hashtext(current_schema()))");
        using var one = home.Orc.Start("db", "migrate", "--json");
        using var other = home.Orc.Start("db", "migrate", "--json");
        PostgreSqlServer.Instance.WaitFor("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", "2");

        holder.Dispose();
        ProgramResult[] ends = [await one.EndAsync(), await other.EndAsync()];

        Assert.That(ends.Select(end => end.ExitCode), Is.All.Zero, string.Join('\n', ends.Select(end => end.ToString())));
        Assert.That(ends.Select(end => end.Json.GetProperty("applied").GetArrayLength()).Order(), Is.EqualTo(new[] { 0, 1 }), "one applied the step, the other found nothing to do");
        Assert.That((await home.Orc.RunAsync("db", "status", "--json")).Json.GetProperty("upToDate").GetBoolean());
        Assert.That((await home.Orc.RunAsync("run", "mixed.json")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task ARequestOfAnotherProgramReachesTheOwnerThroughTheServer()
    {
        home.Orc.Write("wait.json", """{ "name": "wait", "tasks": { "ask": { "uses": "control.approve", "with": { "prompt": "go on?" } } } }""");
        using var running = home.Orc.Start("run", "wait.json");
        var run = (await running.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];

        var cancelled = await home.Orc.RunAsync("cancel", run);
        var ended = await running.EndAsync();

        Assert.That(cancelled.ExitCode, Is.Zero, cancelled.ToString());
        Assert.That(ended.ExitCode, Is.Not.Zero, ended.ToString());
        Assert.That((await home.LookAsync()).Single().State.IsEnded);
    }

    [Test]
    public async Task AHomeMovesToAServerAndIsTheSameThere()
    {
        var url = home.Orc.Database;
        home.Orc.Database = null;
        Assert.That((await home.Orc.RunAsync("run", "mixed.json")).ExitCode, Is.Zero);
        var (runs, shown) = (await home.Orc.RunAsync("runs", "--json"), await home.Orc.RunAsync("show", "last", "--json"));

        var copied = await home.Orc.RunAsync("db", "copy", "--to", url!, "--json");
        var again = await home.Orc.RunAsync("db", "copy", "--to", url!);

        Assert.That(copied.ExitCode, Is.Zero, copied.ToString());
        Assert.That(again.ExitCode, Is.Not.Zero, again.ToString());
        Assert.That(again.Error, Does.Contain("ORC5170"));
        home.Orc.Database = url;
        Assert.That((await home.Orc.RunAsync("runs", "--json")).Output, Is.EqualTo(runs.Output));
        Assert.That((await home.Orc.RunAsync("show", "last", "--json")).Output, Is.EqualTo(shown.Output));
        Assert.That((await home.Orc.RunAsync("db", "status", "--json")).Json.GetProperty("upToDate").GetBoolean());
        Assert.That((await home.Orc.RunAsync("run", "mixed.json")).ExitCode, Is.Zero, "and goes on there");
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, $"{process}"]))!;
        await kill.WaitForExitAsync();
    }
}
