using Orchestrator.Cli.Composition;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl;
using Orchestrator.Scheduling;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Cli.Schedules;

/// <summary>A pipeline that is registered in the home, as it is now.</summary>
internal sealed record RegisteredPipeline(PipelineInfo Info, StoredDefinition Stored, PipelineDefinition Definition)
{
    /// <exception cref="Core.Activities.ActivityException">There is none of that name (ORC6210).</exception>
    public static async Task<RegisteredPipeline> FindAsync(OrcSession session, string name, CancellationToken cancellation)
    {
        if (await session.Stores.Pipelines.FindAsync(name, cancellation) is not { IsRemoved: false } info || await session.Stores.Definitions.FindAsync(info.Hash, cancellation) is not { } stored)
        {
            var known = await session.Stores.Pipelines.ListAsync(new PipelineFilter { Limit = 1000 }, cancellation);
            throw SchedulingErrors.NoSuchPipeline(name, known.Select(one => one.Name));
        }

        return new RegisteredPipeline(info, stored, DefinitionReader.Load(stored.Json));
    }
}
