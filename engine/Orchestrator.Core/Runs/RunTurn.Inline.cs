using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Graph;

namespace Orchestrator.Core.Runs;

/// <content>Inline sub-pipelines: who is let in, and how they end. Their tasks are tasks like all others.</content>
internal sealed partial class RunTurn
{
    /// <summary>True once the sub-pipeline around a node has begun. When it never will, the node ends here.</summary>
    private bool IsLetIn(TaskNode node)
    {
        if (node.Gate is not { } gate)
        {
            return true;
        }

        switch (State.Tasks[gate])
        {
            case Ended { Outcome: TaskOutcome.Succeeded }:
                return true;
            case Ended { Outcome: TaskOutcome.Skipped }:
                Emit(new TaskSkipped { At = now, Task = node.Definition.Name, Reason = "the sub-pipeline around it was skipped" });
                return false;
            case Ended:
                Emit(new TaskUpstreamFailed { At = now, Task = node.Definition.Name, Cause = Name(new TaskKey(gate)) });
                return false;
            default:
                return false;
        }
    }

    /// <summary>Ends a sub-pipeline, or what a run yields, as its tasks ended; when all is well its outputs are asked for.</summary>
    private void Close(TaskNode node, JoinTally tally)
    {
        if (!tally.AllDone)
        {
            return;
        }

        var name = node.Definition.Name;
        if (node.Begin is { } begin && State.Tasks[begin] is Ended { Outcome: not TaskOutcome.Succeeded } never)
        {
            CloseUnbegun(node, State.Graph.Nodes[begin], never);
            return;
        }

        var ends = node.Upstream.Select(index => (Node: State.Graph.Nodes[index], End: (Ended)State.Tasks[index])).ToArray();
        var failed = ends.FirstOrDefault(one => one.End.Failure is not null);
        var cancelled = ends.FirstOrDefault(one => one.End.Outcome is TaskOutcome.Cancelled or TaskOutcome.UpstreamFailed);
        if (failed.Node is null && cancelled.Node is null)
        {
            Emit(new TaskTurnCame { At = now, Task = name });
        }
        else if (node.Begin is null)
        {
            Emit(new TaskSkipped { At = now, Task = name, Reason = "not all tasks succeeded, so the run yields nothing" });
        }
        else if (failed is { Node: { } culprit, End.Failure: { } failure })
        {
            Emit(new TaskFailed { At = now, Task = name, Failure = RunFailures.InSubPipeline(culprit.Definition.Name, failure) });
        }
        else
        {
            Emit(new TaskCancelled { At = now, Task = name, Reason = $"\"{cancelled.Node?.Definition.Name}\" did not succeed" });
        }
    }

    private void CloseUnbegun(TaskNode node, TaskNode begin, Ended never)
    {
        var name = node.Definition.Name;
        switch (never.Outcome)
        {
            case TaskOutcome.Skipped:
                Emit(new TaskSkipped { At = now, Task = name, Reason = never.Reason ?? "skipped" });
                break;
            case TaskOutcome.UpstreamFailed:
                Emit(new TaskUpstreamFailed { At = now, Task = name, Cause = begin.Upstream.IsEmpty ? begin.Definition.Name : FirstFailed(begin.Upstream) });
                break;
            case TaskOutcome.Failed when never.Failure is { } failure:
                Emit(new TaskFailed { At = now, Task = name, Failure = failure });
                break;
            default:
                Emit(new TaskCancelled { At = now, Task = name, Reason = never.Reason });
                break;
        }
    }

    private ImmutableDictionary<string, JsonElement>? FinalOutputs() =>
        State.Graph.Nodes is [.., { Part: NodePart.End, Begin: null } last] && State.Tasks[last.Index] is Ended { Outcome: TaskOutcome.Succeeded } end ? end.Outputs : null;

    /// <summary>A task that whoever started the run wants left out; of a sub-pipeline the beginning, whereupon all in it is skipped.</summary>
    private void LeaveOut(TaskNode node)
    {
        var first = node.Begin is { } begin && State.Tasks[begin] is not Ended ? State.Graph.Nodes[begin] : node;
        if (State.Tasks[first.Index] is not Ended)
        {
            Emit(new TaskSkipped { At = now, Task = first.Definition.Name, Reason = "left out by whoever started the run" });
        }
    }

    /// <summary>The tasks of a sub-pipeline whose outputs are taken over from an earlier run have nothing to do, unless their own results are taken over too.</summary>
    private void PassOver(TaskNode node, AcceptRun accept)
    {
        foreach (var index in State.Graph.Members(node.Index))
        {
            var name = Name(new TaskKey(index));
            if (index != node.Index && State.Tasks[index] is not Ended && !accept.Reused.ContainsKey(name.Value))
            {
                Emit(new TaskSkipped { At = now, Task = name, Reason = $"the result of \"{node.Definition.Name}\" is taken over" });
            }
        }
    }

    /// <summary>Stops a task; a sub-pipeline with all in it, but for its tasks on exit, which clean up after what it did.</summary>
    private void StopMembers(int task, StopOrder order)
    {
        foreach (var index in State.Graph.Members(task))
        {
            var spared = index != task && State.Graph.Nodes[index].OnExit && !State.Graph.Nodes[task].OnExit;
            if (!spared && State.Tasks[index] is not Ended)
            {
                Stop(index, order);
            }
        }
    }

    /// <summary>A sub-pipeline that a person ends by hand has nothing more to do.</summary>
    private void MarkMembers(int task, MarkTask mark)
    {
        foreach (var index in State.Graph.Members(task))
        {
            if (index != task && State.Tasks[index] is not Ended)
            {
                var mapping = State.Tasks[index] as Mapping;
                Emit(new TaskMarked { At = now, Task = Name(new TaskKey(index)), As = TaskOutcome.Skipped, By = mark.By, Reason = $"\"{mark.Task}\" was marked: {mark.Reason}" });
                DropItems(index, mapping);
            }
        }
    }
}
