using System.Text.Json;
using Orchestrator.Core.Schedules;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>What starts runs of a pipeline by itself: a schedule, or something that it waits for.</summary>
public sealed record TriggerDocument
{
    /// <summary><c>PIPELINE/NAME</c>.</summary>
    public required string Trigger { get; init; }

    public required string Pipeline { get; init; }

    public required string Name { get; init; }

    public required string Project { get; init; }

    /// <summary><c>schedule</c>, <c>dataset</c>, <c>model</c>, <c>pipeline</c>, <c>alert</c>, <c>file</c>, <c>webhook</c> or <c>combination</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it waits for, in words.</summary>
    public required string For { get; init; }

    /// <summary>The hash of the definition that has it.</summary>
    public required string Definition { get; init; }

    /// <summary>When its next run is due; absent while it is paused, and for what waits for something else than a time.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>True: it starts no runs, because it is paused itself or its pipeline is.</summary>
    public required bool Paused { get; init; }

    /// <summary>By whom, and why; a sentence.</summary>
    public string? WhyPaused { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>How many times or events got no run because nobody was there, or because it was paused.</summary>
    public required long Missed { get; init; }

    /// <summary>The trigger as its definition has it; only where one is shown.</summary>
    public JsonElement? Json { get; init; }

    /// <summary>How many ticks were decided in which way; only where one is shown.</summary>
    public IReadOnlyDictionary<string, long>? Ticks { get; init; }

    /// <summary>Its newest ticks; only where one is shown.</summary>
    public IReadOnlyList<TickDocument>? Last { get; init; }

    /// <summary>The next times of a schedule; only where one is shown.</summary>
    public IReadOnlyList<PlannedTimeDocument>? Next { get; init; }
}

/// <summary>A time of a schedule, or something that happened, and what was decided about it.</summary>
public sealed record TickDocument
{
    /// <summary>Sorts by time.</summary>
    public required string Tick { get; init; }

    /// <summary>Of a schedule the time that the run is for.</summary>
    public DateTimeOffset? LogicalDate { get; init; }

    /// <summary>Of a schedule the beginning of the data that the run is for.</summary>
    public DateTimeOffset? DataFrom { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    /// <summary><c>due</c>, <c>queued</c>, <c>started</c>, <c>skipped</c>, <c>missed</c>, <c>ignored</c> or <c>failed</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>Why; absent when its run started.</summary>
    public string? Reason { get; init; }

    public string? Run { get; init; }

    /// <summary>What happened.</summary>
    public JsonElement? Event { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    internal static TickDocument Of(TickInfo tick) => new()
    {
        Tick = tick.Key, LogicalDate = tick.LogicalDate, DataFrom = tick.IntervalStart, DueAt = tick.DueAt, Decision = tick.Decision, Reason = tick.Reason, Run = tick.RunId?.Value, Event = tick.Event,
        DecidedAt = tick.DecidedAt,
    };
}

/// <summary>A time at which a schedule is due.</summary>
public sealed record PlannedTimeDocument
{
    /// <summary>The time that the run is for, in UTC.</summary>
    public required DateTimeOffset LogicalDate { get; init; }

    /// <summary>The same on the clock of the schedule's zone.</summary>
    public required DateTimeOffset Local { get; init; }

    /// <summary>The beginning of the data that the run is for, inclusive; its end is the logical date, exclusive.</summary>
    public required DateTimeOffset DataFrom { get; init; }

    internal static PlannedTimeDocument Of(PlannedTime planned, TimeZoneInfo zone) => new()
    {
        LogicalDate = planned.LogicalDate, Local = TimeZoneInfo.ConvertTime(planned.LogicalDate, zone), DataFrom = planned.From,
    };
}

/// <summary>Why a trigger is paused.</summary>
public sealed record PauseTrigger
{
    /// <summary>Stands in the history of what is passed over.</summary>
    public string? Reason { get; init; }
}

/// <summary>A trigger that goes on.</summary>
public sealed record ResumedTriggerDocument
{
    public required TriggerDocument Trigger { get; init; }

    /// <summary>How many of its times or events went by since the last look; a backfill makes up for times.</summary>
    public required long PassedOver { get; init; }
}
