using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Graph;

/// <summary>What a node is.</summary>
public enum NodePart
{
    Unknown = 0,

    /// <summary>A task as its author wrote it.</summary>
    Task,

    /// <summary>Begins an inline sub-pipeline: decides whether it runs, and yields its parameters.</summary>
    Begin,

    /// <summary>Ends an inline sub-pipeline, whose task's name it has, or the run: yields the outputs.</summary>
    End,
}

/// <summary>
/// A task's place in the graph. Without inline sub-pipelines the indices are those of <see cref="PipelineDefinition.Tasks"/>; the nodes of one stand together,
/// from the one that begins it to the one that ends it.
/// </summary>
public sealed record TaskNode
{
    public required int Index { get; init; }

    public required TaskDefinition Definition { get; init; }

    /// <summary>The tasks it waits for, in order of first mention. For a task on exit also every task that is not.</summary>
    public required ImmutableArray<int> Upstream { get; init; }

    /// <summary>The tasks that wait for it.</summary>
    public required ImmutableArray<int> Downstream { get; init; }

    public NodePart Part { get; init; } = NodePart.Task;

    /// <summary>What stands before the names in its expressions and needs to make them names of the graph: <c>features/</c>; empty at the top.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The node whose outputs are <c>params</c> in its expressions; null: the run's parameters are.</summary>
    public int? ParamsFrom { get; init; }

    /// <summary>The node that begins the sub-pipeline it stands in. Nothing there moves before that node has succeeded, and it counts in nobody's rule.</summary>
    public int? Gate { get; init; }

    /// <summary>The nodes whose <see cref="Gate"/> this is.</summary>
    public ImmutableArray<int> Gated { get; init; } = [];

    /// <summary>Of the end of a sub-pipeline: the node that begins it. All between the two belong to it.</summary>
    public int? Begin { get; init; }

    /// <summary>True for a task on exit and for all inside a sub-pipeline on exit.</summary>
    public bool OnExit { get; init; }

    /// <summary>The pipeline that it begins, ends or has run.</summary>
    public PipelineDefinition? Sub { get; init; }

    /// <summary>The tasks whose outputs its expressions may name, as the graph names them.</summary>
    public IEnumerable<(TaskName Local, TaskName Name)> Dependencies() => Definition.Dependencies().Select(name => (name, Prefix.Length == 0 ? name : new TaskName(Prefix + name)));
}

/// <summary>The edges of a definition whose names all resolve. Immutable, so one graph serves every run of its definition.</summary>
public sealed class PipelineGraph
{
    private readonly Dictionary<TaskName, int> indices;

    /// <exception cref="ArgumentException">A task waits for one that does not exist. Definitions that passed the checks have none such.</exception>
    public PipelineGraph(PipelineDefinition definition)
    {
        Definition = definition;
        Nodes = GraphNodes.Of(definition);
        indices = Nodes.ToDictionary(node => node.Definition.Name, node => node.Index);
    }

    public PipelineDefinition Definition { get; }

    /// <summary>In the author's order; those of an inline sub-pipeline in its place.</summary>
    public ImmutableArray<TaskNode> Nodes { get; }

    public TaskNode this[TaskName name] => Nodes[Resolve(name)];

    public bool Contains(TaskName name) => indices.ContainsKey(name);

    /// <summary>The nodes in an order in which every task comes after those it waits for; among equals in the author's order.</summary>
    public IEnumerable<TaskNode> InTopologicalOrder()
    {
        var unmet = Nodes.Select(node => Before(node).Count()).ToArray();
        var ready = new PriorityQueue<int, int>(Nodes.Where(node => unmet[node.Index] == 0).Select(node => (node.Index, node.Index)));
        while (ready.TryDequeue(out var index, out _))
        {
            yield return Nodes[index];
            foreach (var next in After(index))
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
        var open = new Stack<int>(Before(Nodes[index]));
        while (open.TryPop(out var next))
        {
            if (found.Add(next))
            {
                foreach (var before in Before(Nodes[next]))
                {
                    open.Push(before);
                }
            }
        }

        return found;
    }

    /// <summary>What cannot move before a node has ended: what waits for it, and what it lets in.</summary>
    public IEnumerable<int> After(int index) => Nodes[index].Downstream.Concat(Nodes[index].Gated);

    /// <summary>The nodes that one stands for: those of the sub-pipeline that it ends, itself the last, or itself alone.</summary>
    public IEnumerable<int> Members(int index) => Nodes[index].Begin is { } begin ? Enumerable.Range(begin, index - begin + 1) : [index];

    private static IEnumerable<int> Before(TaskNode node) => node.Gate is { } gate ? node.Upstream.Append(gate) : node.Upstream;

    private int Resolve(TaskName name) =>
        indices.TryGetValue(name, out var index) ? index : throw new ArgumentException($"There is no task \"{name}\".", nameof(name));
}
