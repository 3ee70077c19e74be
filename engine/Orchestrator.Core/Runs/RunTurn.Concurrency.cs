using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <content>Runs that must not all go on at once.</content>
internal sealed partial class RunTurn
{
    private string? Admit()
    {
        Emit(new RunAdmitted { At = now, Key = KeyOfQueued() });
        // What was taken over, left out or marked meanwhile has been counted; nothing has followed from it yet.
        JoinAll();
        return null;
    }

    private string? Skip(SkipRun skip)
    {
        var key = KeyOfQueued();
        var reason = $"not started: concurrency key \"{key.Word}\" was held by {RunsOf(skip.HeldBy)}";
        Emit(new RunSkipped { At = now, Key = key, HeldBy = skip.HeldBy, Reason = reason });
        foreach (var node in State.Graph.Nodes)
        {
            if (State.Tasks[node.Index] is not Ended)
            {
                Emit(new TaskSkipped { At = now, Task = node.Definition.Name, Reason = reason });
            }
        }

        return null;
    }

    private RunKey KeyOfQueued() => State.Queued?.Key ?? throw new InvalidOperationException("a run that is queued waits for a key");

    private static string RunsOf(IReadOnlyList<RunId> runs) =>
        runs.Count == 0 ? "others" : $"run{(runs.Count == 1 ? "" : "s")} {string.Join(", ", runs.Take(3))}{(runs.Count > 3 ? $" and {runs.Count - 3} more" : "")}";
}
