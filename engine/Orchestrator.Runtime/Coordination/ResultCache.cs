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

        return IsWhole(entry)
            ? new ReusedTask { From = entry.RunId, Outputs = entry.Outputs.Deserialize<ImmutableDictionary<string, JsonElement>>(OrcJson.Options) ?? [] }
            : null;
    }

    /// <summary>A sentence about why nothing stands in for a task: what differs from the result that the same task left before.</summary>
    public async Task<string> WhyMissedAsync(string pipeline, TaskName task, CacheKeyParts parts, DateTimeOffset before, CancellationToken cancellation)
    {
        if (await store.FindLatestAsync(pipeline, task, before, cancellation) is not { } latest)
        {
            return "it has left no result in this home yet";
        }

        var differences = CacheKeyDifferences.Between(latest.Parts.Deserialize<CacheKeyParts>(OrcJson.Options) ?? parts, parts);
        return differences.Count > 0 ? $"since run {latest.RunId}: {string.Join("; ", differences)}"
            : latest.Key == parts.Hash() && !IsWhole(latest) ? $"files of its result in run {latest.RunId} are gone"
            : $"its result in run {latest.RunId} is older than its cache allows";
    }

    private bool IsWhole(CacheEntry entry) => ArtifactFinder.Find("", entry.Outputs).All(found => artifacts.Contains(found.Artifact.Hash));
}
