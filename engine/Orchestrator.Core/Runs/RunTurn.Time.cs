using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <content>The passing of time: what is due happens.</content>
internal sealed partial class RunTurn
{
    private string? Advance()
    {
        // Each takes its timer away, so this ends.
        while (State.Timers is { IsEmpty: false, Min: var timer } && timer.Until <= now)
        {
            Fire(timer);
        }

        return null;
    }

    private void Fire(RunTimer timer)
    {
        var key = timer.Key;
        switch (timer.Kind)
        {
            case TimerKind.Retry:
                Emit(new RetryDue { At = now, Task = Name(key), Item = Item(key) });
                break;
            case TimerKind.Queue:
                Stop(key.Task, new StopOrder("it waited too long for a place", RunFailures.QueueTimeout(DefinitionOf(key).QueueTimeout ?? TimeSpan.Zero)));
                break;
            case TimerKind.TaskDeadline:
                PassDeadline(key, DefinitionOf(key).Deadline ?? throw Stray(timer));
                break;
            case TimerKind.Answer:
                PassQuestion(key, State[key] as Suspended ?? throw Stray(timer));
                break;
            case TimerKind.RunTimeout:
                Emit(new RunTimedOut { At = now, Failure = RunFailures.RunTimeout(State.Graph.Definition.Timeout ?? TimeSpan.Zero) });
                StopOpen("the run took longer than its timeout");
                break;
            case TimerKind.RunDeadline:
                PassRunDeadline(State.Graph.Definition.Deadline ?? throw Stray(timer));
                break;
            default:
                throw Stray(timer);
        }
    }

    private static InvalidOperationException Stray(RunTimer timer) => new($"a timer of kind {timer.Kind} has nothing that it belongs to");

    private TaskDefinition DefinitionOf(TaskKey key) => State.Graph.Nodes[key.Task].Definition;

    private void PassDeadline(TaskKey key, DeadlineDefinition deadline)
    {
        Emit(new TaskDeadlinePassed { At = now, Task = Name(key), After = deadline.After, Then = deadline.Then });
        if (deadline.Then != DeadlineAction.Notify)
        {
            var failure = deadline.Then == DeadlineAction.Fail ? RunFailures.TaskDeadline(deadline.After) : null;
            Stop(key.Task, new StopOrder("its deadline passed", failure));
        }
    }

    private void PassRunDeadline(DeadlineDefinition deadline)
    {
        Emit(new RunDeadlinePassed
        {
            At = now, After = deadline.After, Then = deadline.Then, Failure = deadline.Then == DeadlineAction.Fail ? RunFailures.RunDeadline(deadline.After) : null,
        });
        if (deadline.Then == DeadlineAction.Fail)
        {
            StopOpen("the run's deadline passed");
        }
        else if (deadline.Then == DeadlineAction.Cancel)
        {
            Cancel(new CancelRun("its deadline"));
        }
    }

    private void PassQuestion(TaskKey key, Suspended suspended)
    {
        const string nobody = "nobody (the deadline passed)";
        Emit(new TaskUnanswered { At = now, Task = Name(key), Then = suspended.Question.OnDeadline });
        switch (suspended.Question.OnDeadline)
        {
            case UnansweredAction.Fail:
                Emit(new TaskFailed { At = now, Task = Name(key), Failure = RunFailures.Unanswered(suspended.Question.Prompt) });
                break;
            case UnansweredAction.Skip:
                Emit(new TaskSkipped { At = now, Task = Name(key), Reason = "nobody answered before the deadline" });
                break;
            case UnansweredAction.Approve:
                Conclude(suspended.Question, new AnswerTask(Name(key), nobody));
                break;
            case UnansweredAction.Reject:
                Conclude(suspended.Question, new AnswerTask(Name(key), nobody) { Approved = false });
                break;
            default:
                throw new InvalidOperationException($"{suspended.Question.OnDeadline} is nothing that a deadline does");
        }
    }

    /// <summary>Ends a task whichever way it can be ended now: at once, or when what is under way has stopped.</summary>
    private void Stop(int task, StopOrder order)
    {
        var key = new TaskKey(task);
        switch (State.Tasks[task])
        {
            case Ended or Running { Stopping: true }:
                break;
            case Running:
                Emit(new TaskStopRequested { At = now, Task = Name(key), Reason = order.Reason, Failure = order.Failure });
                break;
            case Mapping mapping:
                StopItems(key, mapping, order);
                break;
            default:
                End(key, order);
                break;
        }
    }

    /// <summary>Ends all tasks but those on exit.</summary>
    private void StopOpen(string reason)
    {
        foreach (var node in State.Graph.Nodes)
        {
            if ((!node.OnExit || State.Queued is not null) && State.Tasks[node.Index] is not Ended)
            {
                Stop(node.Index, new StopOrder(reason));
            }
        }
    }

    private void End(TaskKey key, StopOrder order)
    {
        if (order.Failure is { } failure)
        {
            Emit(new TaskFailed { At = now, Task = Name(key), Item = Item(key), Failure = failure });
        }
        else
        {
            Emit(new TaskCancelled { At = now, Task = Name(key), Item = Item(key), Reason = order.Reason });
        }
    }

    private void StopItems(TaskKey key, Mapping mapping, StopOrder order)
    {
        if (!mapping.Stopping)
        {
            Emit(new TaskStopRequested { At = now, Task = Name(key), Reason = order.Reason, Failure = order.Failure });
        }

        for (var index = 0; index < mapping.Items.Count; index++)
        {
            var item = new TaskKey(key.Task, index);
            switch (State.Items[item])
            {
                case Running { Stopping: false }:
                    Emit(new TaskStopRequested { At = now, Task = Name(key), Item = index, Reason = order.Reason });
                    break;
                case Ready or Backoff:
                    Emit(new TaskCancelled { At = now, Task = Name(key), Item = index, Reason = order.Reason });
                    break;
                default:
                    break;
            }
        }

        FinishMapping(key.Task);
    }

    /// <summary>Ends the items that a mapped task leaves behind when it ends before they do. Their attempts are fenced off.</summary>
    private void DropItems(int task, Mapping? mapping)
    {
        for (var index = 0; index < (mapping?.Items.Count ?? 0); index++)
        {
            var item = new TaskKey(task, index);
            if (State.Items[item] is not Ended)
            {
                Emit(new TaskCancelled { At = now, Task = Name(item), Item = index, Reason = "its task has ended" });
            }
        }
    }
}
