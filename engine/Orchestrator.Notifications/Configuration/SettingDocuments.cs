using System.Text.Json.Serialization;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Notifications.Configuration;

/// <summary>The settings as they are written.</summary>
internal sealed record NotificationDocument
{
    public Dictionary<string, ChannelDocument> Channels { get; init; } = [];

    public IReadOnlyList<RouteDocument>? Routes { get; init; }

    public Dictionary<string, QuietDocument> QuietHours { get; init; } = [];
}

internal sealed record ChannelDocument
{
    public ChannelKind? Kind { get; init; }

    public string? Url { get; init; }

    public string? UrlSecret { get; init; }

    public string? Secret { get; init; }

    public string? Host { get; init; }

    public int? Port { get; init; }

    public MailSecurity? Security { get; init; }

    public string? User { get; init; }

    public string? From { get; init; }

    public IReadOnlyList<string>? To { get; init; }

    public TimeSpan? Group { get; init; }

    /// <summary>The name of quiet hours.</summary>
    public string? Quiet { get; init; }

    /// <summary>The members that are there, in the words of the file.</summary>
    [JsonIgnore]
    public IEnumerable<string> Given => new (string Name, object? Value)[]
    {
        ("url", Url), ("urlSecret", UrlSecret), ("secret", Secret), ("host", Host), ("port", Port), ("security", Security), ("user", User), ("from", From), ("to", To),
    }.Where(one => one.Value is not null).Select(one => one.Name);
}

internal sealed record RouteDocument
{
    public IReadOnlyList<string> Events { get; init; } = [];

    public IReadOnlyList<string> Pipelines { get; init; } = [];

    public AlertSeverity Severity { get; init; } = AlertSeverity.Info;

    public IReadOnlyList<string> To { get; init; } = [];

    public bool Urgent { get; init; }
}

internal sealed record QuietDocument
{
    public string From { get; init; } = "";

    public string To { get; init; } = "";

    public string Zone { get; init; } = "UTC";

    /// <summary><c>mon</c> to <c>sun</c>: the days on which they begin. Null: each.</summary>
    public IReadOnlyList<string>? Days { get; init; }
}
