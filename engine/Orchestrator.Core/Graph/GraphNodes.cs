using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Graph;

/// <summary>
/// Makes the nodes of a definition. An inline sub-pipeline becomes its tasks between two nodes of the engine's own: the one that begins it, which has the outer
/// task's dependencies, rule and condition and yields the parameters, and the one that ends it, which has the outer task's name and yields its outputs.
/// </summary>
internal sealed class GraphNodes
{
    /// <summary>The node that begins the sub-pipeline NAME is <c>NAME/.begin</c>, which no author can write.</summary>
    private const string Begin = ".begin";

    private readonly List<Draft> drafts = [];

    public static ImmutableArray<TaskNode> Of(PipelineDefinition definition)
    {
        var made = new GraphNodes();
        var level = new Level(definition, Prefix: "", Gate: null, OnExit: false, Priority: 0);
        var ends = made.AddTasks(level);
        if (!definition.Outputs.IsEmpty)
        {
            made.drafts.Add(new Draft(new TaskDefinition { Name = Runs.RunState.OutputsTask, Uses = SubPipelineDefinition.Uses, With = definition.Outputs }, level, NodePart.End) { Upstream = [.. ends] });
        }

        return made.Finish();
    }

    /// <summary>Adds the tasks of one pipeline; answers, in its author's order, the nodes that stand for them to others.</summary>
    private int[] AddTasks(Level level)
    {
        var tasks = level.Definition.Tasks;
        var entries = new int[tasks.Length];
        var ends = new int[tasks.Length];
        for (var i = 0; i < tasks.Length; i++)
        {
            (entries[i], ends[i]) = Add(tasks[i], level);
        }

        var byName = tasks.Select((task, index) => (task.Name, index)).ToDictionary(pair => pair.Name, pair => ends[pair.index]);
        var ordinary = Enumerable.Range(0, tasks.Length).Where(index => !tasks[index].OnExit).Select(index => ends[index]).ToArray();
        for (var i = 0; i < tasks.Length; i++)
        {
            drafts[entries[i]].Upstream = [.. tasks[i].Dependencies().Select(name => Resolve(byName, name)).Concat(tasks[i].OnExit ? ordinary : []).Distinct()];
        }

        return ends;
    }

    private static int Resolve(Dictionary<TaskName, int> names, TaskName name) =>
        names.TryGetValue(name, out var index) ? index : throw new ArgumentException($"There is no task \"{name}\".", nameof(name));

    private (int Entry, int End) Add(TaskDefinition task, Level level)
    {
        var name = level.Prefix + task.Name;
        var own = task with { Name = new TaskName(name), Priority = task.Priority + level.Priority };
        if (task.Pipeline is not { As: SubPipelineMode.Inline, Definition: { } inner })
        {
            drafts.Add(new Draft(own, level, NodePart.Task) { Sub = task.Pipeline?.Definition });
            return (drafts.Count - 1, drafts.Count - 1);
        }

        var begin = drafts.Count;
        drafts.Add(new Draft(own with { Name = new TaskName($"{name}/{Begin}") }, level, NodePart.Begin) { Sub = inner });
        var below = new Level(inner, $"{name}/", begin, level.OnExit || task.OnExit, own.Priority);
        var ends = AddTasks(below);
        drafts.Add(new Draft(
            new TaskDefinition { Name = own.Name, Uses = SubPipelineDefinition.Uses, With = inner.Outputs, Title = task.Title, OnExit = task.OnExit, Pipeline = task.Pipeline }, level, NodePart.End)
        {
            Sub = inner, Begin = begin, Scope = below, Upstream = [begin, .. ends],
        });
        return (begin, drafts.Count - 1);
    }

    private ImmutableArray<TaskNode> Finish()
    {
        var downstream = drafts.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        var gated = drafts.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        foreach (var (index, draft) in drafts.Index())
        {
            foreach (var before in draft.Upstream)
            {
                downstream[before].Add(index);
            }

            if (draft.Level.Gate is { } gate)
            {
                gated[gate].Add(index);
            }
        }

        return [.. drafts.Select((draft, index) => new TaskNode
        {
            Index = index,
            Definition = draft.Definition,
            Upstream = draft.Upstream,
            Downstream = downstream[index].ToImmutable(),
            Part = draft.Part,
            Prefix = draft.Scope.Prefix,
            ParamsFrom = draft.Scope.Gate,
            Gate = draft.Level.Gate,
            Gated = gated[index].ToImmutable(),
            Begin = draft.Begin,
            OnExit = draft.Definition.OnExit || draft.Level.OnExit,
            Sub = draft.Sub,
        })];
    }

    /// <summary>A pipeline whose tasks are being added.</summary>
    private sealed record Level(PipelineDefinition Definition, string Prefix, int? Gate, bool OnExit, int Priority);

    private sealed record Draft(TaskDefinition Definition, Level Level, NodePart Part)
    {
        public ImmutableArray<int> Upstream { get; set; } = [];

        public PipelineDefinition? Sub { get; init; }

        public int? Begin { get; init; }

        /// <summary>The level whose tasks and parameters its expressions name.</summary>
        public Level Scope { get; init; } = Level;
    }
}
