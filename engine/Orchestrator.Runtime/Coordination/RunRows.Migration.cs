using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>The rows of a run that is given another definition.</content>
internal sealed partial class RunRows
{
    /// <summary>
    /// Puts the rows under the new definition's indices and answers those to write. Kept at once: when this commit fails, the run is not worked on here any more.
    /// </summary>
    public (IReadOnlyList<TaskInfo> Tasks, IReadOnlyList<TaskName> Removed, IReadOnlyList<AttemptRow> GivenUp) Migrate(RunState before, RunState after, RunMigrated change)
    {
        var removed = change.Dropped.Concat(change.Restarted).ToHashSet();
        var givenUp = before.InFlight
            .Where(one => !after.InFlight.ContainsKey(one.Key) && attempts.ContainsKey(one.Value))
            .Select(one => attempts[one.Value] with { Status = "cancelled", EndedAt = change.At })
            .ToArray();
        var rows = tasks.Values.Where(row => !removed.Contains(row.Task)).ToArray();
        var tries = attempts.Values.Where(row => !removed.Contains(row.Task)).ToArray();
        tasks.Clear();
        attempts.Clear();
        Load(after, rows, tries);
        var next = new Projection(this);
        foreach (var key in after.Graph.Nodes.Select(node => new TaskKey(node.Index)).Where(key => !tasks.TryGetValue(key, out var row) || row.EndedAt is null))
        {
            next.Put(after, key, null);
        }

        Keep(next);
        return (next.Tasks, [.. removed], givenUp);
    }
}
