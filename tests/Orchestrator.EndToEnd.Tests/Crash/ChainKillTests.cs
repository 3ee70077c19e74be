using Orchestrator.Core.Runs;

namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>SIGKILL in the middle of a chain of 40 tasks of 0.1 s, which is what other engines were measured with: only the task in flight runs again, and the chain goes on at once.</summary>
public sealed class ChainKillTests
{
    private const int Length = 40;

    [Test]
    public async Task OnlyTheTaskInFlightRunsAgainAndTheChainGoesOn()
    {
        using var home = new CrashHome();
        home.Orc.Write("forty.json", Chain());
        using var killed = home.Orc.Start("run", "forty.json");
        var run = (await killed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        // Its work has begun, so there is an attempt in flight: between the end of a task and the start of the next there is a moment in which there is none.
        await killed.LineAsync(line => line.Contains("c17", StringComparison.Ordinal) && line.Contains("started", StringComparison.Ordinal));
        await killed.KillAsync();
        var before = (await home.LookAsync()).Single();
        CrashHome.CheckInterrupted(before);

        var resumed = await home.Orc.RunAsync("run", "--resume", run);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        var after = (await home.LookAsync()).Single();
        CrashHome.CheckNothingRanAgain(before, after);
        var work = File.ReadAllLines(Path.Combine(home.Orc.Folder, "effects.txt")).CountBy(key => key).ToDictionary();
        Assert.That(work, Has.Count.EqualTo(Length));
        Assert.That(work.Values.Sum(), Is.LessThanOrEqualTo(Length + 1), "something else ran again than the task in flight");

        var lost = after.Events.OfType<AttemptLost>().Single();
        var next = after.Events.OfType<AttemptStarted>().First(started => started.At >= lost.At);
        Assert.That(next.Task, Is.EqualTo(lost.Task));
        TestContext.Out.WriteLine($"killed after {before.Events.OfType<AttemptSucceeded>().Count()} tasks, {work.Values.Sum()} task runs, on again {(next.At - lost.At).TotalMilliseconds:0.0} ms after the run was taken over");
    }

    private static string Chain()
    {
        var tasks = Enumerable.Range(0, Length).Select(index => $$"""
            "c{{index}}": { "uses": "exec.command", "with": { "command": "sleep 0.1; echo \"$ORC_KEY\" >> effects.txt" }{{(index == 0 ? "" : $", \"needs\": [\"c{index - 1}\"]")}} }
            """);
        return $$"""{ "name": "forty", "tasks": { {{string.Join(",\n", tasks)}} } }""";
    }
}
