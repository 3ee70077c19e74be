using CsCheck;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

/// <summary>How the work of a task spreads in a generated run.</summary>
/// <param name="Spread">Not at all, over a list, or by itself.</param>
/// <param name="Items">How many items; 0 is legal.</param>
public readonly record struct SpreadPlan(Spread Spread, int Items);

/// <summary>A generated pipeline with what its work does.</summary>
internal sealed record Shape(PipelineDefinition Definition, Fate[] Fates, SpreadPlan[] Spreads);

/// <summary>Graphs of up to ten tasks with every join rule, conditions, retries, maps over lists, activities that spread, limits and tasks on exit.</summary>
internal static class Shapes
{
    private static readonly JoinRule[] Rules = [.. Enum.GetValues<JoinRule>().Where(rule => rule is not JoinRule.Unknown)];

    public static Gen<Shape> All { get; } =
        from size in Gen.Int[1, 10]
        from edges in Gen.Int[0, (1 << 10) - 1].Array[size]
        from rules in Gen.Int[0, Rules.Length - 1].Select(index => Rules[index]).Array[size]
        from fates in Gen.Int[0, 4].Select(index => (Fate)index).Array[size]
        from spreads in Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5]).Select(pair => new SpreadPlan(pair.Item1 switch { 4 => Spread.List, 5 => Spread.Activity, _ => Spread.None }, pair.Item2)).Array[size]
        from attempts in Gen.Int[1, 4].Array[size]
        from exits in Gen.Int[0, 2]
        from parallel in Gen.Int[0, 3]
        select new Shape(Build(size, edges, rules, spreads, attempts, exits, parallel), fates, spreads);

    /// <summary>The same with inline sub-pipelines in the place of some tasks, and with outputs of the run.</summary>
    public static Gen<Shape> Nested { get; } =
        from outer in All
        from inner in All
        from which in Gen.Int[1, (1 << 10) - 1]
        from twice in Gen.Bool
        select Nest(outer, twice ? Nest(inner, inner, 1) : inner, which);

    private static Shape Nest(Shape outer, Shape inner, int which)
    {
        var definition = outer.Definition with
        {
            Outputs = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Text.Json.JsonElement>.Empty.Add("one", Orchestrator.Core.Values.OrcJson.ToElement(1)),
            Tasks = [.. outer.Definition.Tasks.Select((task, index) => (which & (1 << index)) == 0 ? task : task with
            {
                Uses = SubPipelineDefinition.Uses, Map = null, Retry = null, Pipeline = new SubPipelineDefinition { Definition = inner.Definition },
            })],
        };
        var nodes = new Orchestrator.Core.Graph.PipelineGraph(definition).Nodes;
        return new Shape(
            definition,
            [.. nodes.Select(node => outer.Fates[(node.Index + which) % outer.Fates.Length])],
            [.. nodes.Select(node => node.Definition.Map is not null ? new SpreadPlan(Spread.List, node.Index % 4) : new SpreadPlan(Spread.None, 0))]);
    }

    private static PipelineDefinition Build(int size, int[] edges, JoinRule[] rules, SpreadPlan[] spreads, int[] attempts, int exits, int parallel) => new()
    {
        Name = "generated",
        Parallel = parallel == 0 ? null : parallel,
        Tasks = [.. Enumerable.Range(0, size).Select(index =>
        {
            var onExit = index >= size - exits && index > 0;
            var needs = Enumerable.Range(0, onExit ? 0 : index).Where(before => (edges[index] & (1 << before)) != 0).Select(before => $"t{before}").ToArray();
            return Simulation.Task($"t{index}", onExit ? JoinRule.AllSuccess : rules[index], needs, attempts[index]) with
            {
                OnExit = onExit,
                Priority = edges[index] % 3,
                Map = spreads[index].Spread == Spread.List ? new MapDefinition { Over = "[]", Parallel = edges[index] % 2 == 0 ? null : 1 } : null,
            };
        })],
    };
}
