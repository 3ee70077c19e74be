using System.Net;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Server.Tests.Serving;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Tests.Alerts;

/// <summary>Alerts and messages to people, over the API.</summary>
public sealed class AlertApiTests
{
    private ServedHome served = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        served = ServedHome.Unserved();
        served.Notifications = new NotificationSettings
        {
            Channels = new Dictionary<string, ChannelSettings>
            {
                ["log"] = new() { Name = "log", Kind = ChannelKind.Log },
                ["dead"] = new() { Name = "dead", Kind = ChannelKind.Slack, Url = new Uri("http://127.0.0.1:1/T0/B0/secret") },
            },
            Routes = [new RouteSettings { To = ["log"] }],
        };
        await served.StartServerAsync();
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    private static object Drift(string subject, string severity = "warning", string? project = null) => new { name = "drift", subject, severity, reason = "PSI of age is 0.31", project, details = new { feature = "age" } };

    [Test]
    public async Task AnAlertIsRaisedOnceSeenAndClosed()
    {
        var first = await served.Owner.PostAsync("alerts", Drift("one"));
        var again = await served.Owner.PostAsync("alerts", Drift("one", "critical"));
        Assert.That((first.Status, again.Status), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK)), first.Text);
        var id = first.Json.GetProperty("id").GetString();
        Assert.That((again.Json.GetProperty("id").GetString(), again.Json.GetProperty("times").GetInt64(), again.Json.GetProperty("severity").GetString()), Is.EqualTo((id, 2L, "critical")));

        var acknowledged = await served.Owner.PostAsync($"alerts/{id}/acknowledge", new { comment = "looking" });
        Assert.That((acknowledged.Json.GetProperty("status").GetString(), acknowledged.Json.GetProperty("acknowledgedBy").GetString()), Is.EqualTo(("acknowledged", "owner")), acknowledged.Text);
        Assert.That((await served.Owner.PostAsync($"alerts/{id}/acknowledge", new { })).Code, Is.EqualTo("ORC6333"));
        Assert.That((await served.Owner.PostAsync($"alerts/{id}/close", new { })).Json.GetProperty("status").GetString(), Is.EqualTo("closed"));
        var conflict = await served.Owner.PostAsync($"alerts/{id}/close", new { });
        Assert.That((conflict.Status, conflict.Code), Is.EqualTo((HttpStatusCode.Conflict, "ORC6333")));
        Assert.That((await served.Owner.GetAsync("alerts?name=drift")).Text, Does.Not.Contain(id));
        Assert.That((await served.Owner.GetAsync("alerts?name=drift&all=true")).Text, Does.Contain(id));
        var written = await new AuditLog(served.Database).ListAsync(new AuditFilter { Target = $"alert {id}", Limit = 10 }, CancellationToken.None);
        Assert.That(written.Select(row => row.Action), Is.EqualTo(new[] { "alert.close", "alert.acknowledge", "alert.raise", "alert.raise" }), "what was refused is no change");
    }

    [Test]
    public async Task AnAlertOfAProjectThatACallerMayNotSeeIsNotThere()
    {
        var sales = await served.KeyAsync("sales", "sales:operator");
        var viewer = await served.KeyAsync("viewer", "sales:viewer");
        var mine = (await sales.PostAsync("alerts", Drift("mine", project: "sales"))).Json.GetProperty("id").GetString();
        var others = (await served.Owner.PostAsync("alerts", Drift("others"))).Json.GetProperty("id").GetString();

        Assert.That((await sales.PostAsync("alerts", Drift("x"))).Status, Is.EqualTo(HttpStatusCode.Forbidden), "of the default project");
        Assert.That((await viewer.GetAsync("alerts")).Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()), Is.EqualTo(new[] { mine }));
        Assert.That((await viewer.GetAsync($"alerts/{mine}")).Status, Is.EqualTo(HttpStatusCode.OK));
        var hidden = await sales.GetAsync($"alerts/{others}");
        Assert.That((hidden.Status, hidden.Code), Is.EqualTo((HttpStatusCode.NotFound, "ORC6330")));
        Assert.That((await sales.PostAsync($"alerts/{others}/close", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await viewer.PostAsync($"alerts/{mine}/close", new { })).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("""{ "name": "two words", "severity": "warning", "reason": "x" }""", "ORC6332")]
    [TestCase("""{ "name": "drift", "severity": "bad", "reason": "x" }""", "ORC6332")]
    [TestCase("""{ "name": "drift", "severity": "warning", "reason": "" }""", "ORC6332")]
    [TestCase("""{ "name": "drift", "severity": "warning", "reason": "x", "project": "a/b" }""", "ORC6007")]
    [TestCase("""{ "name": "drift" }""", "ORC6007")]
    public async Task WhatIsNoAlertIsRefused(string body, string code) => Assert.That((await served.Owner.PostAsync("alerts", body)).Code, Is.EqualTo(code));

    [Test]
    public async Task PeopleAreToldAndWhoAdministersAllSeesIt()
    {
        await served.Owner.PostAsync("alerts", Drift("told", "critical"));
        await ServedHome.UntilAsync("it is told", () => Task.FromResult(served.Log.Contains("alert-raised: critical alert drift: told", StringComparison.Ordinal)));
        await ServedHome.UntilAsync("all of it has gone out", async () => (await served.Owner.GetAsync("notifications?status=waiting")).Json.GetProperty("items").GetArrayLength() == 0);
        var sent = (await served.Owner.GetAsync("notifications?channel=log&limit=1")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        var shown = await served.Owner.GetAsync($"notifications/{sent}");
        Assert.That(shown.Json.GetProperty("tells").EnumerateArray().Select(one => one.GetProperty("event").GetString()), Has.All.EqualTo("alert-raised"), shown.Text);
        Assert.That(served.Log, Does.Not.Contain("B0/secret"));

        var admin = await served.KeyAsync("sales-admin", "sales:admin");
        foreach (var path in new[] { "notifications", $"notifications/{sent}", "channels" })
        {
            Assert.That((await admin.GetAsync(path)).Status, Is.EqualTo(HttpStatusCode.Forbidden), path);
        }

        Assert.That((await served.Owner.GetAsync("notifications?status=lost")).Code, Is.EqualTo("ORC6314"));
        Assert.That((await served.Owner.GetAsync("notifications/none")).Code, Is.EqualTo("ORC6311"));
    }

    [Test]
    public async Task AChannelIsTried()
    {
        var channels = await served.Owner.GetAsync("channels");
        Assert.That(channels.Json.EnumerateArray().Select(one => $"{one.GetProperty("name").GetString()} {one.GetProperty("kind").GetString()} {one.GetProperty("where").GetString()}"),
            Is.EqualTo(new[] { "dead slack http://127.0.0.1:1/…", "log log the server's log" }));
        Assert.That((await served.Owner.PostAsync("channels/log/test")).Status, Is.EqualTo(HttpStatusCode.OK));
        var dead = await served.Owner.PostAsync("channels/dead/test");
        Assert.That((dead.Status, dead.Code, dead.Text.Contains("B0/secret", StringComparison.Ordinal)), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "ORC6313", false)));
        Assert.That((await served.Owner.PostAsync("channels/none/test")).Code, Is.EqualTo("ORC6310"));
    }
}
