using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Notifications.Configuration;

namespace Orchestrator.Notifications.Tests.Configuration;

/// <summary>What the settings of a home say about who is told of what.</summary>
public sealed class SettingsTests
{
    private static NotificationSettings Read(string json) => NotificationSettingsReader.Read(JsonElement.Parse(json));

    private static string[] Problems(string json) => [.. Assert.Throws<ActivityException>(() => Read(json))!.Failure.Details];

    [Test]
    public void AllOfItIsRead()
    {
        var settings = Read("""
            { "quietHours": { "night": { "from": "22:00", "to": "07:00", "zone": "Europe/Berlin", "days": ["mon", "tue"] } },
              "channels": {
                "log": { "kind": "log", "group": "0s" },
                "mail": { "kind": "email", "host": "smtp.example.org", "user": "orc", "secret": "SMTP", "from": "Orchestrator <orc@example.org>", "to": ["ops@example.org", "Ann <ann@example.org>"], "quiet": "night" },
                "hook": { "kind": "webhook", "url": "https://example.org/hook", "secret": "env.HOOK" },
                "slack": { "kind": "slack", "urlSecret": "SLACK_URL", "group": "5m" },
                "teams": { "kind": "teams", "urlSecret": "TEAMS_URL" } },
              "routes": [ { "events": ["run-failed"], "pipelines": ["churn-*"], "to": ["mail", "slack"] }, { "severity": "critical", "to": ["hook"], "urgent": true } ] }
            """);
        Assert.That(settings.Channels.Values.Select(one => $"{one.Name}: {one.Where}"), Is.EqualTo(new[]
        {
            "log: the server's log", "mail: ops@example.org, Ann <ann@example.org> by smtp.example.org:587", "hook: https://example.org/…", "slack: the address in secret SLACK_URL", "teams: the address in secret TEAMS_URL",
        }));
        Assert.That((settings.Channels["mail"].Security, settings.Channels["mail"].Quiet is not null, settings.Channels["slack"].Group, settings.Channels["log"].Group),
            Is.EqualTo((MailSecurity.Starttls, true, TimeSpan.FromMinutes(5), TimeSpan.Zero)));
        Assert.That(settings.Routes.Select(route => $"{string.Join(',', route.To)} {route.Urgent}"), Is.EqualTo(new[] { "mail,slack False", "hook True" }));
    }

    [Test]
    public void WithoutRoutesEveryChannelHearsOfAll() =>
        Assert.That(Read("""{ "channels": { "a": { "kind": "log" }, "b": { "kind": "log" } } }""").Routes.Single().To, Is.EqualTo(new[] { "a", "b" }));

    [Test]
    public void EverythingThatIsWrongIsSaidAtOnce() => Assert.That(
        Problems("""
            { "quietHours": { "night": { "from": "25:00", "to": "7", "zone": "Mars/Base", "days": ["someday"] }, "none": { "from": "07:00", "to": "07:00" } },
              "channels": {
                "no name": { "kind": "log" },
                "kindless": { "url": "https://example.org" },
                "log": { "kind": "log", "url": "https://example.org", "quiet": "nights" },
                "mail": { "kind": "email", "host": "not a host", "port": 70000, "security": "none", "user": "orc", "secret": "my password!", "from": "nobody", "to": [] },
                "hook": { "kind": "webhook", "url": "ftp://example.org" },
                "slack": { "kind": "slack", "url": "https://user:password@example.org", "urlSecret": "S", "group": "2d" } },
              "routes": [ { "events": ["run-faild"], "pipelines": ["a b"], "to": ["hok"] }, { "to": [] } ] }
            """),
        Is.EqualTo(new[]
        {
            "quietHours.night: \"from\" is a time of the day: 22:00",
            "quietHours.night: \"to\" is a time of the day: 07:00",
            "quietHours.night: there is no IANA time zone \"Mars/Base\": Europe/Berlin",
            "quietHours.night: there is no day \"someday\"; the days are mon, tue, wed, thu, fri, sat, sun",
            "quietHours.none: it begins and ends at the same time",
            "channels.no name: the name of a channel is a letter, then letters, digits, '_' or '-', at most 64 characters",
            "channels.kindless: \"kind\" is missing; it is one of log, email, webhook, slack, teams",
            "channels.log: a channel of kind log has no \"url\"",
            "channels.log: there are no quiet hours \"nights\" (did you mean \"night\"?)",
            "channels.mail: \"secret\" is not the name of a secret: letters, digits and underscores; store its value with: orc secrets set NAME",
            "channels.mail: \"host\" is the name of the mail server",
            "channels.mail: \"port\" is 1 to 65535",
            "channels.mail: a password would be sent where others can read it; use \"security\": \"starttls\" or \"tls\"",
            "channels.mail: \"from\" is no mail address: Orchestrator <orc@example.org>",
            "channels.mail: \"to\" has 1 to 50 mail addresses",
            "channels.hook: \"secret\" is missing: the name of the secret that messages are signed with, so that who gets them knows whose they are",
            "channels.hook: \"url\" is no address that begins with http:// or https:// and has neither user nor password",
            "channels.slack: \"group\" is at most 1d",
            "channels.slack: write one of \"url\" (the address) and \"urlSecret\" (the name of the secret that is the address)",
            "channels.slack: \"url\" is no address that begins with http:// or https:// and has neither user nor password",
            "routes[0]: there is no event \"run-faild\" (did you mean \"run-failed\"?); the events are run-failed, run-recovered, deadline-missed, approval-wanted, alert-raised",
            "routes[0]: there is no channel \"hok\" (did you mean \"hook\"?)",
            "routes[0]: \"pipelines\" are names, with * for any characters",
            "routes[1]: \"to\" has no channel",
        }));

    /// <summary>A line end in an address would begin another header.</summary>
    [TestCase("ann@example.org\\r\\nBcc: all@example.org")]
    [TestCase("ann@example.org\\nSubject: x")]
    [TestCase("\\\"a\\r\\nb\\\"@example.org")]
    [TestCase("a@example.org, b@example.org")]
    [TestCase("nobody")]
    public void AnAddressIsOneAddress(string address)
    {
        var json = $$"""{ "channels": { "mail": { "kind": "email", "host": "h", "from": "a@example.org", "to": ["{{address}}"] } } }""";
        Assert.That(Problems(json).Single(), Does.StartWith("channels.mail: \"to\" has ").And.EndsWith("which is no mail address").And.Not.Contain("\n"));
    }

    [TestCase("[]", "it is no object with channels, routes and quietHours")]
    [TestCase("""{ "chanels": {} }""", "chanels: there is no such member, or it cannot have this value")]
    [TestCase("""{ "channels": { "a": { "kind": "pigeon" } } }""", "channels.a.kind: there is no such member, or it cannot have this value")]
    [TestCase("""{ "channels": { "a": { "kind": "log", "group": "soon" } } }""", "channels.a.group: there is no such member, or it cannot have this value")]
    public void WhatHasAnotherShapeIsSaidWithItsPlace(string json, string problem) => Assert.That(Problems(json), Is.EqualTo(new[] { problem }));
}
