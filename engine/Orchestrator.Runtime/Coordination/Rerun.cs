using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What a new run takes over from an earlier one of its pipeline, and what it leaves out.</summary>
public sealed record Rerun
{
    /// <summary>Results that stand in for running the tasks again.</summary>
    public required ImmutableSortedDictionary<string, ReusedTask> Reused { get; init; }

    public ImmutableArray<TaskName> Skip { get; init; } = [];

    /// <summary>Tasks that were named to run again: no earlier result stands in for them.</summary>
    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    /// <summary>Everything that succeeded is kept, but for tasks that read a changed parameter and all after those.</summary>
    /// <param name="graph">The definition to run, which may be newer than the earlier run's: tasks whose activity is another one are not kept.</param>
    /// <param name="changed">The parameters that have another value now.</param>
    public static Rerun OfFailed(PipelineGraph graph, RunState earlier, RunId run, IReadOnlySet<string> changed) =>
        new() { Reused = Keep(graph, earlier, run, Readers(graph, changed)) };

    /// <summary>As <see cref="OfFailed"/>, but a task and everything after it runs again in any case.</summary>
    /// <exception cref="ActivityException">There is no such task (ORC5244), or one before it has no result to keep (ORC5245).</exception>
    public static Rerun From(PipelineGraph graph, RunState earlier, RunId run, TaskName task, IReadOnlySet<string> changed)
    {
        var first = graph.Members(Find(graph, task)).First();
        var kept = Keep(graph, earlier, run, Readers(graph, changed).Append(first));
        return Missing(graph, first, kept) is { IsEmpty: false } missing ? throw EngineErrors.NothingToKeep(run, task, missing) : new Rerun { Reused = kept, Refresh = RefreshOf(graph, task) };
    }

    /// <summary>One task alone: all others keep their results or are left out.</summary>
    /// <exception cref="ActivityException">There is no such task (ORC5244), or one before it has no result to keep (ORC5245).</exception>
    public static Rerun Only(PipelineGraph graph, RunState earlier, RunId run, TaskName task)
    {
        var again = graph.Members(Find(graph, task)).ToArray();
        var results = Keep(graph, earlier, run, []);
        // A sub-pipeline around the task that has a result yields anew what its tasks yield; were its result kept, nothing in it would run.
        var around = Around(task).Where(results.ContainsKey).ToHashSet(StringComparer.Ordinal);
        var kept = results.RemoveRange(again.Select(index => graph.Nodes[index].Definition.Name.Value).Concat(around));
        return Missing(graph, again[0], kept) is { IsEmpty: false } missing
            ? throw EngineErrors.NothingToKeep(run, task, missing)
            : new Rerun
            {
                Reused = kept,
                Refresh = RefreshOf(graph, task),
                Skip = [.. graph.Nodes.Where(node => !again.Contains(node.Index) && !kept.ContainsKey(node.Definition.Name.Value) && !around.Contains(node.Definition.Name.Value)).Select(node => node.Definition.Name)],
            };
    }

    /// <summary>The sub-pipelines around a task, the innermost first.</summary>
    private static IEnumerable<string> Around(TaskName task)
    {
        for (var at = task.Value.LastIndexOf('/'); at > 0; at = task.Value.LastIndexOf('/', at - 1))
        {
            yield return task.Value[..at];
        }
    }

    private static int Find(PipelineGraph graph, TaskName task) => graph.Contains(task) && !task.IsInternal
        ? graph[task].Index
        : throw EngineErrors.NoSuchTask(graph.Definition, task);

    private static ImmutableArray<TaskName> RefreshOf(PipelineGraph graph, TaskName task) => [.. graph.Members(graph[task].Index).Select(index => graph.Nodes[index].Definition.Name)];

    private static ImmutableArray<TaskName> Missing(PipelineGraph graph, int task, ImmutableSortedDictionary<string, ReusedTask> kept) =>
        [.. graph.Ancestors(task).Order().Select(before => graph.Nodes[before].Definition.Name).Where(before => !kept.ContainsKey(before.Value) && !IsInside(before, task, graph, kept))];

    /// <summary>True for a task of a sub-pipeline whose own result is kept: nobody asks for it then.</summary>
    private static bool IsInside(TaskName before, int task, PipelineGraph graph, ImmutableSortedDictionary<string, ReusedTask> kept)
    {
        var name = graph.Nodes[task].Definition.Name.Value;
        return Around(before).Any(outer => kept.ContainsKey(outer) && !name.StartsWith($"{outer}/", StringComparison.Ordinal));
    }

    private static IEnumerable<int> Readers(PipelineGraph graph, IReadOnlySet<string> parameters) => graph.Nodes
        .Where(node => node.ParamsFrom is null && node.Definition.Expressions().SelectMany(expression => ExpressionReferences.Find(expression)).Any(reference => reference.Root == "params" && parameters.Contains(reference.Name)))
        .Select(node => node.Index);

    /// <summary>Results of tasks that are neither among <paramref name="again"/> nor after one of them. Tasks on exit tell how a run ended, so they always run.</summary>
    private static ImmutableSortedDictionary<string, ReusedTask> Keep(PipelineGraph graph, RunState earlier, RunId run, IEnumerable<int> again)
    {
        var first = again.ToHashSet();
        return graph.Nodes
            .Where(node => !TellsHowItEnded(node, graph, earlier) && !first.Contains(node.Index) && !graph.Ancestors(node.Index).Overlaps(first))
            .Select(node => (node.Definition, End: ResultOf(earlier, node.Definition)))
            .Where(task => task.End is not null)
            .ToImmutableSortedDictionary(
                task => task.Definition.Name.Value,
                task => new ReusedTask { From = task.End?.ReusedFrom ?? run, Outputs = task.End?.Outputs ?? [] },
                StringComparer.Ordinal);
    }

    /// <summary>Tasks on exit, but for those of a sub-pipeline that has succeeded with them; and what the run yields.</summary>
    private static bool TellsHowItEnded(TaskNode node, PipelineGraph graph, RunState earlier) =>
        node is { Part: NodePart.End, Begin: null }
        || (node.OnExit && (node.Gate is not { } gate || ResultOf(earlier, graph.Nodes.First(other => other.Begin == gate).Definition) is null));

    private static Ended? ResultOf(RunState earlier, TaskDefinition task) =>
        earlier.Graph.Contains(task.Name) && earlier.Graph[task.Name].Definition.Uses == task.Uses && earlier[task.Name] is Ended { Outcome: TaskOutcome.Succeeded } end ? end : null;
}
