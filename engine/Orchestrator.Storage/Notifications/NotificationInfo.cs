using System.Text.Json;

namespace Orchestrator.Storage.Notifications;

/// <summary>Kinds of messages in the outbox that people may be told of.</summary>
public static class Causes
{
    public const string RunFailed = "run.failed";

    public const string RunRecovered = "run.recovered";

    public const string RunLate = "run.late";

    public const string ApprovalWanted = "approval.wanted";

    public const string AlertRaised = "alert.raised";

    public static IReadOnlyList<string> All { get; } = [RunFailed, RunRecovered, RunLate, ApprovalWanted, AlertRaised];
}

/// <summary>How far a message is.</summary>
public static class NotificationStatuses
{
    /// <summary>Takes more notices until it is due.</summary>
    public const string Gathering = "gathering";

    /// <summary>Is sent when it is due; again, when the last attempt failed.</summary>
    public const string Waiting = "waiting";

    public const string Sent = "sent";

    /// <summary>Given up; the error says why.</summary>
    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Gathering, Waiting, Sent, Failed];
}

/// <summary>Something that one channel is to be told.</summary>
public sealed record NewNotice
{
    /// <summary>At most 200 characters.</summary>
    public required string Channel { get; init; }

    /// <summary>A message has notices of one event; at most 32 characters.</summary>
    public required string Event { get; init; }

    /// <summary>A second notice of the channel with the same key is not stored; at most 400 characters.</summary>
    public required string Key { get; init; }

    public required JsonElement Payload { get; init; }

    /// <summary>True: keeps no quiet hours.</summary>
    public bool Urgent { get; init; }

    /// <summary>True: others of the same channel and event may join it until <see cref="DueAt"/>. False: a message of its own.</summary>
    public bool Gathers { get; init; }

    public required DateTimeOffset DueAt { get; init; }
}

/// <summary>A message to a channel.</summary>
public sealed record NotificationInfo
{
    public required string Id { get; init; }

    public required string Channel { get; init; }

    public required string Event { get; init; }

    public required bool Urgent { get; init; }

    /// <summary>A word of <see cref="NotificationStatuses"/>.</summary>
    public required string Status { get; init; }

    /// <summary>How many notices it has, ≥ 1.</summary>
    public required long Notices { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is to be sent, or tried again; of one that has ended, when it was last.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>How often somebody has begun to send it.</summary>
    public required long Attempts { get; init; }

    /// <summary>Who sends it; null: nobody just now.</summary>
    public string? LeaseOwner { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Why the last attempt failed; null: none has.</summary>
    public string? Error { get; init; }

    /// <summary>When it was sent, or given up.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>One of the things that a message tells of.</summary>
public sealed record NoticeInfo
{
    /// <summary>From 1, in the order in which they came.</summary>
    public required long Number { get; init; }

    public required string Key { get; init; }

    public required JsonElement Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>What became of an attempt to send a message.</summary>
public sealed record NotificationOutcome
{
    /// <summary>A word of <see cref="NotificationStatuses"/>, other than gathering.</summary>
    public required string Status { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public string? Error { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Which messages to answer.</summary>
public sealed record NotificationFilter
{
    public string? Channel { get; init; }

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>The last one of the page before; null: from the newest.</summary>
    public string? Before { get; init; }

    /// <summary>≥ 1.</summary>
    public required int Limit { get; init; }
}
