using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Backfills;

/// <summary>The words for how far a backfill is.</summary>
public static class BackfillStatuses
{
    /// <summary>The plan is there, and nobody has begun with it.</summary>
    public const string Planned = "planned";
    public const string Running = "running";

    /// <summary>Runs that go on go on; no more are started.</summary>
    public const string Paused = "paused";
    public const string Cancelled = "cancelled";

    /// <summary>Every item that was to be run has a run that has ended, however it ended.</summary>
    public const string Done = "done";
}

/// <summary>A planned set of runs over logical dates.</summary>
public sealed record BackfillInfo
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>Its runs are of this definition, whatever is registered meanwhile: the plan is what was shown.</summary>
    public required DefinitionHash Definition { get; init; }

    public required string BaseDirectory { get; init; }

    /// <summary>Given by whoever planned it; the others have their defaults.</summary>
    public required JsonElement Params { get; init; }

    /// <summary>What was asked for.</summary>
    public required JsonElement Selection { get; init; }

    /// <summary>How many of its runs go on at once, ≥ 1.</summary>
    public required int Parallel { get; init; }

    /// <summary>One of <see cref="BackfillStatuses"/>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Which backfills to list. What is null does not matter.</summary>
public sealed record BackfillFilter
{
    public string? Pipeline { get; init; }

    public string? Status { get; init; }

    /// <summary>Only of pipelines of these projects.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>The last one of the page before.</summary>
    public string? After { get; init; }

    public int Limit { get; init; } = 50;
}

/// <summary>How many items of a backfill are in one state.</summary>
public sealed record BackfillCount
{
    /// <inheritdoc cref="BackfillItem.Action"/>
    public required string Action { get; init; }

    /// <summary><c>open</c>: without a run; <c>going</c>: its run goes on; else how its run ended.</summary>
    public required string State { get; init; }

    public required long Number { get; init; }
}

/// <summary>One logical date of a backfill.</summary>
public sealed record BackfillItem
{
    /// <summary>Its place in the order, from 1.</summary>
    public required int Position { get; init; }

    public required DateTimeOffset LogicalDate { get; init; }

    public required DateTimeOffset IntervalStart { get; init; }

    /// <summary><c>run</c> or <c>leave</c>.</summary>
    public required string Action { get; init; }

    /// <summary>A sentence.</summary>
    public required string Why { get; init; }

    /// <summary>From 1; raised by a retry.</summary>
    public int Attempt { get; init; } = 1;

    public RunId? RunId { get; init; }

    /// <summary>How far that run is; null without one.</summary>
    public string? RunStatus { get; init; }

    public DateTimeOffset? RunEndedAt { get; init; }
}
