using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>Something that happened in a run. A run is the fold of its events; each is stored for ever, so members are only ever added, with a default.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(RunAccepted), "run-accepted")]
[JsonDerivedType(typeof(RunPaused), "run-paused")]
[JsonDerivedType(typeof(RunResumed), "run-resumed")]
[JsonDerivedType(typeof(RunCancelRequested), "run-cancel-requested")]
[JsonDerivedType(typeof(RunEnded), "run-ended")]
[JsonDerivedType(typeof(TaskTurnCame), "task-turn-came")]
[JsonDerivedType(typeof(TaskPrepared), "task-prepared")]
[JsonDerivedType(typeof(TaskReused), "task-reused")]
[JsonDerivedType(typeof(TaskSkipped), "task-skipped")]
[JsonDerivedType(typeof(TaskUpstreamFailed), "task-upstream-failed")]
[JsonDerivedType(typeof(TaskExpanded), "task-expanded")]
[JsonDerivedType(typeof(TaskCollected), "task-collected")]
[JsonDerivedType(typeof(TaskReduceReady), "task-reduce-ready")]
[JsonDerivedType(typeof(TaskSuspended), "task-suspended")]
[JsonDerivedType(typeof(TaskAnswered), "task-answered")]
[JsonDerivedType(typeof(TaskFailed), "task-failed")]
[JsonDerivedType(typeof(TaskCancelled), "task-cancelled")]
[JsonDerivedType(typeof(TaskMarked), "task-marked")]
[JsonDerivedType(typeof(TaskStopRequested), "task-stop-requested")]
[JsonDerivedType(typeof(AttemptStarted), "attempt-started")]
[JsonDerivedType(typeof(AttemptSucceeded), "attempt-succeeded")]
[JsonDerivedType(typeof(AttemptSkipped), "attempt-skipped")]
[JsonDerivedType(typeof(AttemptFailed), "attempt-failed")]
[JsonDerivedType(typeof(AttemptLost), "attempt-lost")]
[JsonDerivedType(typeof(RetryScheduled), "retry-scheduled")]
[JsonDerivedType(typeof(RetryDue), "retry-due")]
[JsonDerivedType(typeof(RunQueued), "run-queued")]
[JsonDerivedType(typeof(RunAdmitted), "run-admitted")]
[JsonDerivedType(typeof(RunSkipped), "run-skipped")]
[JsonDerivedType(typeof(RunTimedOut), "run-timed-out")]
[JsonDerivedType(typeof(RunDeadlinePassed), "run-deadline-passed")]
[JsonDerivedType(typeof(ClockMoved), "clock-moved")]
[JsonDerivedType(typeof(RequestRefused), "request-refused")]
[JsonDerivedType(typeof(RunMigrated), "run-migrated")]
[JsonDerivedType(typeof(TaskDeadlinePassed), "task-deadline-passed")]
[JsonDerivedType(typeof(TaskRejected), "task-rejected")]
[JsonDerivedType(typeof(TaskUnanswered), "task-unanswered")]
public abstract record RunEvent
{
    private protected RunEvent()
    {
    }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>The first event of every run.</summary>
public sealed record RunAccepted : RunEvent
{
    public required DefinitionHash Definition { get; init; }

    /// <summary>The run's parameters, every one with a value.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Outputs taken over from an earlier run, by task: those tasks do not run again.</summary>
    public ImmutableSortedDictionary<string, ReusedTask> Reused { get; init; } = ImmutableSortedDictionary<string, ReusedTask>.Empty;

    /// <summary>Tasks that whoever started the run wants left out.</summary>
    public ImmutableArray<TaskName> Skip { get; init; } = [];

    /// <summary>Tasks for which no earlier result may stand in.</summary>
    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    /// <summary>Why it started, and the time it is for; null: somebody asked for it, and for no time.</summary>
    public RunTrigger? Trigger { get; init; }
}

/// <summary>A result of an earlier run.</summary>
public sealed record ReusedTask
{
    public required RunId From { get; init; }

    public required ImmutableDictionary<string, JsonElement> Outputs { get; init; }
}

public sealed record RunPaused : RunEvent
{
    public required string By { get; init; }
}

public sealed record RunResumed : RunEvent
{
    public required string By { get; init; }
}

public sealed record RunCancelRequested : RunEvent
{
    public required string By { get; init; }

