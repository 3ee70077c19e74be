using System.Text.Json;
using MimeKit;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Planning;
using Orchestrator.Runtime.Settings;

namespace Orchestrator.Notifications.Configuration;

/// <summary>Reads who is told of what, and finds everything that is wrong with it at once.</summary>
public static class NotificationSettingsReader
{
    private const int MostChannels = 100, MostRoutes = 200, MostAddresses = 50;

    private static readonly TimeSpan UsualGroup = TimeSpan.FromSeconds(30), LongestGroup = TimeSpan.FromDays(1);

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>What each kind of channel may have, beside <c>kind</c>, <c>group</c> and <c>quiet</c>.</summary>
    private static readonly Dictionary<ChannelKind, string[]> Members = new()
    {
        [ChannelKind.Log] = [],
        [ChannelKind.Email] = ["host", "port", "security", "user", "secret", "from", "to"],
        [ChannelKind.Webhook] = ["url", "urlSecret", "secret"],
        [ChannelKind.Slack] = ["url", "urlSecret"],
        [ChannelKind.Teams] = ["url", "urlSecret"],
    };

    /// <exception cref="Core.Activities.ActivityException">Something is wrong with it (ORC6300).</exception>
    public static NotificationSettings Read(EngineSettings settings) => settings.Notifications is { } json ? Read(json) : NotificationSettings.None;

    internal static NotificationSettings Read(JsonElement json)
    {
        NotificationDocument document;
        try
        {
            document = OrcJson.FromElement<NotificationDocument>(json);
        }
        catch (JsonException wrong)
        {
            throw NotificationErrors.BadSettings([WordsOf(wrong)]);
        }

        var problems = new List<string>();
        var quiet = document.QuietHours.ToDictionary(pair => pair.Key, pair => QuietOf(pair.Key, pair.Value, problems), StringComparer.Ordinal);
        var channels = document.Channels.Select(pair => ChannelOf(pair.Key, pair.Value, quiet, problems)).ToDictionary(channel => channel.Name, StringComparer.Ordinal);
        // Who says nothing of routes wants to hear of all of it everywhere.
        var routes = (document.Routes ?? (channels.Count == 0 ? [] : [new RouteDocument { To = [.. channels.Keys] }])).Select((route, i) => RouteOf(i, route, channels.Keys, problems)).ToArray();
        Check(channels.Count <= MostChannels, $"there are {channels.Count} channels, and there may be {MostChannels}", problems);
        Check(routes.Length <= MostRoutes, $"there are {routes.Length} routes, and there may be {MostRoutes}", problems);
        return problems.Count == 0 ? new NotificationSettings { Channels = channels, Routes = routes } : throw NotificationErrors.BadSettings(problems);
    }

    private static ChannelSettings ChannelOf(string name, ChannelDocument document, Dictionary<string, QuietHours?> quiet, List<string> problems)
    {
        var place = $"channels.{Words.Line(name, 60)}";
        Check(TaskName.IsValid(name), $"{place}: the name of a channel is {TaskName.Rule}", problems);
        if (document.Kind is not { } kind)
        {
            problems.Add($"{place}: \"kind\" is missing; it is one of log, email, webhook, slack, teams");
            return new ChannelSettings { Name = name, Kind = ChannelKind.Unknown };
        }

        foreach (var member in document.Given.Except(Members[kind]))
        {
            problems.Add($"{place}: a channel of kind {kind.ToString().ToLowerInvariant()} has no \"{member}\"");
        }

        Check(document.Group is not { } window || window <= LongestGroup, $"{place}: \"group\" is at most {Durations.Format(LongestGroup)}", problems);
        QuietHours? hours = null;
        Check(document.Quiet is null || quiet.TryGetValue(document.Quiet, out hours), $"{place}: there are no quiet hours \"{Words.Line(document.Quiet ?? "", 60)}\"{Near(document.Quiet, quiet.Keys)}", problems);
        var channel = new ChannelSettings { Name = name, Kind = kind, Group = document.Group ?? UsualGroup, Quiet = hours, Secret = SecretOf(document.Secret, $"{place}: \"secret\"", problems) };
        return kind switch
        {
            ChannelKind.Log => channel,
            ChannelKind.Email => MailOf(place, document, channel, problems),
            _ => HookOf(place, document, channel, problems),
        };
    }

