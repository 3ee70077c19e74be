using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Pipelines in pipelines as users start them; and a kill while a child run is at work.</summary>
public sealed class SubPipelineTests
{
    [Test]
    public async Task TheSampleMakesARunForEachRegionAndAddsThemUp()
    {
        using var orc = new OrcProgram();

        var run = await orc.RunAsync("run", Repository.Path("workflows", "regions", "regions.json"), "--json");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Json.GetProperty("outputs").GetProperty("total").GetInt32(), Is.EqualTo(32));
        Assert.That(run.Json.GetProperty("outputs").GetProperty("reports").GetRawText().Replace(" ", "", StringComparison.Ordinal), Does.Contain("16").And.Contain("8"));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.EqualTo(1), "children are not shown unless asked for");
        var all = (await orc.RunAsync("runs", "--children", "--json")).Json.EnumerateArray().ToArray();
        Assert.That(all.Count(one => one.TryGetProperty("relation", out var relation) && relation.GetString() == "child"), Is.EqualTo(3));
    }

    [Test]
    public async Task AKilledChildRunGoesOnWithItsParentAndIsNotMadeTwice()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("parent.json", """
            { "name": "parent", "outputs": { "code": "${tasks.child.code}" }, "tasks": {
                "child": { "as": "run", "pipeline": { "name": "kid", "outputs": { "code": "${tasks.slow.exitCode}" }, "tasks": {
                    "quick": { "uses": "exec.command", "with": { "command": "echo quick >> done.txt" } },
                    "slow": { "uses": "exec.command", "needs": ["quick"], "with": { "command": "echo slow >> done.txt; test -e go || sleep 600" } } } } } } }
            """);
        using var first = orc.Start("run", file);
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await AppearsAsync(Path.Combine(Path.GetDirectoryName(file)!, "done.txt"), "slow");
        await first.KillAsync();
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(file)!, "go"), "");
        var why = await orc.RunAsync("why", run);

        var resumed = await orc.RunAsync("run", "--resume", run, "--json");

        Assert.That(why.Output, Does.Contain("child run"), why.ToString());
        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(resumed.Json.GetProperty("outputs").GetProperty("code").GetInt32(), Is.Zero);
        var runs = (await orc.RunAsync("runs", "--children", "--json")).Json.EnumerateArray().ToArray();
        Assert.That(runs, Has.Length.EqualTo(2), "one parent and one child");
        Assert.That(runs.Select(one => one.GetProperty("status").GetString()), Is.All.EqualTo("succeeded"));
        Assert.That(await File.ReadAllLinesAsync(Path.Combine(Path.GetDirectoryName(file)!, "done.txt")), Is.EqualTo(new[] { "quick", "slow", "slow" }), "what was done is not done again");
    }

    private static async Task AppearsAsync(string file, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!File.Exists(file) || !(await File.ReadAllTextAsync(file, limit.Token)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(50, limit.Token);
        }
    }
}
