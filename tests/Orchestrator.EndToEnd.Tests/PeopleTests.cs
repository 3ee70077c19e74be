namespace Orchestrator.EndToEnd.Tests;

/// <summary>Questions, answers and waits of the program as users start it, also after SIGKILL.</summary>
public sealed class PeopleTests
{
    private const string Pipeline = """
        { "name": "release", "tasks": {
            "approve": { "uses": "control.approve", "with": { "prompt": "Deploy v7?", "approvers": ["ann"], "onReject": "continue",
              "form": { "type": "object", "required": ["share"], "properties": { "share": { "type": "integer", "minimum": 1, "maximum": 100 } }, "additionalProperties": false } } },
            "tell": { "uses": "notify.log", "with": { "message": "${tasks.approve.by} said ${tasks.approve.approved} ${(tasks.approve.answer ?? { share: 0 }).share}" } } } }
        """;

    [Test]
    public async Task AKilledRunThatWaitsIsAnsweredWhileNobodyWorksOnItAndGoesOn()
    {
        using var orc = new OrcProgram();
        using var first = orc.Start("run", orc.Write("release.json", Pipeline));
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await first.LineAsync(line => line.Contains($"answer with: orc approve {run} approve", StringComparison.Ordinal));
        await first.KillAsync();

        Assert.That((await orc.RunAsync("runs")).Output, Does.Contain("running, unowned, asks").And.Contain($"orc approve {run} approve").And.Contain("approval by ann: Deploy v7?"));
        Assert.That((await orc.RunAsync("approve", run, "approve", "--by", "eve")).Error, Does.Contain("ORC5950: eve may not answer task \"approve\"; ann may"));
        var unfit = await orc.RunAsync("approve", run, "approve", "--by", "ann", "--answer", """{"share": 700, "mood": 1}""", "--json");
        Assert.That(unfit.Error, Does.Contain("ORC5957").And.Contain("share: is 700 and should be at most 100"));
        Assert.That(unfit.Json.GetProperty("error").GetProperty("details").GetArrayLength(), Is.EqualTo(2), "each mistake by itself");
        var stored = await orc.RunAsync("approve", run, "approve", "--by", "ann", "--answer", """{"share": 7}""", "--comment", "go");
        Assert.That(stored.ExitCode, Is.Zero, stored.ToString());
        Assert.That(stored.Output, Does.Contain($"it takes effect when the run goes on: orc run --resume {run}"));
        var second = await orc.RunAsync("approve", run, "approve", "--by", "ann");
        Assert.That(second.ExitCode, Is.EqualTo(2));
        Assert.That(second.Error, Does.Contain("approved by ann: go"));
        Assert.That((await orc.RunAsync("why", run)).Output, Does.Contain("answer asked by ann"));

        var resumed = await orc.RunAsync("run", "--resume", run);

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(resumed.Output, Does.Contain("ann said true 7"));
    }

    [Test]
    public async Task ALivingRunHearsAnswersPausesAndMarks()
    {
        using var orc = new OrcProgram();
        using var first = orc.Start("run", orc.Write("release.json", Pipeline));
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await first.LineAsync(line => line.Contains("answer with: orc approve", StringComparison.Ordinal));

        Assert.That((await orc.RunAsync("pause", run)).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("pause", run)).Error, Does.Contain("the run is paused already"));
        Assert.That((await orc.RunAsync("why", run, "--json")).Json.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("kind").GetString()), Does.Contain("paused").And.Contain("answer"));
        Assert.That((await orc.RunAsync("mark", run, "tell", "succeeded", "--reason", "said by hand", "--outputs", """{"text": 5}""")).ExitCode, Is.EqualTo(2));
        var marked = await orc.RunAsync("mark", run, "tell", "succeeded", "--reason", "said by hand", "--outputs", """{"text": "hello"}""");
        Assert.That(marked.ExitCode, Is.Zero, marked.ToString());
        Assert.That((await orc.RunAsync("approve", run, "approve", "--reject", "--by", "ann")).ExitCode, Is.Zero);

        var ended = await first.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That((await orc.RunAsync("cancel", run, "tell")).Error, Does.Contain("ORC5925"));
    }

    [Test]
    public async Task ARunThatOnlyWaitsIsLeftWhenThatIsWanted()
    {
        using var orc = new OrcProgram();
        var left = await orc.RunAsync("run", orc.Write("release.json", Pipeline), "--detach-when-waiting");
        Assert.That(left.ExitCode, Is.EqualTo(3), left.ToString());
        var run = left.Output.Split('\n')[0].Split(' ')[1];
        await orc.RunAsync("approve", run, "approve", "--reject", "--by", "ann");

        var resumed = await orc.RunAsync("run", "--resume", run, "--detach-when-waiting");

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(resumed.Output, Does.Contain("ann said false"));
    }

    [Test]
    public async Task AKilledBackoffGoesOnWithoutAnotherFailureCounted()
    {
        using var orc = new OrcProgram();
        var path = orc.Write("retry.json", """
            { "name": "retry", "tasks": { "once": { "uses": "exec.command",
                "with": { "command": "test -e go || { touch go; exit 9; }" }, "retry": { "attempts": 2, "delay": "2s", "backoff": "fixed", "jitter": "none" } } } }
            """);
        using var first = orc.Start("run", path);
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await first.LineAsync(line => line.Contains("retrying at", StringComparison.Ordinal));
        await first.KillAsync();
        Assert.That((await orc.RunAsync("why", run)).Output, Does.Contain("retrying").And.Contain("the next one is at"));

        var resumed = await orc.RunAsync("run", "--resume", run, "--json");

        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());
        Assert.That(ChurnTests.Task(resumed, "once").GetProperty("attempts").GetInt32(), Is.EqualTo(2));
    }
}
