using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>The one way from a state to the next. Live commands and replay after a crash both go through here.</summary>
public static class RunFold
{
    /// <summary>The state after all of a run's events.</summary>
    /// <param name="graph">The graph of the definition that the run was accepted with.</param>
    /// <param name="graphs">The graphs of those it was migrated to; null: of a run that was not.</param>
    public static RunState Replay(Graph.PipelineGraph graph, IEnumerable<RunEvent> events, Func<Values.DefinitionHash, Graph.PipelineGraph>? graphs = null) => events.Aggregate(
        RunState.Empty(graph),
        (state, change) => graphs is not null ? Apply(state, change, graphs) : Apply(state, change));

    /// <summary>The same for one event after another: for those who follow a run.</summary>
    /// <param name="state">The state before the event.</param>
    /// <param name="change">The next event.</param>
    /// <param name="graphs">The graphs of definitions that the run may be migrated to.</param>
    public static RunState Apply(RunState state, RunEvent change, Func<Values.DefinitionHash, Graph.PipelineGraph> graphs) =>
        change is RunMigrated migrated ? RunMigration.Apply(state, migrated, graphs(migrated.Definition)) : Apply(state, change);

    /// <summary>Total over the events that <see cref="RunMachine"/> makes but <see cref="RunMigrated"/>, which needs a graph; the time comes from the event.</summary>
    public static RunState Apply(RunState state, RunEvent change)
    {
        var next = change switch
        {
            RunAccepted accepted => Accept(state, accepted),
            RunPaused paused => RunTimers.StopQueues(state) with { Status = RunStatus.Paused, Paused = new PausedBy(paused.By, paused.At) },
            RunResumed => RunTimers.StartQueues(state with { Status = state.Queued is null ? RunStatus.Running : RunStatus.Queued, Paused = null }, change.At),
            RunQueued queued => state with { Status = RunStatus.Queued, Queued = new QueuedRun(queued.Key, queued.At) },
            RunAdmitted => state with { Status = state.Status == RunStatus.Queued ? RunStatus.Running : state.Status, Queued = null },
            RunSkipped skipped => state with { Skipped = skipped.Reason },
            RunCancelRequested => RunTimers.DisarmRun(state) with { Status = RunStatus.Cancelling, Paused = null },
            RunTimedOut over => Late(RunTimers.DisarmRun(state), RunTimer.Run, change.At) with { Status = RunStatus.Cancelling, Paused = null, Failure = over.Failure },
            RunDeadlinePassed passed => PassDeadline(state, passed),
            ClockMoved moved => RunTimers.Shift(state, TimeSpan.FromMilliseconds(moved.Milliseconds)),
            RequestRefused => state,
            RunMigrated => throw new InvalidOperationException("A migration is folded with the graph of its definition: see Replay."),
            RunEnded ended => state with { Status = ended.Status, Queued = null, Failure = ended.Failure ?? state.Failure, Timers = [], Due = state.Due.Clear() },
            TaskEvent task => ApplyToTask(state, KeyOf(state, task), task),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "not an event this version knows"),
        };
        return next with { Sequence = state.Sequence + 1 };
    }

    internal static TaskKey KeyOf(RunState state, TaskEvent change) => new(state.Graph[change.Task].Index, change.Item ?? TaskKey.Whole);

    private static RunState Accept(RunState state, RunAccepted accepted) => RunTimers.ArmRun(
        state with
        {
            Status = RunStatus.Running,
            Definition = accepted.Definition,
            Accepted = accepted.At,
            Trigger = accepted.Trigger,
            Params = accepted.Params,
            Refresh = accepted.Refresh,
            TakenOver = [.. accepted.Reused.Keys.Select(name => new Values.TaskName(name))],
            Tasks = TaskStates.Of(state.Graph.Nodes.Select(node => new Waiting(new JoinTally(node.Upstream.Length, 0, 0, 0)))),
            Open = state.Graph.Nodes.Length,
        },
        accepted.At);

    private static RunState PassDeadline(RunState state, RunDeadlinePassed passed)
    {
        var late = Late(RunTimers.Disarm(state, RunTimer.Run, TimerKind.RunDeadline), RunTimer.Run, passed.At);
        return passed.Failure is { } failure
            ? RunTimers.DisarmRun(late) with { Status = RunStatus.Cancelling, Paused = null, Failure = failure }
            : late;
    }

    private static RunState Late(RunState state, TaskKey key, DateTimeOffset at) => state with { Late = state.Late.SetItem(key, at) };

    private static RunState ApplyToTask(RunState state, TaskKey key, TaskEvent change) => change switch
    {
        TaskTurnCame => RunTimers.ArmDeadline(Move(state, key, new Preparing()), key, change.At),
        TaskPrepared { Work.Spread: Spread.None } prepared => Move(state, key, new Ready(prepared.Work, change.At)),
        TaskPrepared prepared => RunTimers.ArmQueue(Move(state, key, new Mapping(prepared.Work)), key, change.At),
        TaskSuspended suspended => Move(state, key, new Suspended(suspended.Work, suspended.Question, change.At)),
        TaskExpanded expanded => Expand(state, key, expanded),
        TaskReduceReady => Move(state, key, new Ready(WorkOf(state[key]), change.At)),
        AttemptStarted started => Move(state, key, new Running(WorkOf(state[key]), started.Attempt, change.At) { Child = started.Child }, tries => tries with { Attempts = started.Number }),
        AttemptFailed failed => Move(state, key, new Backoff(WorkOf(state[key]), change.At, failed.Failure), tries => tries with { Failures = tries.Failures + 1 }, forgetChild: true),
        AttemptLost lost => Move(state, key, new Backoff(WorkOf(state[key]), change.At, lost.Failure), tries => tries with { Losses = tries.Losses + (lost.Counts ? 1 : 0) }),
        RetryScheduled retry => Move(state, key, new Backoff(WorkOf(state[key]), retry.Until, retry.Failure)),
        RetryDue => Move(state, key, new Ready(WorkOf(state[key]), change.At)),
        TaskStopRequested stop => Move(RunTimers.Disarm(state, key, TimerKind.Queue), key, Stop(state[key], new StopOrder(stop.Reason ?? "stopped", stop.Failure))),
        TaskDeadlinePassed => Late(RunTimers.Disarm(state, key, TimerKind.TaskDeadline), key, change.At),
        TaskUnanswered => RunTimers.Disarm(state, key, TimerKind.Answer),
        _ => Move(state, key, EndOf(change)),
    };

    private static Ended EndOf(TaskEvent change) => change switch
    {
        AttemptSucceeded done => new Ended(TaskOutcome.Succeeded, change.At) { Outputs = done.Outputs },
        TaskReused reused => new Ended(TaskOutcome.Succeeded, change.At) { Outputs = reused.Outputs, ReusedFrom = reused.From },
        TaskCollected collected => new Ended(TaskOutcome.Succeeded, change.At) { Outputs = collected.Outputs },
        TaskAnswered answered => new Ended(TaskOutcome.Succeeded, change.At) { Outputs = answered.Outputs, Reason = $"{(answered.Approved ? "approved" : "rejected")} by {answered.By}{(answered.Comment is null ? "" : $": {answered.Comment}")}" },
        TaskMarked marked => new Ended(marked.As, change.At) { Outputs = marked.Outputs, Reason = $"marked by {marked.By}: {marked.Reason}" },
        AttemptSkipped skipped => new Ended(TaskOutcome.Skipped, change.At) { Reason = skipped.Reason },
        TaskSkipped skipped => new Ended(TaskOutcome.Skipped, change.At) { Reason = skipped.Reason },
        TaskUpstreamFailed upstream => new Ended(TaskOutcome.UpstreamFailed, change.At) { Reason = $"\"{upstream.Cause}\" did not succeed" },
        TaskFailed failed => new Ended(TaskOutcome.Failed, change.At) { Failure = failed.Failure },
        TaskRejected rejected => new Ended(TaskOutcome.Failed, change.At) { Failure = rejected.Failure },
        TaskCancelled cancelled => new Ended(TaskOutcome.Cancelled, change.At) { Reason = cancelled.Reason },
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "not an event this version knows"),
    };

    private static TaskWork WorkOf(TaskState state) => state switch
    {
        Ready ready => ready.Work,
        Running running => running.Work,
        Backoff backoff => backoff.Work,
        Mapping mapping => mapping.Work,
        Suspended suspended => suspended.Work,
        _ => throw new InvalidOperationException($"A task that is {state.Word} has no work."),
    };

    private static TaskState Stop(TaskState state, StopOrder order) => state switch
    {
        Running running => running with { Stop = order },
        Mapping mapping => mapping with { Stop = order },
        _ => throw new InvalidOperationException($"A task that is {state.Word} has nothing to stop."),
    };

    private static RunState Expand(RunState state, TaskKey key, TaskExpanded expanded)
    {
        var mapping = (Mapping)state[key];
        var first = mapping.Items.Count;
        var next = Move(state, key, mapping with { Items = mapping.Items.AddRange(expanded.Items), Complete = expanded.Complete });
        for (var index = 0; index < expanded.Items.Length; index++)
        {
            next = Move(next, new TaskKey(key.Task, first + index), new Ready(expanded.Items[index], expanded.At) { Label = expanded.Items[index].Label });
        }

        return next;
    }

    /// <summary>Puts a task into its next state and keeps every work list true to it.</summary>
    private static RunState Move(RunState state, TaskKey key, TaskState next, Func<Tries, Tries>? count = null, bool forgetChild = false)
    {
        var before = Find(state, key);
        var tries = before?.Tries ?? default;
        next = next with { Tries = count is null ? tries : count(tries), Label = before?.Label ?? next.Label, Child = forgetChild ? null : next.Child ?? before?.Child };
        if (before is not null)
        {
            state = Leave(state, key, before);
        }

        state = key.IsItem
            ? state with { Items = state.Items.SetItem(key, next) }
            : state with { Tasks = state.Tasks.SetItem(key.Task, next) };
        state = Enter(state, key, next);
        return key.IsItem ? CountItem(state, key.Task, before, next) : state;
    }

    private static TaskState? Find(RunState state, TaskKey key) => key.IsItem ? state.Items.GetValueOrDefault(key) : state.Tasks.GetValueOrDefault(key.Task);

    private static RunState Leave(RunState state, TaskKey key, TaskState before) => before switch
    {
        Preparing => state with { ToPrepare = state.ToPrepare.Remove(key.Task) },
        Ready ready => RunTimers.Disarm(Dequeue(state, LineOf(state, key, ready), EntryOf(state, key, ready)), key, TimerKind.Queue),
        Running running => state with { InFlight = state.InFlight.Remove(running.Attempt) },
        Backoff => RunTimers.Disarm(state, key, TimerKind.Retry),
        Suspended => RunTimers.Disarm(state, key, TimerKind.Answer),
        Mapping => state with { ToExpand = state.ToExpand.Remove(key.Task) },
        _ => state,
    };

    private static RunState Enter(RunState state, TaskKey key, TaskState next) => next switch
    {
        Preparing => state with { ToPrepare = state.ToPrepare.Add(key.Task) },
        Ready ready => RunTimers.ArmQueue(Enqueue(state, LineOf(state, key, ready), EntryOf(state, key, ready)), key, ready.Since),
        Running running => state with { InFlight = state.InFlight.Add(running.Attempt, key) },
        Backoff backoff => RunTimers.Arm(state, key, TimerKind.Retry, backoff.Until),
        Suspended { Question.Deadline: { } deadline } => RunTimers.Arm(state, key, TimerKind.Answer, deadline),
        Mapping { Complete: false, Stopping: false } => state with { ToExpand = state.ToExpand.Add(key.Task) },
        Ended ended when !key.IsItem => Tell(RunTimers.DisarmTask(state, key), key.Task, ended.Outcome),
        _ => state,
    };

    internal static RunState Enqueue(RunState state, ReadyLine line, ReadyEntry entry) =>
        state with { Queues = state.Queues.SetItem(line, state.Queues.GetValueOrDefault(line, []).Add(entry)) };

    private static RunState Dequeue(RunState state, ReadyLine line, ReadyEntry entry)
    {
        var left = state.Queues[line].Remove(entry);
        return state with { Queues = left.IsEmpty ? state.Queues.Remove(line) : state.Queues.SetItem(line, left) };
    }

    internal static ReadyLine LineOf(RunState state, TaskKey key, Ready ready) => new(ready.Work.Lane, state.Graph.Nodes[key.Task].Definition.Pool);

    // The queue's order is the time a task became ready; sequence numbers would do the same but are not in the state of the task.
    internal static ReadyEntry EntryOf(RunState state, TaskKey key, Ready ready) => new(state.Graph.Nodes[key.Task].Definition.Priority, ready.Since.UtcTicks, key);

    /// <summary>Counts the end of a task at those that wait for it.</summary>
    private static RunState Tell(RunState state, int task, TaskOutcome outcome)
    {
        var tasks = state.Tasks;
        foreach (var next in state.Graph.Nodes[task].Downstream)
        {
            if (tasks[next] is Waiting waiting)
            {
                tasks = tasks.SetItem(next, waiting with { Tally = waiting.Tally.Add(outcome) });
            }
        }

        return state with
        {
            Tasks = tasks,
            Open = state.Open - 1,
            Failed = state.Failed + (outcome is TaskOutcome.Failed or TaskOutcome.UpstreamFailed ? 1 : 0),
            Cancelled = state.Cancelled + (outcome is TaskOutcome.Cancelled ? 1 : 0),
        };
    }

    private static RunState CountItem(RunState state, int task, TaskState? before, TaskState next)
    {
        if (state.Tasks[task] is not Mapping mapping)
        {
            return state;
        }

        var counted = mapping with
        {
            InFlight = mapping.InFlight + (next is Running ? 1 : 0) - (before is Running ? 1 : 0),
            Ended = mapping.Ended + (next is Ended && before is not Ended ? 1 : 0),
        };
        if (next is Running)
        {
            // With its first item the task has its place.
            state = RunTimers.Disarm(state, new TaskKey(task), TimerKind.Queue);
        }

        var askAgain = next is Ended && !counted.Complete && !counted.Stopping;
        return state with
        {
            Tasks = state.Tasks.SetItem(task, counted),
            ToExpand = askAgain ? state.ToExpand.Add(task) : state.ToExpand,
        };
    }
}
