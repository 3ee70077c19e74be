using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>Something that is asked of a run. It may be refused, with a reason.</summary>
public abstract record RunCommand
{
    private protected RunCommand()
    {
    }
}

/// <summary>Begins a run.</summary>
public sealed record AcceptRun(DefinitionHash Definition, ImmutableSortedDictionary<string, JsonElement> Params) : RunCommand
{
    public ImmutableSortedDictionary<string, ReusedTask> Reused { get; init; } = ImmutableSortedDictionary<string, ReusedTask>.Empty;

    public ImmutableArray<TaskName> Skip { get; init; } = [];

    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    /// <summary>Why it starts, and the time it is for.</summary>
    public RunTrigger? Trigger { get; init; }

    /// <summary>What the run shares with others, when its pipeline limits how many go on at once.</summary>
    public RunKey? Key { get; init; }

    /// <summary>True: there is no room for it under its key, so it waits.</summary>
    public bool MustWait { get; init; }
}

/// <summary>Answers <see cref="PrepareTask"/>: there is work to do.</summary>
public sealed record QueueWork(TaskKey Key, TaskWork Work) : RunCommand;

/// <summary>Answers <see cref="PrepareTask"/>: an earlier result stands in.</summary>
public sealed record ReuseResult(TaskKey Key, RunId From, ImmutableDictionary<string, JsonElement> Outputs) : RunCommand;

/// <summary>Answers <see cref="PrepareTask"/>: the condition is false.</summary>
public sealed record SkipTask(TaskKey Key, string Reason) : RunCommand;

/// <summary>Answers <see cref="PrepareTask"/> of a node that begins or ends a sub-pipeline or the run: these are its outputs.</summary>
public sealed record CollectOutputs(TaskKey Key, ImmutableDictionary<string, JsonElement> Outputs) : RunCommand;

/// <summary>Answers <see cref="PrepareTask"/> or <see cref="ExpandTask"/>: it cannot be done.</summary>
public sealed record FailTask(TaskKey Key, Failure Failure) : RunCommand;

/// <summary>Answers <see cref="PrepareTask"/>: somebody has to answer first.</summary>
public sealed record SuspendTask(TaskKey Key, TaskWork Work, Question Question) : RunCommand;

/// <summary>Answers <see cref="ExpandTask"/>. An answer to a state in which fewer items had been issued is passed over: its items are there already.</summary>
/// <param name="Question">What was asked.</param>
public sealed record IssueItems(ExpandTask Question, ImmutableArray<TaskWork> Items, bool Complete) : RunCommand
{
    /// <summary>Those of <paramref name="Items"/> for which an earlier result stands in, by their place in it.</summary>
    public ImmutableSortedDictionary<int, ReusedTask> Reused { get; init; } = ImmutableSortedDictionary<int, ReusedTask>.Empty;

    /// <summary>Those of <paramref name="Items"/> whose condition is false, by their place in it, with the reason.</summary>
    public ImmutableSortedDictionary<int, string> Skipped { get; init; } = ImmutableSortedDictionary<int, string>.Empty;
}

/// <summary>Takes an entry of the queue.</summary>
/// <param name="Child">The run that does the work, for work of <see cref="Lane.Child"/>; passed over when a lost attempt has left one behind.</param>
public sealed record StartAttempt(TaskKey Key, AttemptId Attempt, RunId? Child = null) : RunCommand;

public sealed record CompleteAttempt(AttemptId Attempt, ImmutableDictionary<string, JsonElement> Outputs) : RunCommand;

/// <summary>The attempt found nothing to do: the task, or the item, ends as skipped.</summary>
public sealed record SkipAttempt(AttemptId Attempt, string Reason) : RunCommand;

/// <param name="Random">Uniform in [0, 1), for the jitter of a retry.</param>
public sealed record RejectAttempt(AttemptId Attempt, Failure Failure, double Random) : RunCommand;

/// <param name="Counts">False when a person stopped the program.</param>
/// <param name="AtOnce">True when nothing has to recover first: the engine itself was away, not what it ran on.</param>
public sealed record LoseAttempt(AttemptId Attempt, Failure Failure, bool Counts = true, bool AtOnce = false) : RunCommand;

/// <summary>The attempt ended because it was asked to.</summary>
public sealed record AcknowledgeStop(AttemptId Attempt) : RunCommand;

/// <summary>Time has passed: what is due happens.</summary>
public sealed record AdvanceTime : RunCommand;

