using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Storage.Pools;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Whether a pipeline's tasks can ever get the slots they ask for.</summary>
public static class PoolNeeds
{
    /// <summary>A run that waited for a pool nobody has made would wait for ever.</summary>
    /// <exception cref="ActivityException">A task names a pool that does not exist, or wants more slots than it has (ORC5246).</exception>
    public static async Task CheckAsync(IPoolStore store, PipelineDefinition pipeline, DateTimeOffset now, CancellationToken cancellation)
    {
        var tasks = new PipelineGraph(pipeline).Nodes.Select(node => node.Definition).Where(task => task.Pool is not null).ToArray();
        if (tasks.Length == 0)
        {
            return;
        }

        var pools = (await store.ListAsync(now, cancellation)).ToDictionary(pool => pool.Name, StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (!pools.TryGetValue(task.Pool ?? "", out var pool) || pool.Size < task.PoolSlots)
            {
                throw EngineErrors.NoPool(task, pool);
            }
        }
    }
}
