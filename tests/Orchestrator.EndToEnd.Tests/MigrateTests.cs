using Orchestrator.Core.Runs;
using Orchestrator.EndToEnd.Tests.Crash;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Unfinished runs that are given a newer definition, with and without a process that works on them, also when it is killed on the way.</summary>
public sealed class MigrateTests
{
    private const int Killed = 137;

    private const string Before = """
        { "name": "release", "tasks": {
            "first": { "uses": "notify.log", "with": { "message": "one" } },
            "work":  { "uses": "exec.command", "with": { "command": "until test -e go; do sleep 0.05; done; echo old >> done.txt" }, "needs": ["first"] },
            "tell":  { "uses": "notify.log", "with": { "message": "old" }, "needs": ["work"] } } }
        """;

    private const string After = """
        { "name": "release", "params": { "word": { "type": "string", "default": "new" } }, "tasks": {
            "extra": { "uses": "notify.log", "with": { "message": "extra" }, "needs": ["first"] },
            "tell":  { "uses": "notify.log", "with": { "message": "${params.word} ${tasks.extra.text}" }, "needs": ["work"] },
            "work":  { "uses": "exec.command", "with": { "command": "until test -e go; do sleep 0.05; done; echo old >> done.txt" }, "needs": ["first"] },
            "first": { "uses": "notify.log", "with": { "message": "one" } } } }
        """;

    [Test]
    public async Task ALivingRunIsMigratedByTheProcessThatWorksOnIt()
    {
        using var orc = new OrcProgram();
        using var first = orc.Start("run", orc.Write("a.json", Before));
        var run = await StartedAsync(first);

        var changedWork = orc.Write("bad.json", After.Replace("echo old", "echo new", StringComparison.Ordinal).Replace("\"extra\": {", "\"other\": {", StringComparison.Ordinal).Replace("tasks.extra", "tasks.other", StringComparison.Ordinal));
        var refused = await orc.RunAsync("migrate", run, changedWork);
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Contain("ORC5283: task \"work\" is running, and the new definition has another input command").And.Contain("--restart work").And.Contain("ORC5956"));
        var check = await orc.RunAsync("migrate", run, orc.Write("b.json", After), "--check", "--json");
        Assert.That(check.ExitCode, Is.Zero, check.ToString());
        Assert.That(check.Json.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("task")} {task.GetProperty("becomes")}"), Is.EqualTo(new[] { "extra new", "tell waits", "work continues", "first kept" }));

        var migrated = await orc.RunAsync("migrate", run, "b.json", "--param", "word=late", "--reason", "say more");
        Assert.That(migrated.ExitCode, Is.Zero, migrated.ToString());
        Assert.That((await orc.RunAsync("migrate", run, "b.json")).Error, Does.Contain("ORC5281"));
        Assert.That((await orc.RunAsync("why", run)).Output, Does.Contain("say more"));
        orc.Write("go", "");
        var ended = await first.EndAsync();

        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That(ended.Output, Does.Contain("migrated by").And.Contain("late extra"));
        Assert.That(File.ReadAllText(Path.Combine(orc.Folder, "done.txt")), Is.EqualTo("old\n"), "what was under way went on");
        Assert.That((await orc.RunAsync("show", run, "--json")).Json.GetProperty("params").GetProperty("word").GetString(), Is.EqualTo("late"));
    }

    [Test]
    public async Task ARestartedTaskIsStoppedBeforeItBeginsAgain()
    {
        using var orc = new OrcProgram();
        var steps = """trap "echo stopped >> done.txt; exit 1" TERM; echo begun >> done.txt; until test -e go; do sleep 0.05; done; echo ended >> done.txt""";
        using var first = orc.Start("run", orc.Write("a.json", Before.Replace("until test -e go; do sleep 0.05; done; echo old >> done.txt", steps.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal)));
        var run = await StartedAsync(first);
        orc.Write("b.json", After.Replace("until test -e go; do sleep 0.05; done; echo old", "echo again", StringComparison.Ordinal));
        while (!File.Exists(Path.Combine(orc.Folder, "done.txt")))
        {
            await Task.Yield();
        }

        var migrated = await orc.RunAsync("migrate", run, "b.json", "--restart", "work");
        Assert.That(migrated.ExitCode, Is.Zero, migrated.ToString());
        var ended = await first.EndAsync();

        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That(File.ReadAllLines(Path.Combine(orc.Folder, "done.txt")), Is.EqualTo(new[] { "begun", "stopped", "again" }));
    }

    [Test]
    public async Task ARunThatNobodyWorksOnIsMigratedAtOnceAndTheNewCodeOfAStepRuns()
    {
        using var orc = new OrcProgram();
        var script = """
            var p = Pipeline("steps");
            var ask = p.Add("ask", new Approve { Prompt = "Go?" });
            p.Step("tell", async ctx => ctx.Set("word", "old")).Needs(ask);
            return p;
            """;
        var left = await orc.RunAsync("run", orc.Write("a.csx", script), "--detach-when-waiting");
        Assert.That(left.ExitCode, Is.EqualTo(3), left.ToString());
        var run = left.Output.Split('\n')[0].Split(' ')[1];
        var migrated = await orc.RunAsync("migrate", run, orc.Write("b.csx", script.Replace("old", "new", StringComparison.Ordinal)));
        Assert.That(migrated.ExitCode, Is.Zero, migrated.ToString());
        Assert.That(migrated.Output, Does.Contain("step code").And.Contain($"orc run --resume {run}"));
        await orc.RunAsync("approve", run, "ask");

        var resumed = await orc.RunAsync("run", "--resume", run, "--json");

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(ChurnTests.Task(resumed, "tell").GetProperty("outputs").GetProperty("result").GetProperty("word").GetString(), Is.EqualTo("new"));
    }

    /// <summary>Killed before it is stored, a migration has not been; after it, it has been whole.</summary>
    [TestCase("migration-decided", false)]
    [TestCase("migration-committed", false)]
    [TestCase("migration-decided", true)]
    [TestCase("migration-committed", true)]
    public async Task AKilledMigrationHasHappenedOrNot(string moment, bool owned)
    {
        using var home = new CrashHome();
        var orc = home.Orc;
        orc.Write("b.json", After);
        orc.Fault = owned ? moment : null;
        using var first = orc.Start("run", orc.Write("a.json", Before));
        orc.Fault = null;
        var run = await StartedAsync(first);
        if (!owned)
        {
            await first.KillAsync();
            orc.Fault = moment;
        }

        var asked = await orc.RunAsync("migrate", run, "b.json");
        orc.Fault = null;
        var killed = owned ? await first.EndAsync() : asked;
        Assert.That(killed.ExitCode, Is.EqualTo(Killed), $"{asked}\n{killed}");
        CrashHome.CheckInterrupted((await home.LookAsync()).Single());
        if (!owned && moment == "migration-decided")
        {
            Assert.That((await orc.RunAsync("migrate", run, "b.json")).ExitCode, Is.Zero);
        }

        orc.Write("go", "");
        var resumed = await orc.RunAsync("run", "--resume", run);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        var ended = (await home.LookAsync()).Single();
        Assert.That(ended.Events.OfType<RunMigrated>().Count(), Is.EqualTo(1));
        Assert.That(resumed.Output, Does.Contain("new extra"));
        CrashHome.CheckFinished(ended, ended.Outcome, []);
    }

    private static async Task<string> StartedAsync(RunningProgram program)
    {
        var run = (await program.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await program.LineAsync(line => line.Contains("work", StringComparison.Ordinal) && line.Contains("started", StringComparison.Ordinal));
        return run;
    }
}
