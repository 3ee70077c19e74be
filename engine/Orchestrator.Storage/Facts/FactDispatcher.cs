using System.Collections.Frozen;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Facts;

/// <summary>Hands facts to the families they belong to.</summary>
internal sealed class FactDispatcher(IEnumerable<IFactHandler> handlers)
{
    private readonly FrozenDictionary<string, IFactHandler> byKind = handlers
        .GroupBy(handler => handler.Kind, StringComparer.Ordinal)
        .ToFrozenDictionary(
            same => same.Key,
            same => same.Count() == 1 ? same.First() : throw new ArgumentException($"{same.Count()} handlers take facts of the kind \"{same.Key}\"", nameof(handlers)),
            StringComparer.Ordinal);

    public async Task ApplyAsync(IWriteSession session, IReadOnlyList<AttemptFacts> attempts, CancellationToken cancellation)
    {
        foreach (var attempt in attempts)
        {
            foreach (var fact in attempt.Facts)
            {
                var handler = byKind.TryGetValue(fact.Kind, out var found) ? found : throw StorageErrors.NoFactHandler(fact.Kind);
                await handler.ApplyAsync(session, attempt.Context, fact.Value, cancellation);
            }
        }
    }
}
