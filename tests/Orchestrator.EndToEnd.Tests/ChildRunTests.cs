using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Runs that do the work of another run's task, as people look at them, stop them and hold them.</summary>
public sealed class ChildRunTests
{
    [Test]
    public async Task TheLogOfATaskThatIsARunOfItsOwnIsThatOfTheRun()
    {
        using var orc = new OrcProgram();
        var file = orc.Write("parent.json", """
            { "name": "parent", "tasks": {
                "before": { "uses": "exec.command", "with": { "command": "echo said before" } },
                "kids": { "as": "run", "needs": ["before"], "map": { "over": "[1, 2]" }, "pipeline": { "name": "kid", "params": { "n": { "type": "integer" } }, "tasks": {
                    "one": { "uses": "exec.command", "with": { "command": "echo one says ${params.n}" } },
                    "two": { "as": "run", "pipeline": { "name": "grandkid", "params": { "n": { "type": "integer" } }, "tasks": {
                        "deep": { "uses": "exec.command", "map": { "over": "[7]" }, "with": { "command": "echo deep says ${params.n}${item}" } } } }, "with": { "n": "${params.n}" } } } }, "with": { "n": "${item}" } } } }
            """);
        var run = await orc.RunAsync("run", file, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        Assert.That(await LinesAsync(orc, "last"), Is.EquivalentTo(new[]
        {
            "before#1 said before", "kids/0/one#1 one says 1", "kids/0/two/deep/0#1 deep says 17", "kids/1/one#1 one says 2", "kids/1/two/deep/0#1 deep says 27",
        }));
        Assert.That(await LinesAsync(orc, "last", "kids/1"), Is.EquivalentTo(new[] { "kids/1/one#1 one says 2", "kids/1/two/deep/0#1 deep says 27" }));
        Assert.That(await LinesAsync(orc, "last", "kids/one"), Is.EquivalentTo(new[] { "kids/0/one#1 one says 1", "kids/1/one#1 one says 2" }));
        Assert.That(await LinesAsync(orc, "last", "kids/1/two/deep/0"), Is.EqualTo(new[] { "kids/1/two/deep/0#1 deep says 27" }));
        var line = (await orc.RunAsync("logs", "last", "kids/0/one", "--json")).Json.EnumerateArray().First(one => one.GetProperty("text").GetString() == "one says 1");
        Assert.That(await LinesAsync(orc, line.GetProperty("run").GetString()!, "one"), Is.EqualTo(new[] { "one#1 one says 1" }));

        var wrong = await orc.RunAsync("logs", "last", "kids/on");
        Assert.That((wrong.ExitCode, wrong.Error), Is.EqualTo((2, wrong.Error)));
        Assert.That(wrong.Error, Does.Contain("ORC5906").And.Contain("has no task \"on\"").And.Contain("one, two"));
        Assert.That((await orc.RunAsync("logs", "last", "before/x")).Error, Does.Contain("has no task \"before/x\""));
    }

    [Test]
    public async Task TheLogOfARunningChildIsFollowed()
    {
        using var orc = new OrcProgram();
        using var program = orc.Start("run", orc.Write("parent.json", """
            { "name": "parent", "tasks": { "kid": { "as": "run", "pipeline": { "name": "kid", "tasks": {
                "work": { "uses": "exec.command", "with": { "command": "echo begun; until test -e go; do sleep 0.1; done; echo done" } } } } } } }
            """));
        var run = (await program.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        using var follower = orc.Start("logs", run, "kid/work", "-f");

        await follower.LineAsync(line => line.EndsWith(" begun", StringComparison.Ordinal));
        orc.Write("go", "");

        var logs = await follower.EndAsync();
        Assert.That((logs.ExitCode, logs.Output), Is.EqualTo((0, logs.Output)), logs.ToString());
        Assert.That(logs.Output, Does.Contain("kid/work#1").And.Contain(" done"));
        Assert.That((await program.EndAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task AnInterruptedParentLeavesItsChildAndBothGoOnTogether()
    {
        using var orc = new OrcProgram();
        var (program, parent, child) = await StartAsync(orc);
        using (program)
        {
            await SignalAsync(program, "INT");
            var left = await program.EndAsync();
            Assert.That(left.ExitCode, Is.EqualTo(130), left.ToString());
            Assert.That(left.Output, Does.Contain($"orc run --resume {parent}"));
        }

        var runs = await orc.RunAsync("runs", "--children");
        Assert.That(runs.Output, Does.Match($@"{child}.*running, unowned").And.Match($@"{parent}.*running, unowned").And.Contain($"go on with: orc run --resume {parent}"));
        orc.Write("go", "");
        var resumed = await orc.RunAsync("run", "--resume", parent);
        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(await StatusesAsync(orc), Is.EquivalentTo(new[] { "succeeded", "succeeded" }));
    }

    [Test]
    public async Task ACancelledParentCancelsItsChildWhichCleansUp()
    {
        using var orc = new OrcProgram();
        var (program, parent, _) = await StartAsync(orc);
        using (program)
        {
            Assert.That((await orc.RunAsync("cancel", parent)).ExitCode, Is.Zero);
            Assert.That((await program.EndAsync()).ExitCode, Is.EqualTo(1));
        }

        Assert.That(await StatusesAsync(orc), Is.EquivalentTo(new[] { "cancelled", "cancelled" }));
        Assert.That((await orc.RunAsync("logs", parent, "kid/clean")).Output, Does.Contain("cleaned"));
        Assert.That((await orc.RunAsync("logs", parent, "after")).Output, Is.Empty, "what comes after it never began");
    }

    [Test]
    public async Task AParentStopsAChildThatAnotherProcessWorksOn()
    {
        using var orc = new OrcProgram();
        var (program, parent, child) = await StartAsync(orc);
        using (program)
        {
            await program.KillAsync();
        }

        using var other = orc.Start("run", "--resume", child);
        await other.LineAsync(line => line.Contains("started", StringComparison.Ordinal));
        using var resumed = orc.Start("run", "--resume", parent);
        await resumed.LineAsync(line => line.Contains("started", StringComparison.Ordinal));

        Assert.That((await orc.RunAsync("cancel", parent)).ExitCode, Is.Zero);

        Assert.That((await other.EndAsync()).ExitCode, Is.EqualTo(1));
        Assert.That((await resumed.EndAsync()).ExitCode, Is.EqualTo(1));
        Assert.That((await orc.RunAsync("show", child)).Output, Does.Contain($"cancelled by its parent, run {parent}"));
        Assert.That(await StatusesAsync(orc), Is.EquivalentTo(new[] { "cancelled", "cancelled" }));
    }

    [Test]
    public async Task AChildThatSomebodyCancelsFailsTheTaskThatWaitsForIt()
    {
        using var orc = new OrcProgram();
        var (program, _, child) = await StartAsync(orc);
        using (program)
        {
            Assert.That((await orc.RunAsync("cancel", child)).ExitCode, Is.Zero);
            var ended = await program.EndAsync();
            Assert.That(ended.ExitCode, Is.EqualTo(1), ended.ToString());
            Assert.That(ended.Output + ended.Error, Does.Contain("ORC5272").And.Contain($"child run {child} ended without success: cancelled"));
        }
    }

    /// <summary>A parent whose child is at work until a file called <c>go</c> appears.</summary>
    private static async Task<(RunningProgram Program, string Parent, string Child)> StartAsync(OrcProgram orc)
    {
        var program = orc.Start("run", orc.Write("parent.json", """
            { "name": "parent", "tasks": {
                "kid": { "as": "run", "pipeline": { "name": "kid", "tasks": {
                    "work": { "uses": "exec.command", "with": { "command": "echo begun; until test -e go; do sleep 0.1; done" } },
                    "clean": { "uses": "exec.command", "onExit": true, "with": { "command": "echo cleaned" } } } } },
                "after": { "uses": "exec.command", "needs": ["kid"], "with": { "command": "echo after" } } } }
            """));
        var parent = (await program.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        using var watched = orc.Start("logs", parent, "kid", "-f");
        await watched.LineAsync(line => line.EndsWith(" begun", StringComparison.Ordinal));
        var child = (await orc.RunAsync("runs", "--children", "--json")).Json.EnumerateArray().Single(run => run.TryGetProperty("relation", out _)).GetProperty("id").GetString()!;
        return (program, parent, child);
    }

    private static async Task<string?[]> StatusesAsync(OrcProgram orc) =>
        [.. (await orc.RunAsync("runs", "--children", "--json")).Json.EnumerateArray().Select(run => run.GetProperty("status").GetString())];

    private static async Task SignalAsync(RunningProgram program, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{program.Process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What commands printed, without time and severity, and without what the engine says of them.</summary>
    private static async Task<string[]> LinesAsync(OrcProgram orc, params string[] arguments)
    {
        var logs = await orc.RunAsync(["logs", .. arguments, "--json"]);
        Assert.That(logs.ExitCode, Is.Zero, logs.ToString());
        return [.. logs.Json.EnumerateArray().Where(line => line.GetProperty("text").GetString()!.Contains(" sa", StringComparison.Ordinal) || line.GetProperty("text").GetString()!.StartsWith("said", StringComparison.Ordinal))
            .Where(line => !line.GetProperty("text").GetString()!.Contains("echo", StringComparison.Ordinal)).Select(Label)];
    }

    private static string Label(JsonElement line)
    {
        var item = line.TryGetProperty("item", out var index) && index.ValueKind == JsonValueKind.Number ? $"/{index}" : "";
        return $"{line.GetProperty("task")}{item}#{line.GetProperty("attempt")} {line.GetProperty("text")}";
    }
}
