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
            for (var start = 0; start < attempt.Facts.Count;)
            {
                var kind = attempt.Facts[start].Kind;
                var handler = byKind.TryGetValue(kind, out var found) ? found : throw StorageErrors.NoFactHandler(kind);
                var same = attempt.Facts.Skip(start).TakeWhile(fact => fact.Kind == kind).Select(fact => fact.Value).ToList();
                await handler.ApplyManyAsync(session, attempt.Context, same, cancellation);
                start += same.Count;
            }
        }
    }
}
