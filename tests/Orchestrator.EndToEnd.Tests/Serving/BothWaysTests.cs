using System.Text.RegularExpressions;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary>Commands through the server and on the home itself say the same, to the letter, and end with the same exit code.</summary>
public sealed partial class BothWaysTests
{
    private static readonly string[] Looks =
    [
        "runs", "runs --json", "runs --children", "runs failing --status failed --json", "runs nobody", "runs --status done", "runs --limit 0",
        "show last", "show last --json", "show MAPPED", "show MAPPED --items", "show MAPPED --items --status failed", "show MAPPED --json", "show FAILED", "show FAILED --json", "show PARENT", "show ASKING", "show ASKING --json",
        "show zzz", "show 01", "show 01M8GBV6VRKB0MJ6HHTV35R6NG", "show last --status nope",
        "logs MAPPED", "logs MAPPED items/1", "logs FAILED --json", "logs PARENT", "logs PARENT child/inner", "logs MAPPED nobody", "logs last --attempt 7",
        "why MAPPED", "why FAILED", "why FAILED --json", "why ASKING", "why ASKING --json", "why MAPPED items/1", "why MAPPED items/9", "why MAPPED nobody", "why MAPPED first", "why MAPPED --cache", "why MAPPED items --cache --json",
        "retry MAPPED", "retry FAILED --dry-run", "retry FAILED --dry-run --json", "retry MAPPED --only first --from last", "retry ASKING",
        "run mapped.json --dry-run", "run mapped.json --dry-run --json -p n=1", "run mapped.json --from last --dry-run", "run mapped.json --pin first=MAPPED --dry-run", "run mapped.json --pin first", "run mapped.json --skip nobody",
        "run mapped.json -p n=x", "run mapped.json --logical-date soon", "run missing.json", "run --resume MAPPED",
        "cancel MAPPED", "cancel MAPPED --branch", "pause FAILED", "approve ASKING ask --by eve", "approve ASKING ask --answer {", "mark FAILED boom skipped --reason x",
        "pipelines list", "pipelines list --json", "pipelines show kept", "pipelines show kept --json", "pipelines versions kept",
    ];

    private readonly OrcProgram orc = new();
    private readonly Dictionary<string, string> runs = [];
    private ServedProgram server = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        orc.Write("mapped.json", """
            { "name": "mapped", "params": { "n": { "type": "integer", "default": 3, "minimum": 1 } }, "outputs": { "said": "${tasks.last.text}" }, "tasks": {
                "first": { "uses": "exec.command", "with": { "command": "echo first" } },
                "items": { "uses": "notify.log", "map": { "over": "Array.from({ length: params.n }, (_, i) => i)", "parallel": 1 }, "needs": ["first"], "with": { "message": "item ${item}" } },
                "last": { "uses": "notify.log", "needs": ["items"], "with": { "message": "done" } } } }
            """);
        orc.Write("failing.json", """
            { "name": "failing", "tasks": {
                "boom": { "uses": "exec.command", "with": { "command": "echo oops; exit 3" }, "retry": { "attempts": 2, "delay": "100ms", "backoff": "fixed", "jitter": "none", "on": ["ORC5601"] } },
                "after": { "uses": "notify.log", "needs": ["boom"], "with": { "message": "never" } } } }
            """);
        orc.Write("inner.json", """{ "name": "inner", "tasks": { "inner": { "uses": "notify.log", "with": { "message": "from inside" } } } }""");
        orc.Write("parent.json", """{ "name": "parent", "tasks": { "child": { "pipeline": "inner.json", "as": "run" }, "after": { "uses": "notify.log", "needs": ["child"], "with": { "message": "after" } } } }""");
        orc.Write("asking.json", """{ "name": "asking", "tasks": { "ask": { "uses": "control.approve", "with": { "prompt": "Go on?", "approvers": ["ann"] } } } }""");
        orc.Write("kept.json", """{ "name": "kept", "triggers": [ { "schedule": "0 2 1 1 *" } ], "tasks": { "one": { "uses": "notify.log", "with": { "message": "kept" } } } }""");
        Assert.That((await orc.RunAsync("pipelines", "register", "kept.json")).Output, Does.Contain("pipeline kept is registered as version 1"));
        server = await ServedProgram.StartAsync(orc);
        foreach (var (name, file, exit) in new[] { ("MAPPED", "mapped.json", 0), ("FAILED", "failing.json", 1), ("PARENT", "parent.json", 0), ("ASKING", "asking.json", 3) })
        {
            var ran = await orc.RunAsync("run", file, "--detach-when-waiting", "--json");
            Assert.That(ran.ExitCode, Is.EqualTo(exit), ran.ToString());
            runs[name] = ran.Id();
        }
    }

    [OneTimeTearDown]
    public void End()
    {
        server.Dispose();
        orc.Dispose();
    }

    [TestCaseSource(nameof(Looks))]
    public async Task TheSameIsSaid(string words)
    {
        var arguments = words.Split(' ').Select(word => runs.Aggregate(word, (text, run) => text.Replace(run.Key, run.Value, StringComparison.Ordinal))).ToArray();

        // At the same time: they only look.
        var both = await Task.WhenAll(orc.RunAsync(arguments), orc.RunAsync([.. arguments, "--local"]));

        var (through, direct) = (both[0], both[1]);
        Assert.That((Masked(through.Output), through.Error, through.ExitCode), Is.EqualTo((Masked(direct.Output), direct.Error, direct.ExitCode)));
    }

    [Test]
    public async Task AServerThatIsNamedSaysTheSameAndWhereItIsWhenItRefuses()
    {
        Assert.That((await orc.RunAsync("show", runs["FAILED"], "--server", server.Url)).Output, Is.EqualTo((await orc.RunAsync("show", runs["FAILED"], "--local")).Output), "with the token of the home that it serves");
        var named = await orc.RunAsync("logs", runs["MAPPED"], "nobody", "--server", server.Url + "/");
        var direct = await orc.RunAsync("logs", runs["MAPPED"], "nobody", "--local");

        Assert.That(named.Error.Replace($"  --> {server.Url}\n", "", StringComparison.Ordinal), Is.EqualTo(direct.Error));
        Assert.That(named.Error, Does.Contain(server.Url));
    }

    [TestCase("run mapped.json", 0)]
    [TestCase("run mapped.json --json -p n=2", 0)]
    [TestCase("run mapped.json --from last", 0)]
    [TestCase("run failing.json", 1)]
    [TestCase("run parent.json", 0)]
    [TestCase("run asking.json --detach-when-waiting", 3)]
    [TestCase("run kept", 0)]
    [TestCase("trigger kept --logical-date 2026-03-01", 0)]
    [TestCase("retry FAILED", 1)]
    public async Task ARunLooksTheSameWhileItGoesOn(string words, int exit)
    {
        var arguments = words.Split(' ').Select(word => word == "FAILED" ? runs["FAILED"] : word).ToArray();

        var through = await orc.RunAsync(arguments);
        var direct = await orc.RunAsync([.. arguments, "--local"]);

        Assert.That(through.ExitCode, Is.EqualTo(exit), through.ToString());
        Assert.That((Masks.Of(through), Masks.Of(through.Error), through.ExitCode), Is.EqualTo((Masks.Of(direct), Masks.Of(direct.Error), direct.ExitCode)));
    }

    /// <summary>How long ago it was is another thing a second later, and may make its column wider.</summary>
    private static string Masked(string text) => Spaces().Replace(Ago().Replace(text, "AGO"), "  ");

    [GeneratedRegex(@"\b\d+ (s|min|h|d) ago\b")]
    private static partial Regex Ago();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
