using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What the cache said about a task of a run.</summary>
public sealed record CacheAnswer
{
    public required TaskName Task { get; init; }

    /// <summary><c>hit</c>, <c>miss</c>, or <c>unused</c> when nothing was looked up.</summary>
    public required string Outcome { get; init; }

    /// <summary>A sentence.</summary>
    public required string Why { get; init; }

    /// <summary>SHA-256 of <see cref="Parts"/>; null when nothing was looked up, or the result was taken over by hand.</summary>
    public string? Key { get; init; }

    public CacheKeyParts? Parts { get; init; }

    /// <summary>The item of a mapped task that was asked about; null: the task itself.</summary>
    public int? Item { get; init; }

    public string? Label { get; init; }

    /// <summary>Of a mapped task: how many of its items were cached. Null: it has none.</summary>
    public CacheItemCounts? Items { get; init; }
}

/// <summary>How many items of a task earlier results stood in for.</summary>
public sealed record CacheItemCounts
{
    /// <summary>How many were issued.</summary>
    public required int Total { get; init; }

    /// <summary>How many did not run.</summary>
    public required int Cached { get; init; }

    /// <summary>How many have a key.</summary>
    public required int Looked { get; init; }

    internal string Outcome => Looked == 0 ? "unused" : Cached == Total ? "hit" : Cached > 0 ? "partly" : "miss";

    public override string ToString() => Looked == 0 ? $"none of its {Total:N0} items is kept" : $"{Cached:N0} of {Total:N0} items cached";
}

/// <summary>Explains hits and misses of the result cache after the fact: the parts of the key, and which of them differ from the time before.</summary>
public sealed class CacheInquiry(ICacheStore store, ArtifactStore artifacts, ActivityCatalog catalog, TimeProvider time)
{
    /// <summary>How many items that missed are explained one by one.</summary>
    private const int MostMisses = 10;

    private readonly ResultCache cache = new(store, artifacts, time);

    /// <summary>What the cache said about each task of a run, in the order in which they wait for each other.</summary>
    /// <param name="run">The run's row.</param>
    /// <param name="state">Its state.</param>
    /// <param name="events">Its events.</param>
    /// <param name="task">Only this task, and the first of its items that no earlier result stood in for; null: all.</param>
    /// <param name="item">Only this item of the task.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<IReadOnlyList<CacheAnswer>> ExplainAsync(RunInfo run, RunState state, IReadOnlyCollection<RunEvent> events, string? task, int? item, CancellationToken cancellation)
    {
        var answers = new List<CacheAnswer>();
        foreach (var node in state.Graph.InTopologicalOrder().Where(node => task is null ? !node.Definition.Name.IsInternal : node.Definition.Name.Value == task))
        {
            answers.Add(await ExplainAsync(run, state, events, node.Definition.Name, item, cancellation));
        }

        if (task is not null && item is null && answers is [{ Items: { Looked: > 0 } counts } whole])
        {
            foreach (var missed in ItemsThatRan(state, whole, counts))
            {
                answers.Add(await ExplainAsync(run, state, events, whole.Task, missed, cancellation));
            }
        }

        return answers;
    }

    /// <summary>What the cache said about a task, or about one item of a mapped task.</summary>
    public async Task<CacheAnswer> ExplainAsync(RunInfo run, RunState state, IReadOnlyCollection<RunEvent> events, TaskName task, int? item, CancellationToken cancellation)
    {
        var own = events.OfType<TaskEvent>().Where(change => change.Task == task).ToArray();
        if (item is { } index)
        {
            return await ExplainItemAsync(run, state, own, task, index, cancellation);
        }

        var counts = CountsOf(own);
        var answer = await ExplainTaskAsync(run, state, [.. own.Where(change => change.Item is null)], task, cancellation);
        return answer with { Items = counts, Why = counts is null ? answer.Why : answer.Key is null ? counts.ToString() : $"{answer.Why}; {counts}", Outcome = counts is null || answer.Key is not null ? answer.Outcome : counts.Outcome };
    }

    /// <summary>The first items that no earlier result stood in for.</summary>
    private static IEnumerable<int> ItemsThatRan(RunState state, CacheAnswer whole, CacheItemCounts counts)
    {
        var index = state.Graph[whole.Task].Index;
        return Enumerable.Range(0, counts.Total).Where(item => state.Items.GetValueOrDefault(new TaskKey(index, item)) is not Ended { ReusedFrom: not null }).Take(MostMisses);
    }

