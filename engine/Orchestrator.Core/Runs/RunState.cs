using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

public enum RunStatus
{
    Unknown = 0,
    Running,
    Paused,

    /// <summary>Asked to stop; attempts are ending.</summary>
    Cancelling,
    Succeeded,
    Failed,
    Cancelled,

    /// <summary>Accepted, and waits for room under its concurrency key.</summary>
    Queued,

    /// <summary>Never started, because others of its concurrency key went on.</summary>
    Skipped,
}

/// <summary>
/// A run as the fold of its events. Immutable: <see cref="RunFold.Apply"/> is the only way from one to the next.
/// The work lists are part of it so that nobody ever looks through tasks that cannot move.
/// </summary>
public sealed record RunState
{
    /// <summary>The engine's own step that collects what the run yields.</summary>
    public static TaskName OutputsTask { get; } = new(".outputs");

    private RunState(PipelineGraph graph) => Graph = graph;

    public PipelineGraph Graph { get; internal init; }

    /// <summary>The definition that <see cref="Graph"/> is of.</summary>
    public DefinitionHash Definition { get; init; }

    /// <summary>When the run was accepted, by the clock as it is set now: what its limits count from.</summary>
    public DateTimeOffset Accepted { get; init; }

    /// <summary>By whom the run was given another definition, oldest first.</summary>
    public ImmutableArray<MigratedBy> Migrations { get; init; } = [];

    /// <summary>Why it started, and the time it is for; null: somebody asked for it, and for no time.</summary>
    public RunTrigger? Trigger { get; init; }

    public RunStatus Status { get; init; }

    /// <summary>How many events made this state.</summary>
    public long Sequence { get; init; }

    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Tasks for which no earlier result may stand in.</summary>
    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    /// <summary>Tasks whose results whoever started the run took over from an earlier one.</summary>
    public ImmutableArray<TaskName> TakenOver { get; init; } = [];

    /// <summary>By graph index.</summary>
    public TaskStates Tasks { get; init; } = TaskStates.Empty;

    /// <summary>The items of mapped tasks.</summary>
    public ItemStates Items { get; init; } = ItemStates.Empty;

    /// <summary>Tasks whose join is satisfied and that nobody has looked at yet.</summary>
    public ImmutableSortedSet<int> ToPrepare { get; init; } = [];

    /// <summary>Mapped tasks that must say which items come next.</summary>
    public ImmutableSortedSet<int> ToExpand { get; init; } = [];

    /// <summary>What could start now, best first; by lane and pool, so that nothing is looked at that stands behind a full one.</summary>
    public ImmutableSortedDictionary<ReadyLine, ImmutableSortedSet<ReadyEntry>> Queues { get; init; } = ImmutableSortedDictionary<ReadyLine, ImmutableSortedSet<ReadyEntry>>.Empty;

    /// <summary>What is to happen at a time, soonest first.</summary>
    public ImmutableSortedSet<RunTimer> Timers { get; init; } = [];

    /// <summary>The same, by what it is for.</summary>
    public ImmutableDictionary<(TaskKey Key, TimerKind Kind), DateTimeOffset> Due { get; init; } = ImmutableDictionary<(TaskKey, TimerKind), DateTimeOffset>.Empty;

    /// <summary>Tasks and the run itself (<see cref="RunTimer.Run"/>) whose deadline has passed, with when it passed.</summary>
    public ImmutableSortedDictionary<TaskKey, DateTimeOffset> Late { get; init; } = ImmutableSortedDictionary<TaskKey, DateTimeOffset>.Empty;

    /// <summary>Who paused the run, and when; null when it is not paused.</summary>
    public PausedBy? Paused { get; init; }

    /// <summary>What the run waits for before any of its tasks may move; null once it was let in, or never had to wait.</summary>
    public QueuedRun? Queued { get; init; }

    /// <summary>Why the run was never started; null when it was, or may be.</summary>
    public string? Skipped { get; init; }

    /// <summary>Why the run itself has failed, apart from its tasks: its time is over. Null: it has not.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Attempts under way.</summary>
    public ImmutableDictionary<AttemptId, TaskKey> InFlight { get; init; } = ImmutableDictionary<AttemptId, TaskKey>.Empty;

    /// <summary>Tasks that have not ended.</summary>
    public int Open { get; init; }

    /// <summary>Tasks that failed or could not run.</summary>
    public int Failed { get; init; }

    public int Cancelled { get; init; }

    /// <summary>The state of a run that nothing has happened to.</summary>
    public static RunState Empty(PipelineGraph graph) => new(graph);

    public bool IsEnded => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled or RunStatus.Skipped;

    public TaskState this[TaskKey key] => key.IsItem ? Items[key] : Tasks[key.Task];

    public TaskState this[TaskName name] => Tasks[Graph[name].Index];

    public TaskName NameOf(TaskKey key) => Graph.Nodes[key.Task].Definition.Name;

    /// <summary>When something is due; null when it is not.</summary>
    public DateTimeOffset? DueAt(TaskKey key, TimerKind kind) => Due.TryGetValue((key, kind), out var until) ? until : null;
}

/// <summary>A pause and its author.</summary>
public sealed record PausedBy(string By, DateTimeOffset Since);

/// <summary>A change of definition and its author.</summary>
public sealed record MigratedBy(DefinitionHash From, DefinitionHash To, string By, string? Reason, DateTimeOffset At);

/// <summary>What an attempt needs before it may start: a place in a lane and, with a pool, slots of it.</summary>
public sealed record ReadyLine(Lane Lane, string? Pool) : IComparable<ReadyLine>
{
    public int CompareTo(ReadyLine? other) =>
        other is null ? 1 : Lane != other.Lane ? Lane.CompareTo(other.Lane) : string.CompareOrdinal(Pool, other.Pool);

    public static bool operator <(ReadyLine left, ReadyLine right) => left.CompareTo(right) < 0;

    public static bool operator >(ReadyLine left, ReadyLine right) => left.CompareTo(right) > 0;

    public static bool operator <=(ReadyLine left, ReadyLine right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ReadyLine left, ReadyLine right) => left.CompareTo(right) >= 0;
}

/// <summary>A place in the queue: higher priority first, then the order in which they became ready.</summary>
public readonly record struct ReadyEntry(int Priority, long Order, TaskKey Key) : IComparable<ReadyEntry>
{
    public int CompareTo(ReadyEntry other) =>
        Priority != other.Priority ? other.Priority.CompareTo(Priority)
        : Order != other.Order ? Order.CompareTo(other.Order)
        : Key.CompareTo(other.Key);

    public static bool operator <(ReadyEntry left, ReadyEntry right) => left.CompareTo(right) < 0;

    public static bool operator >(ReadyEntry left, ReadyEntry right) => left.CompareTo(right) > 0;

    public static bool operator <=(ReadyEntry left, ReadyEntry right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ReadyEntry left, ReadyEntry right) => left.CompareTo(right) >= 0;
}
