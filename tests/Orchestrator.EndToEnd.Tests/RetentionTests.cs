using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What is too old goes, beside runs that go on, and a kill at any moment costs nothing that stays.</summary>
public sealed class RetentionTests
{
    private static readonly string[] Moments = ["run-removed:1", "run-removed:3", "artifact-aside:1", "artifact-forgotten:1", "artifact-aside:2"];

    [TestCaseSource(nameof(Moments))]
    public async Task AKillInTheMiddleLeavesWhatTheNextTimeFinds(string moment)
    {
        using var orc = new OrcProgram();
        var runs = await FillAsync(orc, 5);
        orc.Fault = moment;
        var killed = await orc.RunAsync("retention", "apply", "--no-grace");
        orc.Fault = null;
        Assert.That(killed.ExitCode, Is.EqualTo(137).Or.EqualTo(-1), killed.ToString());
        await AssertWholeAsync(orc);

        var again = await orc.RunAsync("retention", "apply", "--no-grace", "--json");

        Assert.That(again.ExitCode, Is.Zero, again.ToString());
        Assert.That(await IdsAsync(orc), Is.EquivalentTo(runs.TakeLast(1)));
        await AssertWholeAsync(orc);
        // The newest version of the dataset, its profile, and the parts of its split; of older versions the data and the profile.
        Assert.That(Directory.EnumerateFiles(Path.Combine(orc.Home, "artifacts"), "*", SearchOption.AllDirectories).Count(), Is.EqualTo((5 * 2) + 2));
        Assert.That(Directory.EnumerateDirectories(Path.Combine(orc.Home, "logs")).Select(Path.GetFileName), Is.EquivalentTo(runs.TakeLast(1)));
    }

    [Test]
    public async Task ARemovedRunIsToldOfAndAnActiveOneGoesOn()
    {
        using var orc = new OrcProgram();
        var runs = await FillAsync(orc, 3);
        var slow = orc.Write("slow.json", """{ "name": "slow", "tasks": { "a": { "uses": "exec.command", "with": { "command": "while [ ! -e go ]; do sleep 0.05; done" } }, "b": { "uses": "exec.command", "needs": ["a"], "with": { "command": "echo b" } } } }""");
        using var active = orc.Start("run", slow, "--json");
        await OrcWait.UntilAsync("the run is active", async () => (await IdsAsync(orc)).Length == 4);

        var refused = await orc.RunAsync("retention", "apply", "--no-grace");
        Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((2, refused.Error)));
        Assert.That(refused.Error, Does.Contain("ORC6403"));
        var applied = await orc.RunAsync("retention", "apply", "--json");
        Assert.That((applied.ExitCode, applied.Json.GetProperty("runs").GetInt32(), applied.Json.GetProperty("artifacts").GetProperty("files").GetInt32()), Is.EqualTo((0, 2, 0)), applied.ToString());

        File.WriteAllText(Path.Combine(orc.Folder, "go"), "");
        var ended = await active.EndAsync();
        Assert.That((ended.ExitCode, ended.Json.GetProperty("status").GetString()), Is.EqualTo((0, "succeeded")), ended.ToString());

        foreach (var words in new[] { "show", "logs", "why", "retry" })
        {
            var gone = await orc.RunAsync(words, runs[0]);
            Assert.That(gone.ExitCode, Is.EqualTo(2), gone.ToString());
            Assert.That(gone.Error, Does.Contain("ORC6400").And.Contain("retention removed it at"), words);
        }
    }

    [Test]
    public async Task APlanChangesNothingAndSaysWhy()
    {
        using var orc = new OrcProgram();
        await FillAsync(orc, 3);

        var plan = await orc.RunAsync("retention", "plan");

        Assert.That(plan.ExitCode, Is.Zero, plan.ToString());
        Assert.That(plan.Output, Does.Contain("would be removed:").And.Contain("2 runs").And.Contain("the newest version of dataset t was made by it"));
        Assert.That(await IdsAsync(orc), Has.Length.EqualTo(3));
        var nothing = await orc.RunAsync("settings", "unset", "retention.runs");
        Assert.That((await orc.RunAsync("retention")).Output, Does.Contain("this home keeps everything"), nothing.ToString());
    }

    /// <summary>Runs that each make a version of a dataset and split it; all old enough to go.</summary>
    private static async Task<string[]> FillAsync(OrcProgram orc, int count)
    {
        var pipeline = orc.Write("p.json", """
            { "name": "p", "params": { "file": { "type": "string" } }, "tasks": {
              "say": { "uses": "exec.command", "with": { "command": "echo hello" } },
              "snap": { "uses": "data.snapshot", "with": { "source": "${params.file}", "name": "t" } },
              "split": { "uses": "data.split", "with": { "dataset": "${tasks.snap.version}", "testFraction": 0.2, "seed": 7 } } } }
            """);
        var runs = new List<string>();
        for (var i = 1; i <= count; i++)
        {
            orc.Write($"t{i}.csv", "a,b\n" + string.Concat(Enumerable.Range(1, 50).Select(row => $"{row * i},{row}\n")));
            var run = await orc.RunAsync("run", pipeline, "--param", $"file=t{i}.csv", "--json");
            Assert.That(run.ExitCode, Is.Zero, run.ToString());
            runs.Add(run.Json.GetProperty("id").GetString()!);
        }

        File.WriteAllText(Path.Combine(orc.Home, "settings.json"), """{ "retention.runs": "1s", "retention.keep-runs": "0" }""");
        await OrcWait.UntilAsync("the last run is old enough", async () =>
            (await orc.RunAsync("retention", "plan", "--json")).Json is var plan && plan.GetProperty("removeCount").GetInt32() + plan.GetProperty("keptCount").GetInt32() == count);
        return [.. runs];
    }

    private static async Task<string[]> IdsAsync(OrcProgram orc) =>
        [.. (await orc.RunAsync("runs", "--json")).Json.EnumerateArray().Select(run => run.GetProperty("id").GetString()!)];

    /// <summary>Every run that is there can be shown, and every file that one speaks of is there and whole.</summary>
    private static async Task AssertWholeAsync(OrcProgram orc)
    {
        var doctor = await orc.RunAsync("doctor", "--deep", "--json");
        Assert.That(doctor.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("what").GetString() is "database" or "artifacts").Select(check => check.GetProperty("level").GetString()), Is.All.EqualTo("ok"), doctor.ToString());
        foreach (var run in await IdsAsync(orc))
        {
            var shown = await orc.RunAsync("show", run, "--json");
            Assert.That(shown.ExitCode, Is.Zero, shown.ToString());
            foreach (var hash in HashesOf(shown.Json))
            {
                Assert.That(File.Exists(Path.Combine(orc.Home, "artifacts", hash[..2], hash[2..])), $"{hash} of run {run}");
            }
        }
    }

    private static IEnumerable<string> HashesOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => member.Name == "hash" && member.Value.ValueKind == JsonValueKind.String ? [member.Value.GetString()!] : HashesOf(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(HashesOf),
        _ => [],
    };
}

/// <summary>Looks until something is so.</summary>
internal static class OrcWait
{
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await isSo())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, $"not within two minutes: {what}");
            await Task.Delay(50, CancellationToken.None);
        }
    }
}
