using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The items of a mapped task as its activity sees them.</summary>
internal static class ItemResults
{
    /// <summary>By index; empty for a task without items.</summary>
    public static IReadOnlyList<ItemResult> Of(RunState state, int task)
    {
        var results = new List<ItemResult>();
        for (var index = 0; state.Items.TryGetValue(new TaskKey(task, index), out var item); index++)
        {
            results.Add(Of(index, item));
        }

        return results;
    }

    private static ItemResult Of(int index, TaskState item) => item switch
    {
        Ended { Outcome: TaskOutcome.Succeeded } done => new ItemResult { Index = index, Label = item.Label, Status = ItemStatus.Succeeded, Outputs = done.Outputs },
        Ended ended => new ItemResult { Index = index, Label = item.Label, Status = ItemStatus.Failed, Failure = ended.Failure },
        _ => new ItemResult { Index = index, Label = item.Label, Status = ItemStatus.UnderWay },
    };
}
