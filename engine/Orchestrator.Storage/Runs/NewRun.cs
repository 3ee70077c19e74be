using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Storage.Runs;

/// <summary>A run to be accepted.</summary>
public sealed record NewRun
{
    public required RunId Id { get; init; }

    /// <summary>Stored with the run when it is new.</summary>
    public required StoredDefinition Definition { get; init; }

    public required string Status { get; init; }

    public required JsonElement Params { get; init; }

    public JsonElement? Overrides { get; init; }

    public JsonElement? Trigger { get; init; }

    public required string BaseDirectory { get; init; }

    public string? GitCommit { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Claimed by this owner from the start, with epoch 1; null: waits for a claim.</summary>
    public RunOwner? Owner { get; init; }

    /// <summary>Required with <see cref="Owner"/>, ignored without.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    public RunId? Parent { get; init; }

    public string? Relation { get; init; }

    /// <summary>A second run with the same key is not made: the first one is the answer. One schedule and logical date, for example.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Numbered from 1.</summary>
    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>What the run is the answer to; recorded together with it. It can refuse the run.</summary>
    public Schedules.RunCause? Cause { get; init; }

    /// <summary>The time that the run is for; null: for none.</summary>
    public DateTimeOffset? LogicalDate { get; init; }

    /// <summary>The concurrency key that the run shares with others; null: none.</summary>
    public KeyEntry? Key { get; init; }

    /// <summary>Written in the same transaction when the run is new: an entry of the audit log. Awaits the session and nothing else.</summary>
    public Func<IWriteSession, CancellationToken, Task>? Also { get; init; }
}

/// <summary>Nothing was written: the <see cref="NewRun.Cause"/> has its run already, or may not have one now.</summary>
public sealed class RunRefusedException(string reason) : Exception($"no run was started: {reason}")
{
    public string Reason { get; } = reason;
}

/// <summary>What became of a <see cref="NewRun"/>.</summary>
public sealed record CreatedRun
{
    public required RunInfo Run { get; init; }

    /// <summary>False: a run with this idempotency key existed, and nothing was written.</summary>
    public required bool IsNew { get; init; }

    /// <summary>True: it was stored as one that waits for its <see cref="NewRun.Key"/>.</summary>
    public bool IsQueued { get; init; }
}

/// <summary>An event to append. The store gives it the next number and knows nothing of its meaning.</summary>
public sealed record NewEvent
{
    public required string Type { get; init; }

    /// <summary>JSON.</summary>
    public required string Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>An event as stored.</summary>
public sealed record StoredEvent
{
    /// <summary>1, 2, … without gaps inside a run.</summary>
    public required long Sequence { get; init; }

    public required string Type { get; init; }

    /// <summary>JSON.</summary>
    public required string Payload { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>Everything that is needed to go on with a run.</summary>
public sealed record LoadedRun
{
    public required RunInfo Run { get; init; }

    public required StoredDefinition Definition { get; init; }

    /// <summary>All, in order.</summary>
    public required IReadOnlyList<StoredEvent> Events { get; init; }
}
