namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>SIGKILL for a server with a run under way: the run goes on with the next server and completes once, also for those who follow it; and without a server commands work on the home.</summary>
public sealed class KilledServerTests
{
    private const int Tasks = 12;

    [Test]
    public async Task ARunOfAKilledServerGoesOnWithTheNextOneAndCompletesOnce()
    {
        using var orc = new OrcProgram();
        var server = await ServedProgram.StartAsync(orc);
        using var followed = orc.Start("run", orc.Write("chain.json", Chain()));
        var run = (await followed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        using var log = orc.Start("logs", run, "--follow");
        await log.LineAsync(line => line.Contains(" t1#1 ", StringComparison.Ordinal));
        await followed.LineAsync(line => line.Contains(" t3 ", StringComparison.Ordinal));
        await server.KillAsync();
        server.Dispose();
        var before = await orc.RunAsync("show", run, "--json");

        using var next = await ServedProgram.StartAsync(orc);

        var ended = await followed.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, $"who followed the run over the kill: {ended}");
        Assert.That(ended.Output, Does.Contain($"run {run} succeeded: {Tasks} succeeded"));
        var read = await log.EndAsync();
        Assert.That(read.ExitCode, Is.Zero, $"who followed the log over the kill: {read}");
        Assert.That(read.Output.Split('\n').Count(line => line.Contains("t1#1 debug", StringComparison.Ordinal)), Is.EqualTo(1), "no line comes twice");
        var after = await orc.RunAsync("show", run, "--json");
        Assert.That(after.Json.Text("status"), Is.EqualTo("succeeded"));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.EqualTo(1), "one run and no second");
        var marks = await File.ReadAllLinesAsync(Path.Combine(orc.Folder, "marks"));
        foreach (var finished in before.Json.GetProperty("tasks").EnumerateArray().Where(task => task.Text("status") == "succeeded").Select(task => task.Text("name")))
        {
            Assert.That(ChurnTests.Task(after, finished!).GetProperty("attempts").GetInt32(), Is.EqualTo(1), finished);
            Assert.That(marks.Count(mark => mark == finished), Is.EqualTo(1), $"{finished} was done once and not again");
        }

        Assert.That(marks.Distinct().Count(), Is.EqualTo(Tasks), "each was done");
        Assert.That(ended.Output.Split('\n').Count(line => line.Contains("succeeded after", StringComparison.Ordinal)), Is.EqualTo(Tasks), "each was told of once");
        Assert.That((await next.StopAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task WhatAKilledServerLeftPointsAtNobody()
    {
        using var orc = new OrcProgram();
        using var server = await ServedProgram.StartAsync(orc);
        await server.KillAsync();
        Assert.That(File.Exists(Path.Combine(orc.Home, "server.json")), "it had no time to take it away");

        var ran = await orc.RunAsync("run", orc.Write("one.json", """{ "name": "one", "tasks": { "one": { "uses": "notify.log", "with": { "message": "here" } } } }"""));

        Assert.That(ran.ExitCode, Is.Zero, ran.ToString());
        Assert.That((await orc.RunAsync("runs")).Output, Does.Contain("succeeded"));
        Assert.That((await orc.RunAsync("runs", "--server", server.Url)).Error, Does.Contain("ORC5994").And.Contain("connection refused"));
    }

    [Test]
    public async Task ARunThatWasFollowedGoesOnHereWhenItsServerIsGone()
    {
        using var orc = new OrcProgram();
        using var server = await ServedProgram.StartAsync(orc);
        using var followed = orc.Start("run", orc.Write("chain.json", Chain()));
        var run = (await followed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await followed.LineAsync(line => line.Contains(" t2 ", StringComparison.Ordinal));
        await server.KillAsync();

        var resumed = await orc.RunAsync("run", "--resume", run);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(resumed.Output, Does.Contain($"run {run} succeeded: {Tasks} succeeded"));
        await followed.KillAsync();
    }

    private static string Chain() => $$"""{ "name": "chain", "tasks": { {{string.Join(", ", Enumerable.Range(1, Tasks).Select(task =>
        $$"""
        "t{{task}}": { "uses": "exec.command", "needs": [{{(task == 1 ? "" : $"\"t{task - 1}\"")}}], "with": { "command": "sleep 0.4; echo t{{task}} >> marks" } }
        """))}} } }""";
}
