using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Alerts;

/// <summary>The words for severities in tables, JSON and on the screen.</summary>
public static class AlertSeverities
{
    /// <summary>From the least to the worst.</summary>
    public static IReadOnlyList<string> All { get; } = ["info", "warning", "critical"];

    public static string Of(AlertSeverity severity) => severity is >= AlertSeverity.Info and <= AlertSeverity.Critical
        ? All[(int)severity - 1]
        : throw new ArgumentOutOfRangeException(nameof(severity), severity, "not a severity");

    /// <summary><see cref="AlertSeverity.Unknown"/> for a word that is none.</summary>
    public static AlertSeverity Parse(string word) => word switch
    {
        "info" => AlertSeverity.Info,
        "warning" => AlertSeverity.Warning,
        "critical" => AlertSeverity.Critical,
        _ => AlertSeverity.Unknown,
    };
}

/// <summary>An alert to raise.</summary>
public sealed record NewAlert
{
    public const string DefaultProject = Pipelines.PipelineRegistration.DefaultProject;

    /// <summary>Characters that a name may have, and a subject. They are a key.</summary>
    public const int LongestName = 200;

    public const int LongestSubject = 400;

    public const int LongestReason = 4000;

    /// <summary>What has been found: <c>drift</c>. Triggers wait for it by this name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about: a model, a feature, an endpoint. May be empty.</summary>
    public required string Subject { get; init; }

    public required AlertSeverity Severity { get; init; }

    /// <summary>In a sentence for people.</summary>
    public required string Reason { get; init; }

    public string Project { get; init; } = DefaultProject;

    /// <summary>What a machine may want to know of it.</summary>
    public JsonElement? Details { get; init; }

    /// <summary>The run that found it; null: none did.</summary>
    public RunId? Run { get; init; }

    /// <summary>Who raises it.</summary>
    public required string By { get; init; }

    /// <summary>What is wrong with it, as a sentence; null: nothing.</summary>
    public string? Problem => Name.Length is 0 or > LongestName || Name.Any(one => char.IsControl(one) || char.IsWhiteSpace(one)) ? $"an alert's name has 1 to {LongestName} characters and no spaces"
        : Subject.Length > LongestSubject || Subject.Any(char.IsControl) ? $"an alert's subject has at most {LongestSubject} characters, on one line"
        : string.IsNullOrWhiteSpace(Reason) || Reason.Length > LongestReason ? $"an alert's reason has 1 to {LongestReason} characters"
        : Severity is < AlertSeverity.Info or > AlertSeverity.Critical ? $"an alert's severity is one of {string.Join(", ", AlertSeverities.All)}"
        : null;
}

/// <summary>An alert as it is.</summary>
public sealed record AlertInfo
{
    public required string Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Subject { get; init; }

    /// <summary>The highest that it was raised with: a word of <see cref="AlertSeverities"/>.</summary>
    public required string Severity { get; init; }

    /// <summary>The newest.</summary>
    public required string Reason { get; init; }

    public JsonElement? Details { get; init; }

    public RunId? RunId { get; init; }

    public required string RaisedBy { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it was raised last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>How often it was raised.</summary>
    public required long Times { get; init; }

    /// <summary>Null: nobody has said that they look at it.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    /// <summary>Null: it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    public string? ClosedBy { get; init; }

    public string? Comment { get; init; }

    /// <summary><c>open</c>, <c>acknowledged</c> or <c>closed</c>.</summary>
    public string Status => ClosedAt is not null ? "closed" : AcknowledgedAt is not null ? "acknowledged" : "open";
}

/// <summary>What came of raising an alert.</summary>
/// <param name="Alert">As it is now.</param>
/// <param name="IsNews">False: it was open already, and no worse, so nobody is told again.</param>
public sealed record RaisedAlert(AlertInfo Alert, bool IsNews);

/// <summary>Which alerts to answer.</summary>
public sealed record AlertFilter
{
    /// <summary>True: closed ones too.</summary>
    public bool All { get; init; }

    public string? Name { get; init; }

    /// <summary>Null: of all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>The last one of the page before; null: from the newest.</summary>
    public string? Before { get; init; }

    /// <summary>≥ 1.</summary>
    public required int Limit { get; init; }
}
