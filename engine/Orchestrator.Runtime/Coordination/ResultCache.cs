using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Storage.Caching;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Earlier results, as long as every file they refer to is still there.</summary>
internal sealed class ResultCache(ICacheStore store, ArtifactStore artifacts, TimeProvider time) : IResultCache
{
    public async Task<ReusedTask?> FindAsync(string key, DateTimeOffset? since, CancellationToken cancellation)
    {
        if (await store.FindAsync(key, time.GetUtcNow(), cancellation) is not { } entry || entry.CreatedAt < since)
        {
            return null;
        }

        return IsWhole(entry) ? Reuse(entry) : null;
    }

    public async Task<IReadOnlyDictionary<string, ReusedTask>> FindAllAsync(IReadOnlyCollection<string> keys, DateTimeOffset? since, CancellationToken cancellation)
    {
        var found = await store.FindAllAsync(keys, time.GetUtcNow(), cancellation);
        return found.Where(entry => !(entry.CreatedAt < since) && IsWhole(entry)).ToDictionary(entry => entry.Key, Reuse, StringComparer.Ordinal);
    }

    private static ReusedTask Reuse(CacheEntry entry) => new() { From = entry.RunId, Outputs = entry.Outputs.Deserialize<ImmutableDictionary<string, JsonElement>>(OrcJson.Options) ?? [] };

    /// <summary>A sentence about why nothing stands in for a task: what differs from the result that the same task left before.</summary>
    /// <param name="item">The item of a mapped task; null: the task itself.</param>
    /// <param name="since">Results older than this do not count.</param>
    public async Task<string> WhyMissedAsync(string pipeline, TaskName task, int? item, CacheKeyParts parts, DateTimeOffset before, DateTimeOffset? since, CancellationToken cancellation)
    {
        if (await store.FindLatestAsync(pipeline, task, item, before, cancellation) is not { } latest)
        {
            return "it has left no result in this home yet";
        }

        var differences = CacheKeyDifferences.Between(latest.Parts.Deserialize<CacheKeyParts>(OrcJson.Options) ?? parts, parts);
        return differences.Count > 0 ? $"since run {latest.RunId}: {string.Join("; ", differences)}"
            : latest.Key == parts.Hash() && !IsWhole(latest) ? $"files of its result in run {latest.RunId} are gone"
            : latest.CreatedAt < since ? $"its result in run {latest.RunId} is older than its cache allows"
            : $"its result in run {latest.RunId} was not yet stored when it was looked for";
    }

    private bool IsWhole(CacheEntry entry) => ArtifactFinder.Find("", entry.Outputs).All(found => artifacts.Contains(found.Artifact.Hash));
}
