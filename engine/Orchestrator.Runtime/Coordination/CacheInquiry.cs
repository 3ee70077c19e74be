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
}

/// <summary>Explains hits and misses of the result cache after the fact: the parts of the key, and which of them differ from the time before.</summary>
public sealed class CacheInquiry(ICacheStore store, ArtifactStore artifacts, ActivityCatalog catalog, TimeProvider time)
{
    private readonly ResultCache cache = new(store, artifacts, time);

    public async Task<CacheAnswer> ExplainAsync(RunInfo run, RunState state, IEnumerable<RunEvent> events, TaskName task, CancellationToken cancellation)
    {
        CacheAnswer Of(string outcome, string why) => new() { Task = task, Outcome = outcome, Why = why };
        var own = events.OfType<TaskEvent>().Where(change => change.Task == task && change.Item is null).ToArray();
        var definition = state.Graph[task].Definition;
        if (own.OfType<TaskReused>().LastOrDefault() is { } reused)
        {
            var entry = await store.FindLatestAsync(run.Pipeline, task, reused.At, cancellation);
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

        if (prepared.Work.CacheKey is not { } key)
        {
            return Of("unused", definition.Map is not null ? "the items of a map are not looked up" : WhyUnused(catalog.Get(prepared.Work.Uses), definition));
        }

        var looked = new CacheKeyParts { Activity = prepared.Work.Uses, Version = catalog.Get(prepared.Work.Uses).Version, Inputs = prepared.Work.Inputs, Fingerprint = prepared.Work.Fingerprint };
        var why = definition.Cache?.Mode == CacheMode.Refresh ? "its cache is set to refresh"
            : state.Refresh.Contains(task) ? "whoever started the run wanted a new result"
            : await cache.WhyMissedAsync(run.Pipeline, task, looked, prepared.At, cancellation);
        return Of("miss", why) with { Key = key, Parts = looked };
    }

    /// <summary>Why no earlier result is looked for.</summary>
    internal static string WhyUnused(ActivityDescriptor activity, TaskDefinition task) =>
        task.Cache?.Mode == CacheMode.Never ? "its cache is set to never"
        : activity.Cacheable ? $"nobody can tell what {activity.Type} reads here, so it runs each time; name its sources to reuse its result"
        : $"{activity.Type} acts on the world, so it runs each time";
}
