using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Folds what is stored of a run, also when it was given another definition on the way.</summary>
public static class RunHistory
{
    /// <param name="store">Has the earlier definitions.</param>
    /// <param name="loaded">The run with the definition it has now.</param>
    /// <param name="read">Reads the stored JSON of a definition.</param>
    /// <exception cref="Core.Activities.ActivityException">Retention has removed events of the run (ORC6401).</exception>
    public static async Task<RunState> ReplayAsync(IRunStore store, LoadedRun loaded, Func<string, PipelineDefinition> read, CancellationToken cancellation)
    {
        if (loaded.Events.Count < loaded.Run.Sequence)
        {
            throw RetentionErrors.EventsRemoved(loaded.Run.Id.Value);
        }

        var events = loaded.Events.Select(RunEvents.Read).ToArray();
        var last = new PipelineGraph(read(loaded.Definition.Json));
        var migrations = events.OfType<RunMigrated>().ToArray();
        if (migrations.Length == 0)
        {
            return RunFold.Replay(last, events);
        }

        var graphs = new Dictionary<DefinitionHash, PipelineGraph> { [loaded.Definition.Hash] = last };
        foreach (var hash in migrations.Select(migration => migration.From).Where(hash => !graphs.ContainsKey(hash)).Distinct().ToArray())
        {
            var stored = await store.FindDefinitionAsync(hash, cancellation) ?? throw new InvalidOperationException($"the run {loaded.Run.Id} had a definition {hash.Short}, and it is not stored");
            graphs[hash] = new PipelineGraph(read(stored.Json));
        }

        return RunFold.Replay(graphs[migrations[0].From], events, hash => graphs[hash]);
    }
}
