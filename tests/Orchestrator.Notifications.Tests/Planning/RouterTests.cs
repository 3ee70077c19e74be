using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Notifications.Planning;

namespace Orchestrator.Notifications.Tests.Planning;

/// <summary>Who is told, and when.</summary>
public sealed class RouterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static Notice Failed(string? pipeline = "churn", string severity = "warning") => new() { Event = Events.RunFailed, Pipeline = pipeline, Severity = severity, Title = "churn failed", At = Now };

    private static NotificationSettings Settings(params RouteSettings[] routes) => new()
    {
        Channels = new[] { "ops", "mail", "night" }.ToDictionary(name => name, name => new ChannelSettings
        {
            Name = name,
            Kind = ChannelKind.Log,
            Group = name == "mail" ? TimeSpan.Zero : TimeSpan.FromMinutes(5),
            Quiet = name == "night" ? new QuietHours(TimeZoneInfo.Utc, TimeSpan.FromHours(10), TimeSpan.FromHours(18), Enum.GetValues<DayOfWeek>()) : null,
        }),
        Routes = routes,
    };

    private static string[] Told(Notice notice, params RouteSettings[] routes) => [.. Router.Plan(Settings(routes), notice, "k", Now).Select(one => one.Channel)];

    [Test]
    public void ARouteTakesItsEventsPipelinesAndSeverities()
    {
        Assert.That(Told(Failed(), new RouteSettings { To = ["ops", "mail"] }), Is.EqualTo(new[] { "ops", "mail" }));
        Assert.That(Told(Failed(), new RouteSettings { To = ["ops"], Events = [Events.RunRecovered] }), Is.Empty);
        Assert.That(Told(Failed(), new RouteSettings { To = ["ops"], Pipelines = ["ch*", "x"] }), Is.EqualTo(new[] { "ops" }));
        Assert.That(Told(Failed(), new RouteSettings { To = ["ops"], Pipelines = ["Churn", "*x"] }), Is.Empty);
        Assert.That(Told(Failed(pipeline: null), new RouteSettings { To = ["ops"], Pipelines = ["*"] }), Is.Empty, "what is of no pipeline");
        Assert.That(Told(Failed(severity: "info"), new RouteSettings { To = ["ops"], Severity = AlertSeverity.Warning }), Is.Empty);
        Assert.That(Told(Failed(), new RouteSettings { To = ["ops"] }, new RouteSettings { To = ["mail", "ops"] }), Is.EqualTo(new[] { "ops", "mail" }), "each once");
    }

    [Test]
    public void WhatCanWaitIsGatheredAndHeldAndWhatIsUrgentIsNot()
    {
        var all = new RouteSettings { To = ["ops", "mail", "night"] };
        Assert.That(Router.Plan(Settings(all), Failed(), "k", Now).Select(one => (one.Channel, one.Gathers, one.DueAt)), Is.EqualTo(new[]
        {
            ("ops", true, Now.AddMinutes(5)), ("mail", false, Now), ("night", true, Now.AddHours(6)),
        }));
        foreach (var plan in new[] { Router.Plan(Settings(all), Failed(severity: "critical"), "k", Now), Router.Plan(Settings(all with { Urgent = true }), Failed(), "k", Now) })
        {
            Assert.That(plan.Select(one => (one.Urgent, one.Gathers, one.DueAt)), Has.All.EqualTo((true, false, Now)));
        }
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    [Test]
    public void NobodyIsToldTwiceOrBeforeTheTime()
    {
        var routes = Gen.Select(OneOf("ops", "mail", "night").Array[1, 4], Gen.Bool, OneOf("*", "churn", "x*")).Select((to, urgent, pipeline) => new RouteSettings { To = to, Urgent = urgent, Pipelines = [pipeline] });
        Gen.Select(routes.Array[0, 5], Gen.Int[0, 60 * 24 * 7], OneOf("info", "warning", "critical")).Sample((given, minute, severity) =>
        {
            var (settings, now) = (Settings(given), Now.AddMinutes(minute));
            var plan = Router.Plan(settings, Failed(severity: severity), "k", now);
            return plan.Select(one => one.Channel).Distinct().Count() == plan.Count
                && plan.All(one => one.DueAt >= now && (one.Urgent ? one.DueAt == now : settings.Channels[one.Channel].Hold(one.DueAt) == one.DueAt) && one.Gathers == one.DueAt > now);
        });
    }
}