    private async Task<CacheAnswer> ExplainTaskAsync(RunInfo run, RunState state, TaskEvent[] own, TaskName task, CancellationToken cancellation)
    {
        CacheAnswer Of(string outcome, string why) => new() { Task = task, Outcome = outcome, Why = why };
        var definition = state.Graph[task].Definition;
        if (own.OfType<TaskReused>().LastOrDefault() is { } reused)
        {
            var entry = await store.FindLatestAsync(run.Pipeline, task, item: null, reused.At, cancellation);
            var parts = entry is not null && entry.RunId == reused.From ? entry.Parts.Deserialize<CacheKeyParts>(OrcJson.Options) : null;
            return Of("hit", $"the result of run {reused.From} stands in") with { Key = parts is null ? null : entry?.Key, Parts = parts };
        }

        if (definition.Uses == SubPipelineDefinition.Uses)
        {
            return Of("unused", "a sub-pipeline's tasks are looked up each by itself");
        }

        if (own.OfType<TaskPrepared>().LastOrDefault() is not { } prepared)
        {
            return Of("unused", state[task] is Ended ? "it ended before the cache was asked" : "its turn has not come yet");
        }

        return prepared.Work is { CacheKey: null, Spread: Spread.List } ? Of("unused", "it has no items")
            : await MissAsync(run, state, new Miss(task, null, prepared.Work, prepared.At), cancellation);
    }

    private async Task<CacheAnswer> ExplainItemAsync(RunInfo run, RunState state, TaskEvent[] own, TaskName task, int item, CancellationToken cancellation)
    {
        CacheAnswer Of(string outcome, string why) => new() { Task = task, Item = item, Outcome = outcome, Why = why };
        var first = 0;
        foreach (var page in own.OfType<TaskExpanded>())
        {
            if (item < first + page.Items.Length)
            {
                var work = page.Items[item - first];
                return own.OfType<TaskReused>().FirstOrDefault(reused => reused.Item == item) is { } hit
                    ? Of("hit", $"the result of run {hit.From} stands in") with { Label = work.Label, Key = work.CacheKey, Parts = CacheKeyParts.Of(work, catalog.Get(work.Uses).Version) }
                    : own.OfType<TaskSkipped>().FirstOrDefault(skipped => skipped.Item == item) is { } skip ? Of("unused", skip.Reason) with { Label = work.Label }
                    : await MissAsync(run, state, new Miss(task, item, work, page.At), cancellation);
            }

            first += page.Items.Length;
        }

        return Of("unused", first == 0 ? "it has no items" : $"it has {first:N0} items, from 0 to {first - 1}");
    }

    /// <summary>Work that ran, and when an earlier result was looked for.</summary>
    private readonly record struct Miss(TaskName Task, int? Item, TaskWork Work, DateTimeOffset At);

    private async Task<CacheAnswer> MissAsync(RunInfo run, RunState state, Miss miss, CancellationToken cancellation)
    {
        var (task, item, work, at) = miss;
        var definition = state.Graph[task].Definition;
        if (work.CacheKey is not { } key)
        {
            return new CacheAnswer { Task = task, Item = item, Label = work.Label, Outcome = "unused", Why = work.Lane == Lane.Child ? "a child run's tasks are looked up each by itself" : WhyUnused(catalog.Get(work.Uses), definition) };
        }

        var looked = CacheKeyParts.Of(work, catalog.Get(work.Uses).Version);
        var why = definition.Cache?.Mode == CacheMode.Refresh ? "its cache is set to refresh"
            : state.Refresh.Contains(task) ? "whoever started the run wanted a new result"
            : await cache.WhyMissedAsync(run.Pipeline, task, item, looked, at, CacheKeys.Since(definition, at), cancellation);
        return new CacheAnswer { Task = task, Item = item, Label = work.Label, Outcome = "miss", Why = why, Key = key, Parts = looked };
    }

    private static CacheItemCounts? CountsOf(TaskEvent[] own)
    {
        var items = own.OfType<TaskExpanded>().SelectMany(page => page.Items).ToArray();
        return items.Length == 0 ? null : new CacheItemCounts
        {
            Total = items.Length, Cached = own.Count(change => change is TaskReused { Item: not null }), Looked = items.Count(work => work.CacheKey is not null),
        };
    }

    /// <summary>Why no earlier result is looked for.</summary>
    internal static string WhyUnused(ActivityDescriptor activity, TaskDefinition task) =>
        task.Cache?.Mode == CacheMode.Never ? "its cache is set to never"
        : activity.Cacheable ? $"nobody can tell what {activity.Type} reads here, so it runs each time; name its sources to reuse its result"
        : $"{activity.Type} acts on the world, so it runs each time";
}
