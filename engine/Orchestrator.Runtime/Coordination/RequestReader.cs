using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Makes commands of stored requests, also of those that name something stored: the definition that a run is to go on with.</summary>
/// <param name="read">Reads the stored JSON of a definition.</param>
public sealed class RequestReader(IRunStore runs, IPoolStore pools, Func<string, PipelineDefinition> read, TimeProvider time)
{
    /// <summary>The command; <see cref="RefuseRequest"/> when the request cannot be one.</summary>
    /// <exception cref="Storage.Databases.StorageException">The database failed.</exception>
    public async Task<RunCommand> ReadAsync(RunRequest request, CancellationToken cancellation)
    {
        try
        {
            return request.Kind == MigrateRequest.Kind ? await MigrationAsync(request, cancellation) : RunRequests.ToCommand(request) ?? Refuse(request, "this version does not know such a request");
        }
        catch (JsonException)
        {
            // Written by a version that says more: not understood is not known.
            return Refuse(request, "this version does not know such a request");
        }
        catch (ActivityException impossible)
        {
            return Refuse(request, $"{impossible.Failure.Code}: {impossible.Failure.Message}");
        }
    }

    private async Task<RunCommand> MigrationAsync(RunRequest request, CancellationToken cancellation)
    {
        var wish = request.Payload?.Deserialize<MigrateRequest>(OrcJson.Options) ?? throw new JsonException("a migration without a definition");
        if (await runs.FindDefinitionAsync(wish.Definition, cancellation) is not { } stored)
        {
            return Refuse(request, $"definition {wish.Definition.Short} is not stored in this home");
        }

        var pipeline = read(stored.Json);
        await PoolNeeds.CheckAsync(pools, pipeline, time.GetUtcNow(), cancellation);
        var bound = ParameterBinder.Bind(pipeline, wish.Params);
        return bound.Values is { } values
            ? wish.ToCommand(new PipelineGraph(pipeline), values.ToImmutableSortedDictionary(StringComparer.Ordinal), request.By)
            : Refuse(request, string.Join("; ", bound.Diagnostics.Select(diagnostic => $"{diagnostic.Code}: {diagnostic.Message}")));
    }

    private static RefuseRequest Refuse(RunRequest request, string why) => new(request.Id, request.Kind, request.By, why);
}

/// <summary>The payload of <c>migrate</c>. The definition is stored before it is asked for.</summary>
public sealed record MigrateRequest
{
    public const string Kind = "migrate";

    public required DefinitionHash Definition { get; init; }

    /// <summary>Every parameter of the new definition that is not to have its default.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableArray<TaskName> Restart { get; init; } = [];

    public ImmutableArray<TaskName> Drop { get; init; } = [];

    public string? Reason { get; init; }

    public MigrateRun ToCommand(PipelineGraph graph, ImmutableSortedDictionary<string, JsonElement> values, string by) =>
        new(Definition, graph, by, Reason) { Params = values, Restart = Restart, Drop = Drop };
}
