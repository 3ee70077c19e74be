using System.Runtime.Versioning;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Storage.Databases;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Each fault that doctor knows, provoked, and found with its mending.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DoctorTests
{
    private const string Say = """{ "name": "p", "tasks": { "say": { "uses": "exec.command", "with": { "command": "echo hello" } } } }""";

    private const string Ask = """{ "name": "ask", "tasks": { "ok": { "uses": "control.approve", "with": { "prompt": "go on?", "deadline": "5m" } } } }""";

    private OrcProgram orc = null!;

    [SetUp]
    public async Task StartAsync()
    {
        orc = new OrcProgram();
        Assert.That((await orc.RunAsync("run", orc.Write("p.json", Say))).ExitCode, Is.Zero);
    }

    [TearDown]
    public void End() => orc.Dispose();

    [Test]
    public async Task AHomeThatIsWellIsSaidToBe()
    {
        var (exit, checks) = await DoctorAsync();

        Assert.That(checks.Where(check => check.GetProperty("what").GetString() is not ("clock" or "containers" or "OpenMP" or "disk") && check.GetProperty("level").GetString() != "ok"), Is.Empty);
        Assert.That(exit, Is.EqualTo(checks.Any(check => check.GetProperty("level").GetString() == "error") ? 1 : 0));
        Assert.That(checks.Select(check => check.GetProperty("what").GetString()), Is.SupersetOf(new[]
        {
            "program", "clock", "containers", "home", "disk", "permissions", "temporary files", "secrets", "artifacts", "database", "schema", "write-ahead log", "database answers", "time", "runs", "requests", "approvals", "pools",
            "messages", "schedules", "starts", "retention",
        }));
    }

    [TestCase("UPDATE runs SET ended_at = NULL, status = 'running', owner = 'elsewhere/1-1-x', owner_host = 'elsewhere', lease_until = 1", "runs", "warning", "orc run --resume")]
    [TestCase("UPDATE runs SET ended_at = NULL, status = 'running', owner = 'elsewhere/1-1-x', owner_host = 'elsewhere', lease_until = 9000000000000000; INSERT INTO run_requests (id, run_id, kind, asked_by, at) SELECT 'q', id, 'cancel', 'ada', 1 FROM runs", "requests", "error", "orc why")]
    [TestCase("INSERT INTO pools (name, size) VALUES ('gpu', 2); INSERT INTO slots (pool, attempt_id, weight, owner, expires_at) VALUES ('gpu', 'a', 1, 'elsewhere', 1)", "pools", "warning", "orc pools")]
    [TestCase("INSERT INTO outbox (kind, payload, at) VALUES ('run.failed', '{}', 1)", "messages", "error", "orc serve")]
    [TestCase("INSERT INTO notifications (id, channel, event, urgent, status, notices, created_at, due_at, attempts) VALUES ('n', 'log', 'run.failed', 0, 'waiting', 1, 1, 1, 0)", "messages", "error", "orc serve")]
    [TestCase("INSERT INTO notifications (id, channel, event, urgent, status, notices, created_at, due_at, attempts, ended_at) VALUES ('n', 'log', 'run.failed', 0, 'failed', 1, 1, 1, 9, 9000000000000000)", "messages", "warning", "orc notifications list")]
    [TestCase("INSERT INTO triggers (pipeline, name, kind, timing, definition, base_directory, cursor, missed, created_at, version, paused_at, pause_reason) SELECT 'p', 'nightly', 'schedule', '', hash, '/', 1, 0, 1, 1, 1, 'holidays' FROM definitions LIMIT 1", "schedules", "warning", "orc schedules resume p")]
    [TestCase("INSERT INTO ticks (pipeline, name, tick, due_at, decision, decided_at) VALUES ('p', 'nightly', '1', 1, 'missed', 9000000000000000)", "starts", "warning", "orc schedules history p")]
    [TestCase("INSERT INTO ticks (pipeline, name, tick, due_at, decision, decided_at) VALUES ('p', 'nightly', '1', 1, 'due', 1)", "starts", "error", "orc schedules history p")]
    [TestCase("INSERT INTO removed_runs (run_id, pipeline, status, ended_at, removed_at) VALUES ('01M', 'p', 'succeeded', 1, 1)", "retention", "warning", "orc retention apply")]
    [TestCase("UPDATE runs SET created_at = 9000000000000000", "time", "warning", "date -u")]
    public async Task WhatHasComeToAHaltIsFound(string fault, string what, string level, string command)
    {
        await using (var database = await OrcDatabase.OpenAsync($"sqlite:{Path.Combine(orc.Home, "orc.db")}"))
        {
            await database.WriteAsync((session, token) => session.ExecuteAsync(fault, cancellation: token), CancellationToken.None);
        }

        if (what == "messages")
        {
            var (_, unset) = await DoctorAsync();
            Assert.That(Of(unset, what).GetProperty("level").GetString(), Is.EqualTo("ok"), "nobody is to be told");
            File.WriteAllText(Path.Combine(orc.Home, "settings.json"), """{ "notifications": { "channels": { "log": { "kind": "log" } } } }""");
        }

        await AssertFoundAsync(what, level, command);
    }

    [Test]
    public async Task ApprovalsPastTheirDeadlineAndLeasesPastDueAreFound()
    {
        using var asking = orc.Start("run", orc.Write("ask.json", Ask));
        await asking.LineAsync(line => line.Contains("go on?", StringComparison.Ordinal) || line.Contains("waits", StringComparison.Ordinal) || line.Contains("suspended", StringComparison.Ordinal));
        await asking.KillAsync();

        // An hour later, for the doctor alone.
        var (_, checks) = await DoctorAsync(TimeSpan.FromHours(1));

        Assert.That(Of(checks, "approvals").GetProperty("detail").GetString(), Does.StartWith("1 past their deadline"));
        Assert.That(Of(checks, "runs").GetProperty("detail").GetString(), Does.StartWith("1 unfinished without a process"));
        Assert.That(Of(checks, "time").GetProperty("level").GetString(), Is.EqualTo("error"), "this machine's clock is an hour away from the database's");
    }

    [Test]
    public async Task DamageIsFoundAndStopsNothingElse()
    {
        var artifact = Path.Combine(Directory.CreateDirectory(Path.Combine(orc.Home, "artifacts", "ab")).FullName, new string('c', 62));
        File.WriteAllText(artifact, "not what the name says");
        var database = Path.Combine(orc.Home, "orc.db");
        var bytes = File.ReadAllBytes(database);
        Array.Fill(bytes, (byte)0xFF, bytes.Length - 4096, 4096);
        File.WriteAllBytes(database, bytes);

        var (exit, checks) = await DoctorAsync(deep: true);

        Assert.That(exit, Is.EqualTo(1));
        Assert.That(Of(checks, "artifacts").GetProperty("level").GetString(), Is.EqualTo("error"));
        Assert.That(Of(checks, "database").GetProperty("level").GetString(), Is.EqualTo("error"));
    }

    [Test]
    public async Task TheFolderIsLookedAt()
    {
        File.SetUnixFileMode(orc.Home, (UnixFileMode)0b111_101_101);
        var draft = Path.Combine(orc.Home, "artifacts", ".1-1-1.draft");
        File.WriteAllText(draft, "half");
        File.SetLastWriteTimeUtc(draft, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.That((await orc.RunWithInputAsync("s3cret", "secrets", "set", "token")).ExitCode, Is.Zero);
        var key = Path.Combine(orc.Home, "secrets.key");
        File.SetUnixFileMode(key, (UnixFileMode)0b110_100_100);

        await AssertFoundAsync("permissions", "warning", $"chmod 700 {orc.Home}");
        await AssertFoundAsync("temporary files", "warning", draft);
        await AssertFoundAsync("secrets", "error", $"chmod 600 {key}");

        File.Delete(key);
        var (_, checks) = await DoctorAsync();
        Assert.That(Of(checks, "secrets").GetProperty("detail").GetString(), Does.Contain(key));
    }

    [Test]
    public async Task ADatabaseOfANewerVersionIsSaidToBeOne()
    {
        await using (var database = await OrcDatabase.OpenAsync($"sqlite:{Path.Combine(orc.Home, "orc.db")}"))
        {
            await database.WriteAsync((session, token) => session.ExecuteAsync("INSERT INTO orc_migrations (set_name, number, file, sha256, applied_at) VALUES ('engine', 99, '0099_later.sql', 'x', 1)", cancellation: token), CancellationToken.None);
        }

        var (exit, checks) = await DoctorAsync();

        Assert.That((exit, Of(checks, "database").GetProperty("detail").GetString()), Is.EqualTo((1, Of(checks, "database").GetProperty("detail").GetString())));
        Assert.That(Of(checks, "database").GetProperty("detail").GetString(), Does.Contain("newer version"));
    }

    [Test]
    public async Task AServerThatIsAwayIsSaidToBe()
    {
        orc.Database = "postgres://orc:secret@127.0.0.1:1/orc";

        var result = await orc.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.EqualTo(1), result.ToString());
        Assert.That(result.Output, Does.Contain("✗ database").And.Not.Contain("secret@"));
    }

    [Test]
    public async Task StrictMakesWarningsCount()
    {
        File.SetUnixFileMode(orc.Home, (UnixFileMode)0b111_101_101);

        Assert.That((await orc.RunAsync("doctor", "--strict")).ExitCode, Is.EqualTo(1));
    }

    private async Task AssertFoundAsync(string what, string level, string command)
    {
        var (exit, checks) = await DoctorAsync();
        var check = Of(checks, what);
        Assert.That(check.GetProperty("level").GetString(), Is.EqualTo(level), check.GetRawText());
        Assert.That(check.GetProperty("command").GetString(), Does.Contain(command));
        Assert.That(check.GetProperty("help").GetString(), Is.Not.Empty);
        Assert.That(exit, Is.EqualTo(checks.Any(one => one.GetProperty("level").GetString() == "error") ? 1 : 0));
    }

    private static JsonElement Of(IEnumerable<JsonElement> checks, string what) => checks.First(check => check.GetProperty("what").GetString() == what);

    /// <summary>In this process, so that the clock can be another one.</summary>
    private async Task<(int Exit, IReadOnlyList<JsonElement> Checks)> DoctorAsync(TimeSpan ahead = default, bool deep = false)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        string[] arguments = ["doctor", "--json", "--home", orc.Home, .. deep ? ["--deep"] : Array.Empty<string>()];
        var exit = await CliProgram.RunAsync(arguments, new CliConsole { Out = output, Error = error, In = TextReader.Null }, new ClockAhead(ahead));
        return (exit, [.. JsonElement.Parse(output.ToString()).GetProperty("checks").EnumerateArray()]);
    }

    private sealed class ClockAhead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