/// <summary>The clock was set to another time, or the machine slept.</summary>
/// <param name="By">How far; negative: back.</param>
public sealed record MoveClock(TimeSpan By) : RunCommand;

/// <summary>A stored request could not be taken.</summary>
public sealed record RefuseRequest(string Request, string Kind, string By, string Reason) : RunCommand;

/// <summary>Answers the question of a suspended task.</summary>
public sealed record AnswerTask(TaskName Task, string By) : RunCommand
{
    public bool Approved { get; init; } = true;

    /// <summary>What was filled in; checked against the question's schema unless the answer is no.</summary>
    public JsonElement? Answer { get; init; }

    public string? Comment { get; init; }

    /// <summary>Who typed it, when that is somebody else than <see cref="By"/>.</summary>
    public string? Via { get; init; }

    /// <summary>When it was given; an answer that waited for the engine to come back is as old as it was given. Null: now.</summary>
    public DateTimeOffset? Given { get; init; }
}

public sealed record PauseRun(string By) : RunCommand;

public sealed record ResumeRun(string By) : RunCommand;

/// <summary>Asked a second time, tasks on exit are cancelled too.</summary>
public sealed record CancelRun(string By, string? Reason = null) : RunCommand
{
    /// <summary>True: attempts are ended at once and tasks on exit are cancelled too.</summary>
    public bool Terminate { get; init; }
}

public sealed record CancelTask(TaskName Task, string By, string? Reason = null) : RunCommand
{
    /// <summary>True: everything after it too, whatever its rules say; tasks on exit stay.</summary>
    public bool Branch { get; init; }
}

/// <param name="As"><see cref="TaskOutcome.Succeeded"/> or <see cref="TaskOutcome.Skipped"/>.</param>
public sealed record MarkTask(TaskName Task, TaskOutcome As, string By, string Reason) : RunCommand
{
    public ImmutableDictionary<string, JsonElement> Outputs { get; init; } = ImmutableDictionary<string, JsonElement>.Empty;
}

/// <summary>Lets an unfinished run go on with another definition of its pipeline. What becomes of each task, and what it is refused for, is in <see cref="MigrationRules"/>.</summary>
/// <param name="Definition">The hash of the new definition.</param>
/// <param name="Graph">Its graph.</param>
public sealed record MigrateRun(DefinitionHash Definition, Graph.PipelineGraph Graph, string By, string? Reason = null) : RunCommand
{
    /// <summary>Every parameter of the new definition, with its value.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>Tasks under way whose attempts are given up, and which take the new definition.</summary>
    public ImmutableArray<TaskName> Restart { get; init; } = [];

    /// <summary>Tasks that have started, are not in the new definition, and may go with all that they did.</summary>
    public ImmutableArray<TaskName> Drop { get; init; } = [];
}

/// <summary>What a command led to.</summary>
public sealed record Decision
{
    /// <summary>What happened, in order; empty when the command was refused or changes nothing.</summary>
    public ImmutableArray<RunEvent> Events { get; init; } = [];

    /// <summary>The state after the events.</summary>
    public required RunState State { get; init; }

    /// <summary>Why nothing happened; null when the command was taken.</summary>
    public string? Refusal { get; init; }
}

/// <summary>Something the shell is to do. Each may be done twice: what comes back for a thing that has moved on is refused.</summary>
public abstract record RunEffect
{
    private protected RunEffect()
    {
    }
}

/// <summary>Look at condition, inputs and cache; answer with one of the commands that say so.</summary>
public sealed record PrepareTask(int Task) : RunEffect;

/// <summary>Ask a mapped task for its next items; answer with <see cref="IssueItems"/> or <see cref="FailTask"/>.</summary>
/// <param name="Ended">How many of its items had ended when it was asked.</param>
/// <param name="Issued">How many had been issued. Asking twice with the same numbers would get the same answer.</param>
public sealed record ExpandTask(int Task, int Ended, int Issued) : RunEffect;

/// <summary>Start an attempt if its lane has a place; answer with <see cref="StartAttempt"/>.</summary>
public sealed record DispatchWork(TaskKey Key, TaskWork Work) : RunEffect;

/// <summary>Ask an attempt to stop.</summary>
public sealed record StopAttempt(AttemptId Attempt) : RunEffect;

/// <summary>Send <see cref="AdvanceTime"/> at that time.</summary>
public sealed record WakeAt(DateTimeOffset Time) : RunEffect;
