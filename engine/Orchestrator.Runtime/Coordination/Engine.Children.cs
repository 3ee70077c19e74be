using System.Collections.Immutable;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>What a run of its own shares with the run whose task it does.</content>
public sealed partial class Engine
{
    /// <summary>The concurrency key of a run that is about to be accepted. A child whose parent, or a run above that, holds the same key goes on under it: waiting for it would be waiting for itself.</summary>
    private async Task<RunKey?> KeyOfAsync(RunStart start, RunId id, CancellationToken cancellation)
    {
        var key = RunKeys.Of(start.Pipeline, start.Params, id, start.Trigger);
        var at = key is null || start.Child is null ? null : start.Parent;
        while (at is { } above && await parts.Runs.FindAsync(above, cancellation) is { } run && await parts.Runs.FindDefinitionAsync(run.Definition, cancellation) is { } stored)
        {
            var values = run.Params.EnumerateObject().ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
            if (RunKeys.Of(parts.ReadDefinition(stored.Json), values, run.Id, run.Trigger is { } trigger ? OrcJson.FromElement<RunTrigger>(trigger) : null)?.Name == key?.Name)
            {
                return null;
            }

            at = run.Relation == RunRelations.Child ? run.Parent : null;
        }

        return key;
    }
}
