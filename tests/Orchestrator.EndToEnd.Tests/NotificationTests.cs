using System.Text.Json;
using Orchestrator.EndToEnd.Tests.Serving;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Tests.Shared;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>People hear of what happens: from a real server, over its death.</summary>
public sealed class NotificationTests
{
    private const string Key = "hook-key-4711";

    private const string Flaky = """{ "name": "flaky", "tasks": { "try": { "uses": "exec.command", "with": { "command": "test -e mended || { echo broken >&2; exit 3; }" } } } }""";

    private static async Task<OrcProgram> PrepareAsync(HttpReceiver receiver)
    {
        var orc = new OrcProgram();
        orc.Write(Path.Combine(".orc", "settings.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["http.private-networks"] = "on",
            ["notify.delay"] = "300ms",
            ["notify.time"] = "2s",
            ["notifications"] = new
            {
                channels = new { hook = new { kind = "webhook", url = receiver.Url, secret = "HOOK", group = "0s" }, log = new { kind = "log", group = "0s" } },
                routes = new object[] { new { to = new[] { "hook" } }, new { events = new[] { "run-recovered" }, to = new[] { "log" } } },
            },
        }));
        Assert.That((await orc.RunWithInputAsync(Key, "secrets", "set", "HOOK")).ExitCode, Is.Zero);
        return orc;
    }

    [Test]
    public async Task ARunThatFailsIsToldAlthoughTheServerIsKilledInBetween()
    {
        using var receiver = new HttpReceiver();
        using var orc = await PrepareAsync(receiver);
        receiver.Answer(503);
        using var killed = await ServedProgram.StartAsync(orc);
        var failed = await orc.RunAsync("run", orc.Write("flaky.json", Flaky), "--json");
        Assert.That(failed.ExitCode, Is.EqualTo(1), failed.ToString());
        var first = await receiver.NextAsync();
        await killed.KillAsync();

        using var serve = await ServedProgram.StartAsync(orc);
        var again = await receiver.NextAsync();
        orc.Write("mended", "");
        Assert.That((await orc.RunAsync("run", Path.Combine(orc.Folder, "flaky.json"))).ExitCode, Is.Zero);
        var recovered = await receiver.NextAsync();

        Assert.That(again.Headers["X-Orc-Delivery"], Is.EqualTo(first.Headers["X-Orc-Delivery"]), "the same message");
        Assert.That(WebhookSignature.Verify(Key, again.Body, name => again.Headers.GetValueOrDefault(name), DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5)), Is.EqualTo(SignatureVerdict.Good));
        var notice = again.Json.GetProperty("notices")[0];
        Assert.That((notice.GetProperty("event").GetString(), notice.GetProperty("pipeline").GetString(), notice.GetProperty("run").GetString()), Is.EqualTo(("run-failed", "flaky", failed.Json.GetProperty("id").GetString())));
        Assert.That(notice.GetProperty("text").GetString(), Does.StartWith("ORC"));
        Assert.That(recovered.Json.GetProperty("title").GetString(), Is.EqualTo("flaky succeeded again"));

        var list = await orc.RunAsync("notifications", "list", "--channel", "hook", "--json");
        Assert.That(list.Json.EnumerateArray().Select(one => one.GetProperty("event").GetString()), Is.EqualTo(new[] { "run-recovered", "run-failed" }), list.ToString());
        var shown = await orc.RunAsync("notifications", "show", again.Headers["X-Orc-Delivery"][..24]);
        Assert.That(shown.Output, Does.Contain("flaky failed").And.Contain("status        sent"));
        Assert.That(shown.ToString() + list, Does.Not.Contain(Key));
    }

    [Test]
    public async Task AnAlertIsRaisedSeenAndClosed()
    {
        using var receiver = new HttpReceiver();
        using var orc = await PrepareAsync(receiver);
        var raised = await orc.RunAsync("alerts", "raise", "drift", "--subject", "churn", "--severity", "critical", "--reason", "PSI of age is 0.31", "--json");
        Assert.That(raised.ExitCode, Is.Zero, raised.ToString());
        var id = raised.Json.GetProperty("id").GetString()!;
        using var serve = await ServedProgram.StartAsync(orc);
        Assert.That((await receiver.NextAsync()).Json.GetProperty("title").GetString(), Is.EqualTo("critical alert drift: churn"));

        Assert.That((await orc.RunAsync("alerts", "raise", "drift", "--subject", "churn", "--reason", "still")).Output, Does.Contain("was open already; raised 2 times"));
        Assert.That((await orc.RunAsync("alerts", "acknowledge", id, "--comment", "looking")).ExitCode, Is.Zero);
        Assert.That((await orc.RunAsync("alerts")).Output, Does.Contain("acknowledged").And.Contain("still"));
        Assert.That((await orc.RunAsync("alerts", "close", id[..20])).Output, Does.Contain("is closed"));
        var again = await orc.RunAsync("alerts", "close", id);
        Assert.That((again.ExitCode, again.Error.Contains("ORC6333", StringComparison.Ordinal)), Is.EqualTo((2, true)), again.ToString());
        Assert.That((await orc.RunAsync("audit", "list", "--json")).Output, Does.Contain("alert.raise").And.Contain("alert.acknowledge").And.Contain("alert.close"));
        Assert.That(receiver.Waiting, Is.Zero, "what was open was no news");
    }

    [Test]
    public async Task AChannelIsTriedAndWhatIsWrongWithTheSettingsIsSaid()
    {
        using var receiver = new HttpReceiver();
        using var orc = await PrepareAsync(receiver);
        var test = await orc.RunAsync("notifications", "test", "hook");
        Assert.That(test.ExitCode, Is.Zero, test.ToString());
        Assert.That((await receiver.NextAsync()).Json.GetProperty("event").GetString(), Is.EqualTo("test"));
        Assert.That((await orc.RunAsync("notifications", "test", "hok")).Error, Does.Contain("ORC6310").And.Contain("did you mean \"hook\"?"));

        await orc.RunAsync("settings", "set", "http.private-networks", "off");
        var refused = await orc.RunAsync("notifications", "test", "hook");
        Assert.That((refused.ExitCode, refused.Error.Contains("ORC6320", StringComparison.Ordinal)), Is.EqualTo((2, true)), refused.ToString());
        Assert.That(receiver.Waiting, Is.Zero);

        orc.Write(Path.Combine(".orc", "settings.json"), """{ "notifications": { "channels": { "hook": { "kind": "webhook" } } } }""");
        var wrong = await orc.RunAsync("serve", "--urls", "http://127.0.0.1:0");
        Assert.That((wrong.ExitCode, wrong.Error.Contains("ORC6300", StringComparison.Ordinal)), Is.EqualTo((2, true)), wrong.ToString());
        Assert.That(wrong.Error, Does.Contain("channels.hook: \"secret\" is missing"));
    }
}
