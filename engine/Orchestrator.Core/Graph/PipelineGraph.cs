using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Graph;

/// <summary>A task's place in the graph. Indices are those of <see cref="PipelineDefinition.Tasks"/>.</summary>
public sealed record TaskNode
{
    public required int Index { get; init; }

    public required TaskDefinition Definition { get; init; }

    /// <summary>The tasks it waits for, in order of first mention. For a task on exit also every task that is not.</summary>
    public required ImmutableArray<int> Upstream { get; init; }

    /// <summary>The tasks that wait for it.</summary>
    public required ImmutableArray<int> Downstream { get; init; }
}

/// <summary>The edges of a definition whose names all resolve. Immutable, so one graph serves every run of its definition.</summary>
public sealed class PipelineGraph
{
    private readonly Dictionary<TaskName, int> indices;

    /// <exception cref="ArgumentException">A task waits for one that does not exist. Definitions that passed the checks have none such.</exception>
    public PipelineGraph(PipelineDefinition definition)
    {
        Definition = definition;
        indices = definition.Tasks.Select((task, index) => (task.Name, index)).ToDictionary(pair => pair.Name, pair => pair.index);
        var ordinary = Enumerable.Range(0, definition.Tasks.Length).Where(index => !definition.Tasks[index].OnExit).ToArray();
        var upstream = definition.Tasks
            .Select(task => task.Dependencies().Select(Resolve).Concat(task.OnExit ? ordinary : []).Distinct().ToImmutableArray())
            .ToArray();
        var downstream = definition.Tasks.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        for (var index = 0; index < upstream.Length; index++)
        {
            foreach (var before in upstream[index])
            {
                downstream[before].Add(index);
            }
        }

        Nodes = [.. definition.Tasks.Select((task, index) => new TaskNode
        {
            Index = index, Definition = task, Upstream = upstream[index], Downstream = downstream[index].ToImmutable(),
        })];
    }

    public PipelineDefinition Definition { get; }

    /// <summary>In the author's order.</summary>
    public ImmutableArray<TaskNode> Nodes { get; }

    public TaskNode this[TaskName name] => Nodes[Resolve(name)];

    public bool Contains(TaskName name) => indices.ContainsKey(name);

    /// <summary>The nodes in an order in which every task comes after those it waits for; among equals in the author's order.</summary>
    public IEnumerable<TaskNode> InTopologicalOrder()
    {
        var unmet = Nodes.Select(node => node.Upstream.Length).ToArray();
        var ready = new PriorityQueue<int, int>(Nodes.Where(node => unmet[node.Index] == 0).Select(node => (node.Index, node.Index)));
        while (ready.TryDequeue(out var index, out _))
        {
            yield return Nodes[index];
            foreach (var next in Nodes[index].Downstream)
            {
                if (--unmet[next] == 0)
                {
                    ready.Enqueue(next, next);
                }
            }
        }
    }

    /// <summary>Every task that must end before this one can start.</summary>
    public IReadOnlySet<int> Ancestors(int index)
    {
        var found = new HashSet<int>();
        var open = new Stack<int>(Nodes[index].Upstream);
        while (open.TryPop(out var next))
        {
            if (found.Add(next))
            {
                foreach (var before in Nodes[next].Upstream)
                {
                    open.Push(before);
                }
            }
        }

        return found;
    }

    private int Resolve(TaskName name) =>
        indices.TryGetValue(name, out var index) ? index : throw new ArgumentException($"There is no task \"{name}\".", nameof(name));
}
