using System.Text.Json;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>Which items of mapped tasks a listing is to have.</summary>
/// <param name="All">True: all that fit; false: those of tasks that have few.</param>
/// <param name="Statuses">Only items with one of these; empty: any.</param>
public sealed record ItemWish(bool All, IReadOnlyList<string> Statuses)
{
    public static ItemWish Few { get; } = new(All: false, []);

    /// <summary>None one by one: counts say enough.</summary>
    public static ItemWish None { get; } = new(All: false, []) { Most = 0 };

    /// <summary>Up to this number of items of a task are listed without being asked for.</summary>
    public int Most { get; init; } = RunListing.FewItems;
}

/// <summary>A run's tasks for people: one row each, the items of mapped tasks as counts, and one by one only where they are few or were asked for.</summary>
public sealed record RunListing
{
    /// <summary>Up to this number of items of a task are listed without being asked for.</summary>
    public const int FewItems = 100;

    /// <summary>Every task after those it waits for; of those that no author wrote only what failed.</summary>
    public required IReadOnlyList<TaskInfo> Tasks { get; init; }

    /// <summary>What the run yielded, as its pipeline declares it; null when it declares nothing or the run has not succeeded.</summary>
    public JsonElement? Outputs { get; init; }

    public required ILookup<TaskName, ItemCount> Counts { get; init; }

    public required ILookup<TaskName, TaskInfo> Items { get; init; }

    public static async Task<RunListing> ReadAsync(IRunStore store, IDefinitionStore definitions, RunInfo run, ItemWish wish, CancellationToken cancellation)
    {
        var counts = (await store.CountItemsAsync(run.Id, cancellation)).ToLookup(count => count.Task);
        var items = new List<TaskInfo>();
        foreach (var mapped in counts.Where(mapped => wish.All || mapped.Sum(count => count.Count) <= wish.Most))
        {
            items.AddRange(await store.ListItemsAsync(run.Id, new ItemFilter { Task = mapped.Key, Statuses = wish.Statuses }, cancellation));
        }

        var tasks = await InOrderAsync(definitions, run, await store.ListWholeTasksAsync(run.Id, cancellation), cancellation);
        return new RunListing
        {
            Tasks = [.. tasks.Where(task => !task.Task.IsInternal || task.Failure is not null)],
            Outputs = tasks.FirstOrDefault(task => task.Task == RunState.OutputsTask)?.Outputs,
            Counts = counts,
            Items = items.ToLookup(item => item.Task),
        };
    }

    /// <summary>The counts of a task's items in words: <c>40 items: 37 succeeded, 3 cached</c>. Null: it has none.</summary>
    public string? CountsOf(TaskName task) => Counts[task].ToArray() is { Length: > 0 } counts
        ? $"{counts.Sum(count => count.Count):N0} items: {string.Join(", ", counts.OrderByDescending(count => count.Count).Select(count => $"{count.Count:N0} {count.Status}"))}"
        : null;

    private static async Task<IReadOnlyList<TaskInfo>> InOrderAsync(IDefinitionStore definitions, RunInfo run, IReadOnlyList<TaskInfo> tasks, CancellationToken cancellation)
    {
        if (await definitions.FindAsync(run.Definition, cancellation) is not { } stored)
        {
            return tasks;
        }

        var places = new PipelineGraph(DefinitionReader.Load(stored.Json)).InTopologicalOrder().Select((node, place) => (node.Definition.Name, place)).ToDictionary(one => one.Name, one => one.place);
        return [.. tasks.OrderBy(task => places.GetValueOrDefault(task.Task, int.MaxValue))];
    }
}
