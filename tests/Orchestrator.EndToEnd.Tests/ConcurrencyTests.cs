using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Runs that must not all go on at once, as users see them: several programs on one home, one of them killed.</summary>
public sealed class ConcurrencyTests
{
    [Test]
    public async Task AHeldRunWaitsSaysWhyAndStartsWhenTheKilledHolderHasBeenResumed()
    {
        using var orc = new OrcProgram();
        var path = Write(orc, "queue-all");
        using var first = orc.Start("run", path);
        var holder = await RunOfAsync(first);
        await first.LineAsync(line => line.Contains("started", StringComparison.Ordinal));

        using var second = orc.Start("run", path);
        var waiting = await RunOfAsync(second);
        await second.LineAsync(line => line.Contains($"waits for concurrency key \"eu\", held by run {holder} of regional, running since", StringComparison.Ordinal));
        var reason = Reason(await orc.RunAsync("why", waiting, "--json"));
        Assert.That((reason.GetProperty("key").GetString(), reason.GetProperty("limit").GetInt32()), Is.EqualTo(("eu", 1)));
        Assert.That(reason.GetProperty("holders")[0].GetProperty("run").GetString(), Is.EqualTo(holder));
        Assert.That((await orc.RunAsync("runs")).Output, Does.Match($@"{waiting}\s+regional\s+queued\s"));
        Assert.That((await orc.RunAsync("run", path, "--param", "region=us", "--param", "go=now")).ExitCode, Is.Zero, "another key is another queue");

        await first.KillAsync();
        Assert.That((await orc.RunAsync("why", waiting)).Output, Does.Contain($"no process works on it: orc run --resume {holder}, or orc cancel {holder}"));
        orc.Write("go-eu", "");
        var resumed = await orc.RunAsync("run", "--resume", holder);
        Assert.That(resumed.ExitCode, Is.Zero, resumed.ToString());

        var ended = await second.EndAsync();
        Assert.That(ended.ExitCode, Is.Zero, ended.ToString());
        Assert.That(ended.Output, Does.Contain("concurrency key \"eu\" is free: the run starts"));
    }

    [Test]
    public async Task ARunThatOnlyWaitsForItsKeyCanBeLeftResumedAndCancelled()
    {
        using var orc = new OrcProgram();
        var path = Write(orc, "queue-all");
        using var first = orc.Start("run", path);
        var holder = await RunOfAsync(first);

        var left = await orc.RunAsync("run", path, "--detach-when-waiting");
        Assert.That(left.ExitCode, Is.EqualTo(3), left.ToString());
        var run = left.Output.Split('\n')[0].Split(' ')[1];
        Assert.That((await orc.RunAsync("runs")).Output, Does.Contain("queued, unowned"));
        Assert.That((await orc.RunAsync("run", "--resume", run, "--detach-when-waiting")).ExitCode, Is.EqualTo(3));
        Assert.That((await orc.RunAsync("show", run)).Output, Does.Match(@"work\s+waiting").And.Contain($"for concurrency key \"eu\": one run may go on at once; held by run {holder}"));

        Assert.That((await orc.RunAsync("cancel", run)).Output, Does.Contain($"run {run} is cancelled"));
        Assert.That((await orc.RunAsync("cancel", holder)).ExitCode, Is.Zero);
        Assert.That((await first.EndAsync()).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task ASkippedRunSaysSoAndAnOldestMakesRoom()
    {
        using var orc = new OrcProgram();
        using var first = orc.Start("run", Write(orc, "skip"));
        var holder = await RunOfAsync(first);

        var skipped = await orc.RunAsync("run", Write(orc, "skip"));
        Assert.That(skipped.ExitCode, Is.EqualTo(4), skipped.ToString());
        Assert.That(skipped.Output, Does.Contain($"not started: concurrency key \"eu\" was held by run {holder}"));
        Assert.That((await orc.RunAsync("runs", "--status", "skipped")).Output, Does.Contain("skipped"));

        using var newest = orc.Start("run", Write(orc, "cancel-other"));
        var run = await RunOfAsync(newest);
        Assert.That((await first.EndAsync()).ExitCode, Is.EqualTo(1));
        Assert.That((await orc.RunAsync("show", holder)).Output, Does.Contain($"cancelled by run {run}: it is newer"));
        orc.Write("go-eu", "");
        Assert.That((await newest.EndAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task ADryRunSaysWhoHoldsTheKeyAndWhatWouldHappen()
    {
        using var orc = new OrcProgram();
        var free = await orc.RunAsync("run", Write(orc, "queue"), "--dry-run");
        Assert.That(free.Output, Does.Contain("concurrency key \"eu\" is free; this run would start at once"), free.ToString());
        using var first = orc.Start("run", Write(orc, "queue"));
        var holder = await RunOfAsync(first);
        await first.LineAsync(line => line.Contains("started", StringComparison.Ordinal));

        foreach (var (overlap, would, words) in new[]
        {
            ("queue-all", "wait", "this run would wait its turn"), ("queue-one", "wait", "this run would wait its turn"), ("skip", "skip", "this run would not be started (overlap: skip)"),
            ("allow", "start", "this run would start at once"), ("cancel-oldest", "displace", $"run {holder} would be asked to cancel, and this run would start then"),
            ("terminate-other", "displace", $"run {holder} would be ended at once, and this run would start then"),
        })
        {
            var plan = await orc.RunAsync("run", Write(orc, overlap), "--dry-run");
            Assert.That((plan.ExitCode, plan.Output), Is.EqualTo((0, plan.Output)), plan.ToString());
            Assert.That(plan.Output, Does.Contain($"concurrency key \"eu\" (limit 1): held by run {holder} of regional, running since").And.Contain(words), overlap);
            var key = (await orc.RunAsync("run", Write(orc, overlap), "--dry-run", "--json")).Json.GetProperty("concurrency");
            Assert.That((key.GetProperty("would").GetString(), key.GetProperty("before")[0].GetProperty("run").GetString()), Is.EqualTo((would, holder)));
        }

        using var second = orc.Start("run", Write(orc, "queue-one"));
        var waiting = await RunOfAsync(second);
        await second.LineAsync(line => line.Contains("waits for concurrency key", StringComparison.Ordinal));
        Assert.That((await orc.RunAsync("run", Write(orc, "queue-one"), "--dry-run")).Output, Does.Contain($"1 before it waits; this run would wait, and run {waiting} that waits would be cancelled"));
        Assert.That((await orc.RunAsync("runs", "--json")).Json.GetArrayLength(), Is.EqualTo(2), "a look starts nothing");
        orc.Write("go-eu", "");
        Assert.That((await first.EndAsync()).ExitCode, Is.Zero);
        Assert.That((await second.EndAsync()).ExitCode, Is.Zero);
    }

    private static string Write(OrcProgram orc, string overlap) => orc.Write($"{overlap}.json", $$"""
        { "name": "regional",
          "params": { "region": { "type": "string", "default": "eu" }, "go": { "type": "string", "default": "later" } },
          "concurrency": { "key": "${params.region}", "overlap": "{{overlap}}" },
          "tasks": { "work": { "uses": "exec.command", "with": { "command": "test ${params.go} = now || until test -e go-${params.region}; do sleep 0.1; done" } } } }
        """);

    private static async Task<string> RunOfAsync(RunningProgram program) => (await program.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];

    private static JsonElement Reason(ProgramResult why) => why.Json.GetProperty("reasons").EnumerateArray().First(reason => reason.GetProperty("kind").GetString() == "concurrency");
}
