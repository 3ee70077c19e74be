namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>What people ask of runs that a server works on: answers, pauses, marks, ends; and leaving.</summary>
public sealed class PeopleThroughServerTests
{
    private const string Asking = """
        { "name": "release", "tasks": {
            "approve": { "uses": "control.approve", "with": { "prompt": "Deploy v7?", "approvers": ["ann"], "onReject": "continue" } },
            "tell": { "uses": "notify.log", "with": { "message": "${tasks.approve.by} said ${tasks.approve.approved}" } } } }
        """;

    private OrcProgram orc = null!;
    private ServedProgram server = null!;

    [SetUp]
    public async Task StartAsync()
    {
        orc = new OrcProgram();
        server = await ServedProgram.StartAsync(orc);
    }

    [TearDown]
    public void End()
    {
        server.Dispose();
        orc.Dispose();
    }

    [Test]
    public async Task ARunThatIsFollowedHearsAnswersPausesAndMarks()
    {
        using var followed = orc.Start("run", orc.Write("release.json", Asking));
        var run = (await followed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await followed.LineAsync(line => line.Contains($"answer with: orc approve {run} approve", StringComparison.Ordinal));

        Assert.That((await orc.RunAsync("pause", run)).Output, Does.Contain($"the run is paused; go on with: orc resume {run}"));
        await followed.LineAsync(line => line.StartsWith("paused by ", StringComparison.Ordinal));
        Assert.That((await orc.RunAsync("pause", run)).Error, Does.Contain("ORC5950: the run is paused already"));
        Assert.That((await orc.RunAsync("resume", run)).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("approve", run, "approve", "--by", "ann", "--comment", "go")).Output, Does.Contain("task approve is approved by ann"));

        var ended = await followed.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That(ended.Output, Does.Contain("resumed by").And.Contain("ann said true"));
        Assert.That((await orc.RunAsync("audit", "list", "--json")).Output, Does.Contain("run.answer").And.Contain("run.pause"), "what goes through the server stands in the audit log");
    }

    [Test]
    public async Task CtrlCLeavesARunThatTheServerGoesOnWith()
    {
        using var followed = orc.Start("run", orc.Write("wait.json", """{ "name": "wait", "tasks": { "wait": { "uses": "exec.command", "with": { "command": "until test -e go; do sleep 0.1; done" } } } }"""));
        var run = (await followed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await followed.LineAsync(line => line.Contains("started", StringComparison.Ordinal));
        using var interrupt = System.Diagnostics.Process.Start("kill", ["-INT", $"{followed.Process.Id}"]);

        var left = await followed.EndAsync();

        Assert.That(left.ExitCode, Is.EqualTo(130), left.ToString());
        Assert.That(left.Output, Does.Contain($"left; the server goes on with the run. Follow it with: orc run --resume {run}; end it with: orc cancel {run}"));
        Assert.That((await orc.RunAsync("runs")).Output, Does.Contain("running").And.Not.Contain("unowned"));
        using var again = orc.Start("run", "--resume", run);
        await again.LineAsync(line => line.StartsWith($"run {run}", StringComparison.Ordinal));
        orc.Write("go", "");
        var ended = await again.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That(ended.Output, Does.Contain("wait             succeeded"));
    }

    [Test]
    public async Task ACancelledRunEndsForWhoeverFollowsItAndItsLog()
    {
        using var followed = orc.Start("run", orc.Write("wait.json", """{ "name": "wait", "tasks": { "wait": { "uses": "exec.command", "with": { "command": "echo begun; sleep 600" } }, "after": { "uses": "notify.log", "needs": ["wait"], "with": { "message": "x" } } } }"""));
        var run = (await followed.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        using var log = orc.Start("logs", run, "--follow");
        await log.LineAsync(line => line.EndsWith(" begun", StringComparison.Ordinal));

        Assert.That((await orc.RunAsync("mark", run, "after", "skipped", "--reason", "not today")).Output, Does.Contain("task after is marked as skipped"));
        Assert.That((await orc.RunAsync("cancel", run, "--reason", "enough")).ExitCode, Is.Zero);

        Assert.That((await followed.EndAsync()).ExitCode, Is.EqualTo(1));
        Assert.That((await log.EndAsync()).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("show", run, "--json")).Json.Text("status"), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task PipelinesAreRegisteredPausedAndRemoved()
    {
        var file = orc.Write("kept/kept.json", """{ "name": "kept", "tasks": { "one": { "uses": "exec.command", "with": { "command": "pwd" } } } }""");

        Assert.That((await orc.RunAsync("pipelines", "register", file)).Output, Does.Contain("pipeline kept is registered as version 1"));
        Assert.That((await orc.RunAsync("pipelines", "register", file)).Output, Does.Contain("registered already, as version 1"));
        Assert.That((await orc.RunAsync("run", "kept")).Output, Does.Contain(Path.GetDirectoryName(file)), "paths are relative to the file's folder, as without a server");
        Assert.That((await orc.RunAsync("pipelines", "pause", "kept", "--reason", "holiday")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("pipelines", "show", "kept")).Output, Does.Contain("holiday"));
        Assert.That((await orc.RunAsync("pipelines", "resume", "kept")).Output, Does.Contain("pipeline kept goes on"));
        Assert.That((await orc.RunAsync("pipelines", "remove", "kept")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("run", "kept")).Error, Does.Contain("ORC6030"));
    }

    [Test]
    public async Task AScriptWithStepsRunsThroughTheServerOfItsHome()
    {
        var script = orc.Write("steps.csx", """
            var steps = Pipeline("steps");
            steps.Step("say", async ctx => ctx.Log("said by the script"));
            return steps;
            """);

        var ran = await orc.RunAsync("run", script);

        Assert.That(ran.ExitCode, Is.Zero, ran.ToString());
        Assert.That((await orc.RunAsync("logs", "last")).Output, Does.Contain("said by the script"));
    }
}
