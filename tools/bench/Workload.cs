using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Bench;

/// <summary>What is run: a pipeline of no-op tasks, a number of times at once.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="About">For people.</param>
/// <param name="Pipeline">Made for a scale; 1 is the size that peers were measured at.</param>
/// <param name="Runs">How many runs are started together.</param>
/// <param name="Items">How many items its mapped task has.</param>
internal sealed record Workload(string Name, string About, Func<double, PipelineDefinition> Pipeline, int Runs = 1, int Items = 0)
{
    public static ImmutableArray<Workload> All { get; } =
    [
        new("chain", "200 tasks, one after the other", scale => Chain(Of(200, scale))),
        new("fan", "1 task, then 1,000, then 1", scale => Fan(Of(1000, scale))),
        new("layers", "20 layers of 50 tasks, each on two of the layer before", scale => Layers(Of(20, scale), 50)),
        new("runs", "200 runs of 5 tasks at once: a, then b c d, then e", _ => Diamond(), Runs: 200),
        new("map", "a map of 10,000 items", scale => Map(Of(10_000, scale)), Items: 10_000),
        new("large", "one definition of 10,000 tasks in 100 layers", scale => Layers(Of(100, scale), 100)),
    ];

    /// <summary>How many attempts the workload makes.</summary>
    public int TasksAt(double scale) => Items > 0 ? Of(Items, scale) : Pipeline(scale).Tasks.Length * Runs;

    /// <summary>The scale at which the workload has about so many tasks.</summary>
    public double ScaleFor(int tasks) => tasks / (double)TasksAt(1);

    private static int Of(int size, double scale) => Math.Max(1, (int)Math.Round(size * scale));

    private static PipelineDefinition Chain(int length) =>
        Define("chain", Enumerable.Range(0, length).Select(i => Task(i, i == 0 ? [] : [i - 1])));

    private static PipelineDefinition Fan(int width) =>
        Define("fan", [Task(0), .. Enumerable.Range(1, width).Select(i => Task(i, 0)), Task(width + 1, [.. Enumerable.Range(1, width)])]);

    private static PipelineDefinition Layers(int depth, int width) => Define(
        "layers",
        from layer in Enumerable.Range(0, depth)
        from place in Enumerable.Range(0, width)
        select Task(layer * width + place, layer == 0 ? [] : [(layer - 1) * width + place, (layer - 1) * width + (place + 1) % width]));

    private static PipelineDefinition Diamond() => Define("diamond", [Task(0), Task(1, 0), Task(2, 0), Task(3, 0), Task(4, 1, 2, 3)]);

    private static PipelineDefinition Map(int items) => Define("map",
    [
        Task(0) with
        {
            Map = new MapDefinition { Over = $"Array.from({{ length: {items} }}, (_, i) => i)" },
            With = TaskWith.SetItem("value", OrcJson.ToElement("${item}")),
        },
    ]);

    private static readonly ImmutableSortedDictionary<string, System.Text.Json.JsonElement> TaskWith =
        ImmutableSortedDictionary.Create<string, System.Text.Json.JsonElement>(StringComparer.Ordinal);

    private static TaskDefinition Task(int index, params int[] after) => new()
    {
        Name = NameOf(index), Uses = "bench.noop", Needs = [.. after.Select(NameOf)],
    };

    private static TaskName NameOf(int index) => new($"t{index}");

    private static PipelineDefinition Define(string name, IEnumerable<TaskDefinition> tasks) => new() { Name = name, Tasks = [.. tasks] };
}
