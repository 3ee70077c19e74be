using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>Who passes whom in the line for a pool.</content>
internal sealed partial class RunCoordinator
{
    private sealed partial class Turn
    {
        private readonly Dictionary<string, PoolWish> wishes = new(StringComparer.Ordinal);
        private readonly HashSet<string> taken = new(StringComparer.Ordinal);
        private PoolRoom room = PoolRoom.None;

        /// <summary>
        /// One that wants more slots than are free does not hold back a smaller one behind it, which may have ended before the rest comes free. But smaller ones could pass it
        /// for ever: when it has waited for <see cref="LanePlaceOptions.PoolPatience"/>, nobody passes it any more, neither in its run nor in another.
        /// </summary>
        private bool MaySmallerPass(RunState planned, ReadyLine line, TaskKey key, HashSet<string> full)
        {
            if (line.Pool is not { } pool)
            {
                return false;
            }

            var overdue = planned[key] is Ready ready && owner.pools.IsOverdue(ready.Since) ? ready.Since : (DateTimeOffset?)null;
            var wish = new PoolWish(SlotsOf(planned, key), PriorityOf(planned, key), overdue);
            if (!wishes.TryGetValue(pool, out var other) || wish.Priority > other.Priority)
            {
                wishes[pool] = wish;
            }

            var left = room.Of(pool, wish.Priority);
            if (full.Contains(pool) || left <= 0)
            {
                return false;
            }

            if (overdue is not null)
            {
                // The run's other lanes draw on the same pool.
                room.Close(pool);
                return false;
            }

            // Where all want as much, nobody fits: a long line is not looked through in vain.
            return planned.Graph.Nodes.Any(node => node.Definition.Pool == pool && node.Definition.PoolSlots <= left);
        }

        private bool HasRoom(RunState planned, ReadyLine line, TaskKey key, HashSet<string> full) =>
            line.Pool is not { } pool || (!full.Contains(pool) && room.Of(pool, PriorityOf(planned, key)) >= SlotsOf(planned, key));

        private static int SlotsOf(RunState state, TaskKey key) => state.Graph.Nodes[key.Task].Definition.PoolSlots;

        private static int PriorityOf(RunState state, TaskKey key) => state.Graph.Nodes[key.Task].Definition.Priority;
    }
}
