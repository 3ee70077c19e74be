using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Everything that waits says why, to people in a sentence and to programs by kind and facts.</summary>
public sealed class WhyTests
{
    private const string Pipeline = """
        { "name": "waits", "tasks": {
            "hold":   { "uses": "exec.command", "with": { "command": "until test -e go; do sleep 0.05; done" }, "pool": "one" },
            "queued": { "uses": "exec.command", "with": { "command": "true" }, "pool": "one", "priority": -5, "queueTimeout": "10m" },
            "again":  { "uses": "exec.command", "with": { "command": "test -e go || exit 3" }, "retry": { "attempts": 2, "delay": "10m", "max": "10m", "jitter": "none" } },
            "items":  { "uses": "exec.command", "map": { "over": "[1, 2]", "parallel": 1 }, "with": { "command": "until test -e go; do sleep 0.05; done" } },
            "ask":    { "uses": "control.approve", "with": { "prompt": "Go?", "approvers": ["ann"], "deadline": "1h", "onDeadline": "skip" } },
            "after":  { "uses": "notify.log", "with": { "message": "done" }, "needs": ["hold", "ask"] } } }
        """;

    [Test]
    public async Task EachKindHasItsFacts()
    {
        using var orc = new OrcProgram();
        await orc.RunAsync("pools", "set", "one", "1");
        using var first = orc.Start("run", orc.Write("waits.json", Pipeline));
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        foreach (var task in new[] { "hold", "items" })
        {
            await first.LineAsync(line => line.Contains($"{task} ", StringComparison.Ordinal) && line.Contains("started", StringComparison.Ordinal));
        }

        await first.LineAsync(line => line.Contains("retrying at", StringComparison.Ordinal));
        var reasons = (await orc.RunAsync("why", run, "--json")).Json.GetProperty("reasons").EnumerateArray().ToDictionary(reason => reason.GetProperty("task").GetString() ?? "");

        var pool = reasons["queued"].GetProperty("pool");
        Assert.That((Kind("queued"), pool.GetProperty("wanted").GetInt32(), pool.GetProperty("free").GetInt32(), pool.GetProperty("size").GetInt32()), Is.EqualTo(("pool", 1, 0, 1)));
        var holder = pool.GetProperty("holders").EnumerateArray().Single();
        Assert.That((holder.GetProperty("run").GetString(), holder.GetProperty("task").GetString()), Is.EqualTo((run, "hold")));
        Assert.That(reasons["queued"].GetProperty("message").GetString(), Does.Contain($"0 of 1 are free, held by {run}/hold"));
        Assert.That(Facts("queued").TryGetProperty("queueTimeout", out _));
        Assert.That((Kind("hold"), Facts("hold").GetProperty("attempt").GetString()), Is.EqualTo(("running", holder.GetProperty("attempt").GetString())));
        Assert.That((Kind("again"), Facts("again").GetProperty("number").GetInt32(), Facts("again").GetProperty("failure").GetProperty("code").GetString()), Is.EqualTo(("retry", 1, "ORC5601")));
        Assert.That(reasons["again"].TryGetProperty("until", out _));
        var question = Facts("ask").GetProperty("question");
        Assert.That((Kind("ask"), question.GetProperty("approvers")[0].GetString(), question.GetProperty("onDeadline").GetString()), Is.EqualTo(("answer", "ann", "skip")));
        Assert.That((Kind("items"), Facts("items").GetProperty("items").GetProperty("issued").GetInt32()), Is.EqualTo(("items", 2)));
        Assert.That((Kind("after"), reasons["after"].GetProperty("tasks").GetArrayLength()), Is.EqualTo(("upstream", 2)));

        var item = (await orc.RunAsync("why", run, "items", "--json")).Json.GetProperty("reasons").EnumerateArray().Single(reason => reason.TryGetProperty("item", out var index) && index.GetInt32() == 1);
        Assert.That((item.GetProperty("kind").GetString(), item.GetProperty("facts").GetProperty("limitOf").GetString(), item.GetProperty("facts").GetProperty("limit").GetInt32()), Is.EqualTo(("limit", "map", 1)));
        await orc.RunAsync("pause", run);
        var paused = (await orc.RunAsync("why", run, "queued", "--json")).Json.GetProperty("reasons").EnumerateArray().Single();
        Assert.That(paused.GetProperty("kind").GetString(), Is.EqualTo("paused"));
        Assert.That(paused.GetProperty("facts").GetProperty("by").GetString(), Is.EqualTo(Environment.UserName));
        await orc.RunAsync("cancel", run);
        await first.EndAsync();

        string? Kind(string task) => reasons[task].GetProperty("kind").GetString();
        JsonElement Facts(string task) => reasons[task].GetProperty("facts");
    }
}