    private static ChannelSettings HookOf(string place, ChannelDocument document, ChannelSettings channel, List<string> problems)
    {
        Check(document.Url is null != document.UrlSecret is null, $"{place}: write one of \"url\" (the address) and \"urlSecret\" (the name of the secret that is the address)", problems);
        Check(channel.Kind != ChannelKind.Webhook || document.Secret is not null, $"{place}: \"secret\" is missing: the name of the secret that messages are signed with, so that who gets them knows whose they are", problems);
        Uri? url = null;
        Check(
            document.Url is null || (Uri.TryCreate(document.Url, UriKind.Absolute, out url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && !document.Url.Any(char.IsControl)),
            $"{place}: \"url\" is no address that begins with http:// or https:// and has neither user nor password",
            problems);
        return channel with { Url = url, UrlSecret = SecretOf(document.UrlSecret, $"{place}: \"urlSecret\"", problems) };
    }

    private static ChannelSettings MailOf(string place, ChannelDocument document, ChannelSettings channel, List<string> problems)
    {
        var security = document.Security ?? MailSecurity.Starttls;
        Check(document.Host is { Length: > 0 } host && Uri.CheckHostName(host) != UriHostNameType.Unknown, $"{place}: \"host\" is the name of the mail server", problems);
        Check(document.Port is null or (> 0 and < 65536), $"{place}: \"port\" is 1 to 65535", problems);
        Check(document.User is null == document.Secret is null, $"{place}: \"user\" and \"secret\" (the name of the secret with the password) go together", problems);
        Check(document.User is null || security != MailSecurity.None, $"{place}: a password would be sent where others can read it; use \"security\": \"starttls\" or \"tls\"", problems);
        Check(document.User?.Any(char.IsControl) != true, $"{place}: \"user\" has a line end or another control character", problems);
        Check(IsAddress(document.From), $"{place}: \"from\" is no mail address: Orchestrator <orc@example.org>", problems);
        Check(document.To is { Count: > 0 and <= MostAddresses }, $"{place}: \"to\" has 1 to {MostAddresses} mail addresses", problems);
        foreach (var address in (document.To ?? []).Where(address => !IsAddress(address)))
        {
            problems.Add($"{place}: \"to\" has \"{Words.Line(address, 80)}\", which is no mail address");
        }

        return channel with
        {
            Host = document.Host, Port = document.Port ?? (security == MailSecurity.Tls ? 465 : security == MailSecurity.Starttls ? 587 : 25), Security = security, User = document.User, From = document.From, To = document.To ?? [],
        };
    }

    private static RouteSettings RouteOf(int index, RouteDocument document, IReadOnlyCollection<string> channels, List<string> problems)
    {
        var place = $"routes[{index}]";
        foreach (var name in document.Events.Except(Events.All))
        {
            problems.Add($"{place}: there is no event \"{Words.Line(name, 60)}\"{Near(name, Events.All)}; the events are {string.Join(", ", Events.All)}");
        }

        Check(document.To.Count > 0, $"{place}: \"to\" has no channel", problems);
        foreach (var name in document.To.Except(channels))
        {
            problems.Add($"{place}: there is no channel \"{Words.Line(name, 60)}\"{Near(name, channels)}");
        }

        Check(document.Pipelines.All(pattern => pattern.Length is > 0 and <= 200 && pattern.All(one => char.IsAsciiLetterOrDigit(one) || one is '_' or '-' or '*')), $"{place}: \"pipelines\" are names, with * for any characters", problems);
        return new RouteSettings { Events = document.Events, Pipelines = document.Pipelines, Severity = document.Severity, To = document.To, Urgent = document.Urgent };
    }

    private static QuietHours? QuietOf(string name, QuietDocument document, List<string> problems)
    {
        var place = $"quietHours.{Words.Line(name, 60)}";
        var before = problems.Count;
        Check(LocalInstants.TryParseTime(document.From, out var from) && from < TimeSpan.FromDays(1), $"{place}: \"from\" is a time of the day: 22:00", problems);
        Check(LocalInstants.TryParseTime(document.To, out var to) && to < TimeSpan.FromDays(1), $"{place}: \"to\" is a time of the day: 07:00", problems);
        Check(problems.Count > before || from != to, $"{place}: it begins and ends at the same time", problems);
        Check(TimeZoneInfo.TryFindSystemTimeZoneById(document.Zone, out var zone) && zone.HasIanaId, $"{place}: there is no IANA time zone \"{Words.Line(document.Zone, 60)}\": Europe/Berlin", problems);
        foreach (var day in (document.Days ?? []).Except(Days))
        {
            problems.Add($"{place}: there is no day \"{Words.Line(day, 20)}\"; the days are mon, tue, wed, thu, fri, sat, sun");
        }

        return problems.Count > before || zone is null ? null : new QuietHours(zone, from, to, (document.Days ?? Days).Select(day => (DayOfWeek)Array.IndexOf(Days, day)));
    }

    private static SecretRef? SecretOf(string? text, string what, List<string> problems)
    {
        if (text is null)
        {
            return null;
        }

        // Not repeated: somebody may have written the secret itself there.
        Check(SecretRef.TryParse(text, out var secret), $"{what} is not the name of a secret: letters, digits and underscores; store its value with: orc secrets set NAME", problems);
        return secret;
    }

    /// <summary>One address, on one line: what comes after a line end would be a header of its own.</summary>
    private static bool IsAddress(string? text) => text is { Length: > 0 and <= 320 } && !text.Any(char.IsControl) && MailboxAddress.TryParse(text, out var address) && address.Address.Contains('@', StringComparison.Ordinal);

    private static string Near(string? name, IEnumerable<string> known) => name is not null && NearNames.Question(name, known) is { } question ? $" ({question})" : "";

    private static void Check(bool holds, string problem, List<string> problems)
    {
        if (!holds)
        {
            problems.Add(problem);
        }
    }

    /// <summary>Without the names of our classes.</summary>
    private static string WordsOf(JsonException wrong) => (wrong.Path ?? "$") switch
    {
        "$" => "it is no object with channels, routes and quietHours",
        var path => $"{path[(path.StartsWith("$.", StringComparison.Ordinal) ? 2 : 0)..]}: there is no such member, or it cannot have this value",
    };
}
