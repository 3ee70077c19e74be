using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Runs that begin in the middle, plans of runs, and what the cache says of them, as users ask for them.</summary>
public sealed class RerunTests
{
    private const string Pipeline = """
        { "name": "people", "params": { "text": { "type": "string", "default": "done" } },
          "tasks": {
            "snapshot": { "uses": "data.snapshot", "with": { "source": "people.csv", "name": "people" } },
            "split": { "uses": "data.split", "with": { "dataset": "${tasks.snapshot.version}", "testFraction": 0.5, "seed": SEED } },
            "tell": { "uses": "notify.log", "with": { "message": "${params.text}" }, "needs": [ "split" ] } } }
        """;

    [Test]
    public async Task APipelineIsPlannedRunChangedAndRunAgainFromTheMiddle()
    {
        using var orc = new OrcProgram();
        orc.Write("people.csv", "name,age\nAda,36\nAlan,41\nGrace,85\nEdsger,72\n");
        var file = orc.Write("people.json", Pipeline.Replace("SEED", "1", StringComparison.Ordinal));

        Assert.That(Steps(await orc.RunAsync("run", file, "--dry-run", "--json")), Is.EqualTo("snapshot run, split open, tell open"));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.Zero, "a plan is no run");
        var first = await orc.RunAsync("run", file, "--json");
        Assert.That(first.ExitCode, Is.Zero, first.ToString());
        Assert.That(Steps(await orc.RunAsync("run", file, "--dry-run", "--json")), Is.EqualTo("snapshot cached, split cached, tell run"));

        orc.Write("people.json", Pipeline.Replace("SEED", "2", StringComparison.Ordinal));
        var plan = await orc.RunAsync("run", file, "--dry-run", "--json");
        Assert.That(plan.Json.GetProperty("tasks")[1].GetProperty("why").GetString(), Does.EndWith("input seed was 1 and is 2"));
        var again = await orc.RunAsync("run", file, "--from", "split", "--json");
        Assert.That(Statuses(again), Is.EqualTo("snapshot cached, split succeeded, tell succeeded"));

        var why = await orc.RunAsync("why", "last", "split", "--cache", "--json");
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("outcome").GetString(), Is.EqualTo("miss"));
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("parts").GetProperty("inputs").GetProperty("seed").GetInt32(), Is.EqualTo(2));

        var only = await orc.RunAsync("retry", "last", "--only", "tell", "--json");
        Assert.That(Statuses(only), Is.EqualTo("snapshot cached, split cached, tell succeeded"));
        Assert.That((await orc.RunAsync("why", "last", "split")).Output, Does.Contain("was taken over by whoever started this run"));
        var changed = await orc.RunAsync("retry", "last", "--param", "text=other", "--json");
        Assert.That(Statuses(changed), Is.EqualTo("snapshot cached, split cached, tell succeeded"));
        Assert.That(changed.Json.GetProperty("params").GetProperty("text").GetString(), Is.EqualTo("other"));
    }

    [Test]
    public async Task ACommandThatNamesNoSourcesRunsEachTimeAndSaysWhy()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("say.json", """{ "name": "say", "tasks": { "say": { "uses": "exec.command", "with": { "command": "echo hello" } } } }""");
        Assert.That((await orc.RunAsync("run", file)).ExitCode, Is.Zero);

        var plan = await orc.RunAsync("run", file, "--dry-run", "--json");
        var why = await orc.RunAsync("why", "last", "say", "--cache", "--json");

        Assert.That(plan.Json.GetProperty("tasks")[0].GetProperty("why").GetString(), Does.StartWith("nobody can tell what exec.command reads here"));
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("outcome").GetString(), Is.EqualTo("unused"));
    }

    [TestCase("ORC5244", "run", "people.json", "--refresh", "splitt")]
    [TestCase("ORC5915", "run", "people.json", "--pin", "split")]
    [TestCase("ORC5929", "run", "people.json", "--from", "split")]
    [TestCase("ORC5928", "run", "--resume", "last", "--dry-run")]
    [TestCase("ORC5903", "retry", "last")]
    [TestCase("ORC5917", "pools", "set", "gpu", "-1")]
    public async Task AWrongWishIsRefusedWithWordsAndNothingIsRun(string code, params string[] arguments)
    {
        using var orc = new OrcProgram();
        orc.Write("people.json", Pipeline.Replace("SEED", "1", StringComparison.Ordinal));

        var result = await orc.RunAsync(arguments);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.StartWith($"error {code}: "));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.Zero);
    }

    private static string Steps(ProgramResult plan) => string.Join(
        ", ", Tasks(plan).Select(task => $"{task.GetProperty("task").GetString()} {task.GetProperty("step").GetString()}"));

    private static string Statuses(ProgramResult run) => string.Join(
        ", ", Tasks(run).Select(task => $"{task.GetProperty("name").GetString()} {task.GetProperty("status").GetString()}").Order(StringComparer.Ordinal));

    private static JsonElement.ArrayEnumerator Tasks(ProgramResult result) =>
        result.ExitCode == 0 ? result.Json.GetProperty("tasks").EnumerateArray() : throw new AssertionException(result.ToString());
}
