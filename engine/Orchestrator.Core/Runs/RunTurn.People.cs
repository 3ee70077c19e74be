using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <content>What people ask for: answers, marks, cancelling.</content>
internal sealed partial class RunTurn
{
    private string? Answer(AnswerTask answer) => WithOpen(answer.Task, task =>
    {
        if (State.Tasks[task] is Suspended)
        {
            Emit(new TaskAnswered { At = now, Task = answer.Task, By = answer.By, Outputs = answer.Outputs });
        }
    });

    private string? Mark(MarkTask mark) => WithOpen(mark.Task, task =>
    {
        // What is under way is fenced off by the end of the task: its late result is refused.
        Emit(new TaskMarked { At = now, Task = mark.Task, As = mark.As, By = mark.By, Reason = mark.Reason, Outputs = mark.Outputs });
    });

    private string? Cancel(CancelRun cancel)
    {
        var again = State.Status == RunStatus.Cancelling;
        Emit(new RunCancelRequested { At = now, By = cancel.By, Reason = cancel.Reason });
        var reason = $"the run was cancelled by {cancel.By}";
        foreach (var node in State.Graph.Nodes)
        {
            if ((again || !node.Definition.OnExit) && State.Tasks[node.Index] is not Ended)
            {
                CancelTask(node.Index, reason);
            }
        }

        return null;
    }

    private void CancelTask(int task, string reason)
    {
        var key = new TaskKey(task);
        switch (State.Tasks[task])
        {
            case Ended:
                break;
            case Running { Stopping: false }:
                Emit(new TaskStopRequested { At = now, Task = Name(key) });
                break;
            case Running:
                break;
            case Mapping mapping:
                CancelItems(key, mapping, reason);
                break;
            default:
                Emit(new TaskCancelled { At = now, Task = Name(key), Reason = reason });
                break;
        }
    }

    private void CancelItems(TaskKey key, Mapping mapping, string reason)
    {
        if (!mapping.Stopping)
        {
            Emit(new TaskStopRequested { At = now, Task = Name(key) });
        }

        for (var index = 0; index < mapping.Items.Count; index++)
        {
            var item = new TaskKey(key.Task, index);
            switch (State.Items[item])
            {
                case Running { Stopping: false }:
                    Emit(new TaskStopRequested { At = now, Task = Name(key), Item = index });
                    break;
                case Ready or Backoff:
                    Emit(new TaskCancelled { At = now, Task = Name(key), Item = index, Reason = reason });
                    break;
                default:
                    break;
            }
        }

        FinishMapping(key.Task);
    }
}
