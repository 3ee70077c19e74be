using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Access;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Runs;

/// <summary>Looks at what a caller's migration would do.</summary>
internal sealed class RunMigrator(RunStarts starts, RunMigrations migrations)
{
    /// <exception cref="ProblemException">The pipeline is not registered (ORC6030), or has no such version (ORC6033).</exception>
    /// <exception cref="Core.Activities.ActivityException">The run has ended (ORC5925).</exception>
    public async Task<MigrationCheck> CheckAsync(Caller caller, SeenRun run, MigrateRunBody wish, CancellationToken cancellation)
    {
        var (_, _, _, definition) = await starts.FindAsync(caller, run.Info.Pipeline, wish.Version, Permission.Read, cancellation);
        return await migrations.CheckAsync(
            run.Info,
            new MigrationWish
            {
                Pipeline = definition,
                Bind = kept => ParameterBinder.Bind(definition, new Dictionary<string, JsonElement>([.. kept.Where(one => wish.Params?.ContainsKey(one.Key) != true), .. wish.Params ?? new Dictionary<string, JsonElement>()], StringComparer.Ordinal)),
                Restart = [.. (wish.Restart ?? []).Select(task => new TaskName(task))],
                Drop = [.. (wish.Drop ?? []).Select(task => new TaskName(task))],
                Reason = wish.Reason,
                By = caller.Name,
            },
            cancellation);
    }
}