    public string? Reason { get; init; }

    /// <summary>True: attempts are ended at once and tasks on exit are cancelled too.</summary>
    public bool Terminate { get; init; }
}

/// <summary>The last event of every run.</summary>
public sealed record RunEnded : RunEvent
{
    public required RunStatus Status { get; init; }

    /// <summary>Why the run itself failed; null when it is its tasks that failed, or none.</summary>
    public Failure? Failure { get; init; }

    /// <summary>What the run yielded; null when its pipeline declares no outputs, or the run has none because it did not succeed.</summary>
    public ImmutableDictionary<string, JsonElement>? Outputs { get; init; }
}

/// <summary>The run has taken longer than its definition allows: what is open is cancelled, and the run ends as failed.</summary>
public sealed record RunTimedOut : RunEvent
{
    public required Failure Failure { get; init; }
}

/// <summary>The run is later than its deadline.</summary>
public sealed record RunDeadlinePassed : RunEvent
{
    public required TimeSpan After { get; init; }

    public required DeadlineAction Then { get; init; }

    /// <summary>Why the run fails; null when it does not.</summary>
    public Failure? Failure { get; init; }
}

/// <summary>The machine's clock was set to another time, or the machine slept: every timer moves along.</summary>
public sealed record ClockMoved : RunEvent
{
    /// <summary>How far; negative: back. Durations in JSON are never negative, so this is a number.</summary>
    public required long Milliseconds { get; init; }
}

/// <summary>Somebody asked for something that could not be done. Changes nothing; kept for the audit, and for whoever waits for an answer.</summary>
public sealed record RequestRefused : RunEvent
{
    /// <summary>The stored request.</summary>
    public required string Request { get; init; }

    public required string Kind { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }
}

/// <summary>The run goes on with another definition. Events after this one mean its tasks.</summary>
public sealed record RunMigrated : RunEvent
{
    /// <summary>The definition until now.</summary>
    public required DefinitionHash From { get; init; }

    /// <summary>The definition from now on.</summary>
    public required DefinitionHash Definition { get; init; }

    public required string By { get; init; }

    public string? Reason { get; init; }

    /// <summary>The run's parameters from now on, every one with a value.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Tasks whose attempts are given up; they wait for their turn again.</summary>
    public ImmutableArray<TaskName> Restarted { get; init; } = [];

    /// <summary>Tasks that had started nothing yet and are looked at again, because the new definition says something else of them.</summary>
    public ImmutableArray<TaskName> Reconsidered { get; init; } = [];

    /// <summary>Tasks that the new definition has no more, with all that they did.</summary>
    public ImmutableArray<TaskName> Dropped { get; init; } = [];
}

/// <summary>An event of one task or of one item of a mapped task.</summary>
public abstract record TaskEvent : RunEvent
{
    private protected TaskEvent()
    {
    }

    public required TaskName Task { get; init; }

    /// <summary>The item's index; null for the task itself.</summary>
    public int? Item { get; init; }
}

/// <summary>The join let the task through.</summary>
public sealed record TaskTurnCame : TaskEvent;

/// <summary>Condition, inputs and cache were looked at: there is work to do.</summary>
public sealed record TaskPrepared : TaskEvent
{
    public required TaskWork Work { get; init; }
}

/// <summary>An earlier result stands in: for the task, or for one item that was issued just before.</summary>
public sealed record TaskReused : TaskEvent
{
    public required RunId From { get; init; }

    public required ImmutableDictionary<string, JsonElement> Outputs { get; init; }
}

public sealed record TaskSkipped : TaskEvent
{
    public required string Reason { get; init; }
}

public sealed record TaskUpstreamFailed : TaskEvent
{
    /// <summary>A task before it that failed.</summary>
    public required TaskName Cause { get; init; }
}

/// <summary>A mapped task issued items.</summary>
public sealed record TaskExpanded : TaskEvent
{
    public required ImmutableArray<TaskWork> Items { get; init; }

