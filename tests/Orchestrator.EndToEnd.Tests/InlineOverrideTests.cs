namespace Orchestrator.EndToEnd.Tests;

/// <summary>What people say of single tasks when they start or repeat a run, said of tasks of an inline sub-pipeline.</summary>
public sealed class InlineOverrideTests
{
    [Test]
    public async Task ARunStartsInTheMiddleOfASubPipelineAndKeepsWhatIsBeforeIt()
    {
        using var orc = new OrcProgram();
        var file = Write(orc);
        orc.Write("fail", "");
        Assert.That((await orc.RunAsync("run", file)).ExitCode, Is.EqualTo(1));
        File.Delete(Path.Combine(orc.Folder, "fail"));

        Assert.That(await EndAsync(orc, "retry", "last"), Is.EqualTo("first cached, sub succeeded, sub/one cached, sub/three succeeded, sub/two succeeded, last succeeded"));
        Assert.That(await EndAsync(orc, "retry", "last", "--from", "sub/two"), Is.EqualTo("first cached, sub succeeded, sub/one cached, sub/three succeeded, sub/two succeeded, last succeeded"));
        Assert.That(await EndAsync(orc, "run", file, "--from", "sub/three"), Is.EqualTo("first cached, sub succeeded, sub/one cached, sub/three succeeded, sub/two cached, last succeeded"));
        Assert.That(await EndAsync(orc, "run", file, "--from", "sub"), Is.EqualTo("first cached, sub succeeded, sub/one succeeded, sub/three succeeded, sub/two succeeded, last succeeded"));
        Assert.That(await EndAsync(orc, "retry", "last", "--only", "sub/two"), Is.EqualTo("first cached, sub succeeded, sub/one cached, sub/three cached, sub/two succeeded, last cached"));
    }

    [Test]
    public async Task AResultInASubPipelineIsPinnedAndATaskInItLeftOut()
    {
        using var orc = new OrcProgram();
        var file = Write(orc);
        Assert.That((await orc.RunAsync("run", file)).ExitCode, Is.Zero);

        Assert.That(await EndAsync(orc, "run", file, "--pin", "sub/two=last"), Does.Contain("sub/one succeeded, sub/three succeeded, sub/two cached"));
        Assert.That(await EndAsync(orc, "run", file, "--pin", "sub=last"), Does.Contain("sub cached, sub/one skipped, sub/three skipped, sub/two skipped, last succeeded"));
        Assert.That(await EndAsync(orc, "run", file, "--skip", "sub"), Is.EqualTo("first succeeded, sub skipped, sub/one skipped, sub/three skipped, sub/two skipped, last skipped"));
        Assert.That(await EndAsync(orc, "run", file, "--skip", "sub/three"), Does.Contain("sub/one succeeded, sub/three skipped, sub/two succeeded"));
    }

    [TestCase("run", "FILE", "--skip", "sub/twi", "did you mean \"sub/two\"?")]
    [TestCase("run", "FILE", "--refresh", "sub/twi", "did you mean \"sub/two\"?")]
    [TestCase("run", "FILE", "--from", "sub/twi", "did you mean \"sub/two\"?")]
    [TestCase("run", "FILE", "--pin", "sub/twi=last", "did you mean \"sub/two\"?")]
    [TestCase("run", "FILE", "--skip", "sub/.begin", "no task \"sub/.begin\"")]
    [TestCase("run", "FILE", "--from", "sub/.begin", "no task \"sub/.begin\"")]
    [TestCase("run", "FILE", "--pin", "sub/.begin=last", "no task \"sub/.begin\"")]
    [TestCase("retry", "last", "--only", "sub/twi", "did you mean \"sub/two\"?")]
    [TestCase("retry", "last", "--from", "sub/.begin", "no task \"sub/.begin\"")]
    public async Task ATaskThatNobodyWroteIsRefused(string command, string what, string option, string value, string words)
    {
        using var orc = new OrcProgram();
        var file = Write(orc);
        Assert.That((await orc.RunAsync("run", file)).ExitCode, Is.Zero);

        var refused = await orc.RunAsync(command, what == "FILE" ? file : what, option, value);

        Assert.That(refused.ExitCode, Is.EqualTo(2), refused.ToString());
        Assert.That(refused.Error, Does.Contain("ORC5244").And.Contain(words));
    }

    /// <summary>How the tasks of the run ended, in the order of their names but for the first and the last.</summary>
    private static async Task<string> EndAsync(OrcProgram orc, params string[] arguments)
    {
        var run = await orc.RunAsync([.. arguments, "--json"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        return string.Join(", ", run.Json.GetProperty("tasks").EnumerateArray()
            .Select(task => (Name: task.GetProperty("name").GetString()!, Status: task.GetProperty("status").GetString()))
            .OrderBy(task => task.Name == "first" ? 0 : task.Name == "last" ? 2 : 1).ThenBy(task => task.Name, StringComparer.Ordinal)
            .Select(task => $"{task.Name} {task.Status}"));
    }

    private static string Write(OrcProgram orc) => orc.Write("outer.json", """
        { "name": "outer", "tasks": {
            "first": { "uses": "exec.command", "with": { "command": "echo a" } },
            "sub": { "with": { "x": "${tasks.first.stdout}" }, "pipeline": { "name": "inner", "params": { "x": { "type": "string" } }, "outputs": { "y": "${tasks.three?.stdout ?? 'none'}" }, "tasks": {
                "one": { "uses": "exec.command", "with": { "command": "echo one ${params.x}" } },
                "two": { "uses": "exec.command", "with": { "command": "test ! -e fail && echo two ${tasks.one.stdout}" } },
                "three": { "uses": "exec.command", "with": { "command": "echo three ${tasks.two.stdout}" } } } } },
            "last": { "uses": "exec.command", "with": { "command": "echo z ${tasks.sub.y}" } } } }
        """);
}
