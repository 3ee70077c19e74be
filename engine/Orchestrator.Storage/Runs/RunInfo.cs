using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>A process that drives runs.</summary>
public sealed record RunOwner
{
    /// <summary>Unique for the life of one process.</summary>
    public required string Id { get; init; }

    public required string Host { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>Tells a process from a later one with the same number.</summary>
    public required DateTimeOffset ProcessStartedAt { get; init; }
}

/// <summary>The row of a run.</summary>
public sealed record RunInfo
{
    public required RunId Id { get; init; }

    public required string Pipeline { get; init; }

    public required DefinitionHash Definition { get; init; }

    /// <summary>A word of the runtime: <c>running</c>, <c>succeeded</c>, …</summary>
    public required string Status { get; init; }

    public required JsonElement Params { get; init; }

    public JsonElement? Overrides { get; init; }

    public JsonElement? Trigger { get; init; }

    public required string BaseDirectory { get; init; }

    public string? GitCommit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Null: the run is unfinished.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>The last owner, also of a finished run; null when nobody ever claimed it or the owner released it.</summary>
    public RunOwner? Owner { get; init; }

    /// <summary>Raised by every claim; commits with an older one are refused. 0: never claimed.</summary>
    public required long Epoch { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The run this one goes back to.</summary>
    public RunId? Parent { get; init; }

    /// <summary>What it is to its parent: <c>rerun</c>, <c>sub</c>.</summary>
    public string? Relation { get; init; }

    /// <summary>The number of events, which is the number of the last one.</summary>
    public required long Sequence { get; init; }

    public string? IdempotencyKey { get; init; }
}
