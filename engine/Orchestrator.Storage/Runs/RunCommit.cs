using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Pools;

namespace Orchestrator.Storage.Runs;

/// <summary>One step of a run: everything in it is stored together, or nothing.</summary>
public sealed record RunCommit
{
    public required RunId Run { get; init; }

    /// <summary>The epoch of the claim this is written under.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of events before this commit.</summary>
    public required long ExpectedSequence { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Whether the answer waits for the disk. A step that nobody outside hears of need not.</summary>
    public Durability Durability { get; init; } = Durability.Synced;

    /// <summary>Appended with the numbers after <see cref="ExpectedSequence"/>.</summary>
    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>New values of the run's own row; null: unchanged.</summary>
    public RunChange? Change { get; init; }

    /// <summary>Whole rows, inserted or replaced. The same task and index at most once.</summary>
    public IReadOnlyList<TaskInfo> Tasks { get; init; } = [];

    /// <summary>Tasks whose rows go, those of their items too. Removed before others are written.</summary>
    public IReadOnlyList<TaskName> RemovedTasks { get; init; } = [];

    /// <summary>Whole rows, inserted or replaced. A row that has ended, or whose task has another attempt by now, is not replaced: the commit is refused.</summary>
    public IReadOnlyList<AttemptRow> Attempts { get; init; } = [];

    /// <summary>Slots to take; when a pool has no room the commit is refused.</summary>
    public IReadOnlyList<SlotRequest> TakeSlots { get; init; } = [];

    /// <summary>Attempts whose slots are free from now on. Freed before others are taken.</summary>
    public IReadOnlyList<AttemptId> FreeSlots { get; init; } = [];

    public IReadOnlyList<CacheEntry> CacheEntries { get; init; } = [];

    /// <summary>Messages to hand out after the commit, at least once.</summary>
    public IReadOnlyList<NewOutboxMessage> Outbox { get; init; } = [];

    public IReadOnlyList<ArtifactUse> Artifacts { get; init; } = [];

    /// <summary>What ended attempts left for families. Handlers run in this order.</summary>
    public IReadOnlyList<AttemptFacts> Facts { get; init; } = [];

    /// <summary>Requests that this commit acts on; they are closed with it.</summary>
    public IReadOnlyList<string> HandledRequests { get; init; } = [];

    /// <summary>A permit of the run's concurrency key to take; when there is none the commit is refused. Given back with <see cref="RunChange.EndedAt"/>.</summary>
    public PermitRequest? TakePermit { get; init; }
}

/// <summary>New values of a run's row.</summary>
public sealed record RunChange
{
    public required string Status { get; init; }

    /// <summary>Null keeps the stored value.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Set: the run is finished and cannot be claimed any more.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>The definition that the run goes on with; it must be stored. Null keeps the one it has.</summary>
    public DefinitionHash? Definition { get; init; }

    /// <summary>Null keeps the stored value.</summary>
    public JsonElement? Params { get; init; }
}

/// <summary>The facts of one attempt.</summary>
public sealed record AttemptFacts
{
    public required FactContext Context { get; init; }

    /// <summary>In the order they were recorded.</summary>
    public required IReadOnlyList<RecordedFact> Facts { get; init; }
}

/// <summary>A message to hand out after a commit.</summary>
public sealed record NewOutboxMessage
{
    public required string Kind { get; init; }

    public required JsonElement Payload { get; init; }
}

/// <summary>What became of a commit.</summary>
public enum CommitOutcome
{
    Unknown = 0,
    Committed,

    /// <summary>Somebody claimed the run since: stop driving it.</summary>
    OwnershipLost,

    /// <summary>The run has other events than expected: load it again.</summary>
    SequenceConflict,

    /// <summary>An attempt in the commit has ended already or is no longer its task's current one.</summary>
    AttemptLost,

    /// <summary>A pool has no room for a wish in the commit.</summary>
    PoolFull,

    /// <summary>There is no permit of the run's concurrency key.</summary>
    KeyHeld,
}

/// <summary>The answer to a commit. Unless it is committed, nothing of it is stored.</summary>
public sealed record CommitResult
{
    public required CommitOutcome Outcome { get; init; }

    /// <summary>The attempt that was refused, with <see cref="CommitOutcome.AttemptLost"/>.</summary>
    public AttemptId? Attempt { get; init; }

    /// <summary>The pool without room, with <see cref="CommitOutcome.PoolFull"/>.</summary>
    public string? Pool { get; init; }
}
