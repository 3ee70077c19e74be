using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Triggers;

/// <summary>The triggers of stored definitions. A definition never changes, so what was read once is kept.</summary>
internal sealed class TriggerCatalog(IDefinitionStore definitions, Func<string, PipelineDefinition> readDefinition)
{
    /// <summary>More than anybody has registered at once; older versions of pipelines make room.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<DefinitionHash, ImmutableArray<TriggerPlan>> known = new();

    /// <summary>All triggers of a definition, in its order.</summary>
    /// <exception cref="System.Text.Json.JsonException">A later version wrote it.</exception>
    public async Task<ImmutableArray<TriggerPlan>> ListAsync(DefinitionHash hash, CancellationToken cancellation)
    {
        if (known.TryGetValue(hash, out var plans))
        {
            return plans;
        }

        var stored = await definitions.FindAsync(hash, cancellation) ?? throw new InvalidOperationException($"the definition {hash} is registered and not stored");
        var pipeline = readDefinition(stored.Json);
        plans = [.. TriggerNames.Of(pipeline).Select(one => new TriggerPlan(pipeline, stored, one.Name, one.Trigger))];
        if (known.Count >= Most)
        {
            known.Clear();
        }

        return known[hash] = plans;
    }

    /// <summary>Null: its definition has it no more, which a sync will find out.</summary>
    public async Task<TriggerPlan?> FindAsync(TriggerInfo trigger, CancellationToken cancellation) =>
        (await ListAsync(trigger.Definition, cancellation)).FirstOrDefault(plan => plan.Name == trigger.Name);
}
