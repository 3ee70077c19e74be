using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>A task, or one item of a mapped task.</summary>
/// <param name="Task">The task's index in its graph.</param>
/// <param name="Item">The item's index; -1 for the task itself.</param>
public readonly record struct TaskKey(int Task, int Item = TaskKey.Whole) : IComparable<TaskKey>
{
    public const int Whole = -1;

    public bool IsItem => Item != Whole;

    public int CompareTo(TaskKey other) => Task != other.Task ? Task.CompareTo(other.Task) : Item.CompareTo(other.Item);

    public static bool operator <(TaskKey left, TaskKey right) => left.CompareTo(right) < 0;

    public static bool operator >(TaskKey left, TaskKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(TaskKey left, TaskKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TaskKey left, TaskKey right) => left.CompareTo(right) >= 0;
}

/// <summary>How a task ended.</summary>
public enum TaskOutcome
{
    Unknown = 0,
    Succeeded,
    Failed,

    /// <summary>Its rule or its condition said no.</summary>
    Skipped,

    /// <summary>It could not run because one before it failed.</summary>
    UpstreamFailed,
    Cancelled,
}

/// <summary>Where a task stands. Each state has just the facts that exist in it. See README.md beside this file for the picture.</summary>
public abstract record TaskState
{
    private protected TaskState()
    {
    }

    /// <summary>What earlier attempts left behind.</summary>
    public Tries Tries { get; init; }

    /// <summary>A few words for people about an item of a mapped task; null otherwise.</summary>
    public string? Label { get; init; }

    /// <summary>The run that does the work of the attempt under way, or did that of a lost one: the next attempt goes on with it. Null: none.</summary>
    public RunId? Child { get; init; }

    /// <summary>The word that people, tables and the API use: <c>running</c>.</summary>
    public abstract string Word { get; }
}

/// <param name="Attempts">Attempts started so far.</param>
/// <param name="Failures">Attempts that failed by the work's own doing.</param>
/// <param name="Losses">Attempts lost to the machinery.</param>
public readonly record struct Tries(int Attempts, int Failures, int Losses);

/// <summary>Some task before it has not ended.</summary>
public sealed record Waiting(JoinTally Tally) : TaskState
{
    public override string Word => "waiting";
}

/// <summary>Its turn has come: condition, inputs and cache are being looked at.</summary>
public sealed record Preparing : TaskState
{
    public override string Word => "preparing";
}

/// <summary>Everything it needs is known; it waits for a free place in its lane.</summary>
public sealed record Ready(TaskWork Work, DateTimeOffset Since) : TaskState
{
    public override string Word => "ready";
}

/// <summary>An attempt is under way.</summary>
public sealed record Running(TaskWork Work, AttemptId Attempt, DateTimeOffset Since) : TaskState
{
    /// <summary>True once the attempt was asked to stop because the task is to end.</summary>
    public bool Stopping => Stop is not null;

    public StopOrder? Stop { get; init; }

    public override string Word => "running";
}

/// <summary>Why something that is under way was asked to stop, and so how it ends: as cancelled, or as failed when there is a failure.</summary>
public sealed record StopOrder(string Reason, Failure? Failure = null);

/// <summary>The next attempt waits for its time.</summary>
public sealed record Backoff(TaskWork Work, DateTimeOffset Until, Failure Last) : TaskState
{
    public override string Word => "retrying";
}

/// <summary>Waits for an answer from outside; holds no place.</summary>
public sealed record Suspended(TaskWork Work, Question Question, DateTimeOffset Since) : TaskState
{
    public override string Word => "suspended";
}

/// <summary>A mapped task while its items are issued and run.</summary>
public sealed record Mapping(TaskWork Work) : TaskState
{
    /// <summary>The items issued so far.</summary>
    public ImmutableList<TaskWork> Items { get; init; } = [];

    /// <summary>True when no item will come after these.</summary>
    public bool Complete { get; init; }

    public int Ended { get; init; }

    public int InFlight { get; init; }

    /// <summary>True once the task is to end: no item will be issued or started.</summary>
    public bool Stopping => Stop is not null;

    public StopOrder? Stop { get; init; }

    public override string Word => "running";
}

/// <summary>The end of a task.</summary>
public sealed record Ended(TaskOutcome Outcome, DateTimeOffset At) : TaskState
{
    /// <summary>The outputs by name; empty unless it succeeded.</summary>
    public ImmutableDictionary<string, JsonElement> Outputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;

    public Failure? Failure { get; init; }

    /// <summary>Why it was skipped or could not run: a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>The run whose result stood in for running it; null when it ran here.</summary>
    public RunId? ReusedFrom { get; init; }

    public override string Word => Outcome switch
    {
        TaskOutcome.Succeeded => ReusedFrom is null ? "succeeded" : "cached",
        TaskOutcome.Failed => "failed",
        TaskOutcome.Skipped => "skipped",
        TaskOutcome.UpstreamFailed => "upstream_failed",
        TaskOutcome.Cancelled => "cancelled",
        _ => throw new InvalidOperationException($"{Outcome} is not the end of a task."),
    };
}

/// <summary>How a task spreads into items.</summary>
public enum Spread
{
    Unknown = 0,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>The definition's <c>map</c>: one item per element of a list; the outputs are lists of the items' outputs.</summary>
    List,

    /// <summary>A <see cref="MappedActivity"/>: it says which items come, and reduces them in an attempt of its own.</summary>
    Activity,
}

/// <summary>What an attempt is to do, with nothing left to compute.</summary>
public sealed record TaskWork
{
    /// <summary>The activity's type.</summary>
    public required string Uses { get; init; }

    /// <summary>Where its attempts run.</summary>
    public Lane Lane { get; init; }

    /// <summary>The inputs, all expressions and references resolved.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Inputs { get; init; }

    /// <summary>Where the result is stored for later runs; null: nowhere.</summary>
    public string? CacheKey { get; init; }

    /// <summary>What the activity found outside its inputs when the cache key was made.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The pipeline that alone may take the result over; null: every one of the home.</summary>
    public string? CacheScope { get; init; }

    /// <summary>The variables that the author wants in the cache key, with their values when it was made; null: none.</summary>
    public ImmutableSortedDictionary<string, string?>? CacheEnvironment { get; init; }

    /// <summary>The names of the outputs that each item may have, of a task with <see cref="Spread.List"/>; so that no items make empty lists and not no outputs.</summary>
    public ImmutableArray<string>? Yields { get; init; }

    /// <summary>A few words for people, in mapped tasks.</summary>
    public string? Label { get; init; }

    public Spread Spread { get; init; } = Spread.None;
}

/// <summary>What a suspended task asks for.</summary>
public sealed record Question
{
    /// <summary><c>approval</c>, <c>signal</c>.</summary>
    public required string Kind { get; init; }

    public required string Prompt { get; init; }

    /// <summary>JSON Schema of the answer; null: any.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>Who may answer: groups or people; empty: anybody who may act on the run.</summary>
    public ImmutableArray<string> Approvers { get; init; } = [];

    /// <summary>When it is too late to answer.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What happens then.</summary>
    public UnansweredAction OnDeadline { get; init; } = UnansweredAction.Fail;

    /// <summary>What happens when the answer is no.</summary>
    public RejectedAction OnReject { get; init; } = RejectedAction.Fail;
}
