using System.Collections.Immutable;
using System.Text.Json;
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

        return ArtifactFinder.Find("", entry.Outputs).All(found => artifacts.Contains(found.Artifact.Hash))
            ? new ReusedTask { From = entry.RunId, Outputs = entry.Outputs.Deserialize<ImmutableDictionary<string, JsonElement>>(OrcJson.Options) ?? [] }
            : null;
    }
}
