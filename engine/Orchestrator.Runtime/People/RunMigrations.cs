using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>A wish to let an unfinished run go on with another definition of its pipeline.</summary>
public sealed record MigrationWish
{
    public required PipelineDefinition Pipeline { get; init; }

    /// <summary>Makes the new definition's parameters of those that the run has and the new definition too.</summary>
    public required Func<IReadOnlyDictionary<string, JsonElement>, ParameterResult> Bind { get; init; }

    /// <summary>Give up the attempts of these tasks and run them by the new definition.</summary>
    public ImmutableArray<TaskName> Restart { get; init; } = [];

    /// <summary>Let these tasks go although they have started.</summary>
    public ImmutableArray<TaskName> Drop { get; init; } = [];

    public string? Reason { get; init; }

    public required string By { get; init; }
}

/// <summary>What a migration would change, and all that speaks against it.</summary>
/// <param name="Plan">What would become of each task, with every problem.</param>
/// <param name="Before">The run's parameters.</param>
/// <param name="Request">What to send to the run.</param>
/// <param name="Command">The same for whoever works on the run himself.</param>
public sealed record MigrationCheck(MigrationPlan Plan, ImmutableSortedDictionary<string, JsonElement> Before, MigrateRequest Request, MigrateRun Command);

/// <summary>Looks at everything that speaks against a migration, before anything is changed.</summary>
public sealed class RunMigrations(RunDesk desk, IPoolStore pools, TimeProvider time)
{
    /// <exception cref="ActivityException">The run has ended (ORC5925).</exception>
    public async Task<MigrationCheck> CheckAsync(RunInfo run, MigrationWish wish, CancellationToken cancellation)
    {
        RunDesk.CheckOpen(run);
        var state = await desk.ExpectedStateAsync(run.Id, cancellation);
        var (values, wrong) = Bind(wish, state);
        var request = new MigrateRequest { Definition = DefinitionWriter.Hash(wish.Pipeline), Params = values, Restart = wish.Restart, Drop = wish.Drop, Reason = wish.Reason };
        // As the process that works on the run will read it, so that nothing differs by its spelling.
        var command = request.ToCommand(new PipelineGraph(DefinitionReader.Load(DefinitionWriter.ToJson(wish.Pipeline))), values, wish.By);
        var plan = MigrationRules.Plan(state, command);
        return new MigrationCheck(plan with { Problems = [.. wrong, .. plan.Problems, .. await PoolProblemsAsync(wish.Pipeline, cancellation)] }, state.Params, request, command);
    }

    /// <summary>Parameters that the run has keep their values; what is wrong with the others is told together with everything else.</summary>
    private static (ImmutableSortedDictionary<string, JsonElement> Values, IEnumerable<Failure> Wrong) Bind(MigrationWish wish, RunState state)
    {
        var names = wish.Pipeline.Params.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        var bound = wish.Bind(state.Params.Where(one => names.Contains(one.Key)).ToDictionary(StringComparer.Ordinal));
        if (bound.Values is { } values)
        {
            return (values.ToImmutableSortedDictionary(StringComparer.Ordinal), []);
        }

        // With something in every place the rest can be looked at all the same.
        var filled = names.ToImmutableSortedDictionary(name => name, name => state.Params.TryGetValue(name, out var value) ? value : OrcJson.ToElement<object?>(null), StringComparer.Ordinal);
        return (filled, bound.Diagnostics.Where(found => found.IsError).Select(found => new Failure { Code = found.Code, Kind = FailureKind.Work, Message = found.Message, Why = found.Why, Help = found.Help }));
    }

    private async Task<IEnumerable<Failure>> PoolProblemsAsync(PipelineDefinition pipeline, CancellationToken cancellation)
    {
        try
        {
            await PoolNeeds.CheckAsync(pools, pipeline, time.GetUtcNow(), cancellation);
            return [];
        }
        catch (ActivityException missing)
        {
            return [missing.Failure];
        }
    }
}
