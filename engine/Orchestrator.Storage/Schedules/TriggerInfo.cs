using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Schedules;

/// <summary>A trigger of a registered pipeline, by the name that it has there.</summary>
public readonly record struct TriggerKey(string Pipeline, string Name)
{
    public override string ToString() => $"{Pipeline}/{Name}";
}

/// <summary>How far a trigger was looked at, and what holds it.</summary>
public sealed record TriggerInfo
{
    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    /// <summary><c>schedule</c>, <c>dataset</c>, …: <see cref="Core.Definitions.TriggerNames.KindOf"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The definition that has it.</summary>
    public required DefinitionHash Definition { get; init; }

    public required string BaseDirectory { get; init; }

    /// <summary>Of a schedule <see cref="LookedUntil"/>, else the number of the newest signal that was looked at.</summary>
    public required long Cursor { get; init; }

    /// <summary>When it must be looked at next, though nothing happens before. Null: not by itself.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>What a combination remembers.</summary>
    public JsonElement? State { get; init; }

    /// <summary>How many ticks got no run because nobody was there, or because it was paused.</summary>
    public required long Missed { get; init; }

    /// <summary>Null: not paused itself; its pipeline may be.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    public string? PausedBy { get; init; }

    public string? PauseReason { get; init; }

    public DateTimeOffset? PipelinePausedAt { get; init; }

    public string? PipelinePausedBy { get; init; }

    /// <summary>Null: its pipeline has it.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Raised by every change: a look that began before another one ended is refused.</summary>
    public required long Version { get; init; }

    public TriggerKey Key => new(Pipeline, Name);

    /// <summary>The newest planned time that was looked at, of a schedule.</summary>
    public DateTimeOffset LookedUntil => TypeConversions.FromMicroseconds(Cursor);

    public bool IsPaused => PausedAt is not null || PipelinePausedAt is not null;

    /// <summary>Since when, by whom.</summary>
    public string? WhyPaused => (PausedBy, PipelinePausedBy) switch
    {
        ({ } by, _) => PauseReason is { } reason ? $"paused by {by}: {reason}" : $"paused by {by}",
        (_, { } by) => $"its pipeline is paused by {by}",
        _ => null,
    };

    /// <summary>The cursor of a schedule that was looked at until a time.</summary>
    public static long CursorOf(DateTimeOffset lookedUntil) => TypeConversions.ToMicroseconds(lookedUntil);
}

/// <summary>Which triggers to list. What is null does not matter.</summary>
public sealed record TriggerFilter
{
    public string? Pipeline { get; init; }

    public string? Kind { get; init; }

    /// <summary>Only of pipelines of these projects.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Part of <c>PIPELINE/NAME</c>, in any case.</summary>
    public string? Search { get; init; }

    /// <summary>The last one of the page before.</summary>
    public TriggerKey? After { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>The words for what was decided about a tick.</summary>
public static class TickDecisions
{
    /// <summary>Its run starts at <see cref="TickInfo.DueAt"/>.</summary>
    public const string Due = "due";

    /// <summary>It waits for an earlier run of the trigger.</summary>
    public const string Queued = "queued";

    public const string Started = "started";

    /// <summary>It gets no run: an earlier one went on, a newer tick took its place, or the trigger was paused or taken away.</summary>
    public const string Skipped = "skipped";

    /// <summary>It passed while no scheduler was there, and its trigger's policy gives it no run.</summary>
    public const string Missed = "missed";

    /// <summary>Something happened, and it was not what the trigger waits for.</summary>
    public const string Ignored = "ignored";

    /// <summary>Its run could not be started.</summary>
    public const string Failed = "failed";
}

/// <summary>A time of a schedule, or something that happened, and what was decided about it.</summary>
public sealed record TickInfo
{
    /// <summary>Sorts by time. Of a schedule its logical date as text.</summary>
    public required string Key { get; init; }

    public DateTimeOffset? LogicalDate { get; init; }

    public DateTimeOffset? IntervalStart { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary>One of <see cref="TickDecisions"/>.</summary>
    public required string Decision { get; init; }

    public string? Reason { get; init; }

    public RunId? RunId { get; init; }

    /// <summary>What happened.</summary>
    public JsonElement? Event { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }
}

/// <summary>How many ticks of a trigger were decided in one way.</summary>
public sealed record TickCount
{
    public required string Decision { get; init; }

    public required long Number { get; init; }
}

/// <summary>Something that happened, and that some trigger waits for.</summary>
public sealed record SignalInfo
{
    /// <summary>In the order of their commits.</summary>
    public required long Number { get; init; }

    public required string Kind { get; init; }

    public required string Subject { get; init; }

    public required JsonElement Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>A file as a trigger has seen it.</summary>
public sealed record FileSeen
{
    /// <summary>The pattern of the trigger that it fits.</summary>
    public required string Pattern { get; init; }

    public required string Path { get; init; }

    /// <summary>In bytes.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset Modified { get; init; }

    /// <summary>Since when size and time are these.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>True: what waits for it knows of it as it is.</summary>
    public required bool Told { get; init; }
}

/// <summary>A run that is for a time.</summary>
public sealed record RunDate
{
    public required DateTimeOffset LogicalDate { get; init; }

    public required RunId RunId { get; init; }

    public required string Status { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}