    public required bool Complete { get; init; }
}

/// <summary>The task has succeeded with what others left: the outputs of all items of a <c>map</c>, as lists, or those of a sub-pipeline's tasks.</summary>
public sealed record TaskCollected : TaskEvent
{
    public required ImmutableDictionary<string, JsonElement> Outputs { get; init; }
}

/// <summary>All items of a mapped activity have ended; its reduce may start.</summary>
public sealed record TaskReduceReady : TaskEvent;

public sealed record TaskSuspended : TaskEvent
{
    public required TaskWork Work { get; init; }

    public required Question Question { get; init; }
}

/// <summary>Somebody answered, or the deadline did, and the task has succeeded with it.</summary>
public sealed record TaskAnswered : TaskEvent
{
    public required string By { get; init; }

    public required ImmutableDictionary<string, JsonElement> Outputs { get; init; }

    /// <summary>False: no was a legal answer.</summary>
    public bool Approved { get; init; } = true;

    public string? Comment { get; init; }

    /// <summary>Who typed it, when that is somebody else than <see cref="By"/>.</summary>
    public string? Via { get; init; }
}

/// <summary>Somebody said no, and so the task has failed.</summary>
public sealed record TaskRejected : TaskEvent
{
    public required string By { get; init; }

    public required Failure Failure { get; init; }

    public JsonElement? Answer { get; init; }

    public string? Comment { get; init; }

    /// <summary>Who typed it, when that is somebody else than <see cref="By"/>.</summary>
    public string? Via { get; init; }
}

/// <summary>Nobody answered in time; the event after this one says what came of it.</summary>
public sealed record TaskUnanswered : TaskEvent
{
    public required UnansweredAction Then { get; init; }
}

/// <summary>The task is later than its deadline; what follows from it comes after this event.</summary>
public sealed record TaskDeadlinePassed : TaskEvent
{
    public required TimeSpan After { get; init; }

    public required DeadlineAction Then { get; init; }
}

/// <summary>No attempt will follow.</summary>
public sealed record TaskFailed : TaskEvent
{
    public required Failure Failure { get; init; }
}

public sealed record TaskCancelled : TaskEvent
{
    public string? Reason { get; init; }
}

/// <summary>A person ended the task by hand.</summary>
public sealed record TaskMarked : TaskEvent
{
    /// <summary><see cref="TaskOutcome.Succeeded"/> or <see cref="TaskOutcome.Skipped"/>.</summary>
    public required TaskOutcome As { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }

    public ImmutableDictionary<string, JsonElement> Outputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}

/// <summary>What is under way is to stop, and the task to end as cancelled, or as failed when there is a failure.</summary>
public sealed record TaskStopRequested : TaskEvent
{
    public string? Reason { get; init; }

    public Failure? Failure { get; init; }
}

public sealed record AttemptStarted : TaskEvent
{
    public required AttemptId Attempt { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Number { get; init; }

    /// <summary>The run that does the attempt's work; null when an activity does. An attempt that follows a lost one has the same.</summary>
    public RunId? Child { get; init; }
}

/// <summary>The attempt did its work; so the task, or the item, has succeeded.</summary>
public sealed record AttemptSucceeded : TaskEvent
{
    public required AttemptId Attempt { get; init; }

    public required ImmutableDictionary<string, JsonElement> Outputs { get; init; }
}

/// <summary>The attempt found nothing to do; so the task, or the item, has ended as skipped.</summary>
public sealed record AttemptSkipped : TaskEvent
{
    public required AttemptId Attempt { get; init; }

    public required string Reason { get; init; }
}

public sealed record AttemptFailed : TaskEvent
{
    public required AttemptId Attempt { get; init; }

    public required Failure Failure { get; init; }
}

/// <summary>The attempt ended without a word of the work itself.</summary>
public sealed record AttemptLost : TaskEvent
{
    public required AttemptId Attempt { get; init; }

    public required Failure Failure { get; init; }

    /// <summary>False when a person stopped the program: that uses up no allowance.</summary>
    public bool Counts { get; init; } = true;
}

public sealed record RetryScheduled : TaskEvent
{
    public required DateTimeOffset Until { get; init; }

    public required Failure Failure { get; init; }
}

public sealed record RetryDue : TaskEvent;
