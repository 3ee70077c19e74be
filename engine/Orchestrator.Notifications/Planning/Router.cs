using System.IO.Enumeration;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Notifications;

namespace Orchestrator.Notifications.Planning;

/// <summary>Decides which channels are told of something, and when. Pure.</summary>
internal static class Router
{
    /// <summary>One for each channel, in the order of the routes.</summary>
    /// <param name="settings">Who wants to hear of what.</param>
    /// <param name="notice">What there is to tell.</param>
    /// <param name="key">What makes it one, however often it is planned.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<NewNotice> Plan(NotificationSettings settings, Notice notice, string key, DateTimeOffset now)
    {
        var payload = OrcJson.ToElement(notice);
        return [.. ChannelsOf(settings, notice).Select(one => Place(one.Channel, notice.Event, one.Urgent, key, payload, now))];
    }

    /// <summary>What is urgent waits for nothing. Else the channel's window begins, and what comes in it is one message, at the end of the window or of the quiet hours that it ends in.</summary>
    private static NewNotice Place(ChannelSettings channel, string name, bool urgent, string key, System.Text.Json.JsonElement payload, DateTimeOffset now)
    {
        var due = urgent ? now : channel.Hold(now + channel.Group);
        return new NewNotice { Channel = channel.Name, Event = name, Key = key, Payload = payload, Urgent = urgent, Gathers = due > now, DueAt = due };
    }

    private static IEnumerable<(ChannelSettings Channel, bool Urgent)> ChannelsOf(NotificationSettings settings, Notice notice) => settings.Routes
        .Where(route => Matches(route, notice))
        .SelectMany(route => route.To.Select(name => (Name: name, route.Urgent)))
        .GroupBy(one => one.Name, StringComparer.Ordinal)
        .Select(group => (settings.Channels[group.Key], group.Any(one => one.Urgent) || notice.Severity == AlertSeverities.Of(AlertSeverity.Critical)));

    private static bool Matches(RouteSettings route, Notice notice) =>
        (route.Events.Count == 0 || route.Events.Contains(notice.Event))
        && (route.Pipelines.Count == 0 || (notice.Pipeline is { } pipeline && route.Pipelines.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, pipeline, ignoreCase: false))))
        && AlertSeverities.Parse(notice.Severity) >= route.Severity;
}
