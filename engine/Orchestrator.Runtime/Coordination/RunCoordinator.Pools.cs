using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>Who passes whom in the line for a pool.</content>
internal sealed partial class RunCoordinator
{
    private sealed partial class Turn
    {
        /// <summary>Slots by pool that nobody else may take, as the plan of this turn found.</summary>
        private Dictionary<string, int>? keptBack;

        /// <summary>
        /// One that wants more slots than are free does not hold back a smaller one behind it, which may have ended before the rest comes free. But smaller ones could pass it
        /// for ever: when it has waited for <see cref="LanePlaceOptions.PoolPatience"/>, nobody passes it any more, neither in its run nor in another of this process.
        /// </summary>
        private bool MaySmallerPass(RunState planned, ReadyLine line, TaskKey key, Dictionary<string, int> room, HashSet<string> full)
        {
            if (line.Pool is not { } pool || full.Contains(pool) || room.GetValueOrDefault(pool) <= 0)
            {
                return false;
            }

            if (planned[key] is Ready ready && owner.time.GetUtcNow() - ready.Since >= owner.pools.Patience)
            {
                (keptBack ??= new Dictionary<string, int>(StringComparer.Ordinal)).TryAdd(pool, SlotsOf(planned, key));
                // The run's other lanes draw on the same pool.
                room[pool] = 0;
                return false;
            }

            // Where all want as much, nobody fits: a long line is not looked through in vain.
            return planned.Graph.Nodes.Any(node => node.Definition.Pool == pool && node.Definition.PoolSlots <= room[pool]);
        }
    }
}
