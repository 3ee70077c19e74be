using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Notifications.Planning;

namespace Orchestrator.Notifications.Configuration;

/// <summary>Who is told of what, and how: the member <c>notifications</c> of a home's settings.</summary>
public sealed record NotificationSettings
{
    /// <summary>Nobody is told of anything.</summary>
    public static NotificationSettings None { get; } = new() { Channels = new Dictionary<string, ChannelSettings>(), Routes = [] };

    /// <summary>By name.</summary>
    public required IReadOnlyDictionary<string, ChannelSettings> Channels { get; init; }

    public required IReadOnlyList<RouteSettings> Routes { get; init; }
}

/// <summary>How a message reaches people.</summary>
public enum ChannelKind
{
    Unknown = 0,

    /// <summary>The server's own log.</summary>
    Log,
    Email,

    /// <summary>JSON of our own, signed.</summary>
    Webhook,

    /// <summary>JSON as incoming webhooks of Slack take it, and of those who do as Slack does.</summary>
    Slack,

    /// <summary>An Adaptive Card, as the webhooks of Teams workflows take it.</summary>
    Teams,
}

/// <summary>How a connection to a mail server is kept from others' eyes.</summary>
public enum MailSecurity
{
    Unknown = 0,

    /// <summary>TLS after a plain greeting, or no mail at all.</summary>
    Starttls,

    /// <summary>TLS from the first byte.</summary>
    Tls,
    None,
}

/// <summary>A channel. Members that its kind does not use are null.</summary>
public sealed record ChannelSettings
{
    public required string Name { get; init; }

    public required ChannelKind Kind { get; init; }

    /// <summary>The address of a webhook; null when it is a secret.</summary>
    public Uri? Url { get; init; }

    /// <summary>The secret that is the address: who knows the address of a Slack or Teams webhook may write there.</summary>
    public SecretRef? UrlSecret { get; init; }

    /// <summary>What a webhook is signed with, or the password of the mail server.</summary>
    public SecretRef? Secret { get; init; }

    public string? Host { get; init; }

    public int Port { get; init; }

    public MailSecurity Security { get; init; }

    /// <summary>Who signs in at the mail server; null: nobody.</summary>
    public string? User { get; init; }

    public string? From { get; init; }

    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>What happens in this time after the first of its kind is told together with it. Zero: each by itself.</summary>
    public TimeSpan Group { get; init; }

    /// <summary>Null: always loud.</summary>
    public QuietHours? Quiet { get; init; }

    /// <summary>The first instant, not before the given one, at which the channel wants to hear of what can wait.</summary>
    public DateTimeOffset Hold(DateTimeOffset instant) => Quiet?.Hold(instant) ?? instant;

    /// <summary>For people: where it leads, without what is secret of it.</summary>
    public string Where => Kind switch
    {
        ChannelKind.Email => $"{string.Join(", ", To)} by {Host}:{Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
        ChannelKind.Log => "the server's log",
        _ => Url is { } url ? $"{url.Scheme}://{url.Authority}/…" : $"the address in secret {UrlSecret}",
    };
}

/// <summary>Which channels are told of which events. Of several routes each counts; a channel is told once.</summary>
public sealed record RouteSettings
{
    /// <summary>Empty: of each.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Names, with <c>*</c> for any characters. Empty: of each, and of what is of no pipeline.</summary>
    public IReadOnlyList<string> Pipelines { get; init; } = [];

    /// <summary>What is less severe is not told.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Info;

    public required IReadOnlyList<string> To { get; init; }

    /// <summary>True: waits neither for others nor for the end of quiet hours. What is critical always is.</summary>
    public bool Urgent { get; init; }
}
