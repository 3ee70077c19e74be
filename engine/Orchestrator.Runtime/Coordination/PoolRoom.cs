using Orchestrator.Core.Values;
using Orchestrator.Storage.Pools;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// What one run may take of pools now: what is free, less what runs before it in the line are about to take. Runs stand in line by priority and then by how long ago
/// they last took slots, so those that share a pool take turns, whatever their size and whichever process works on them. One that wants more than is free is passed,
/// since what passes may have ended before the rest comes free; once it has waited too long nobody passes it.
/// </summary>
internal sealed class PoolRoom
{
    private readonly RunId run;
    private readonly DateTimeOffset now;
    private readonly TimeSpan patience;
    private readonly Func<string, DateTimeOffset?> since;
    private readonly Dictionary<string, int> free;
    private readonly ILookup<string, PoolWaiter> others;

    /// <param name="run">Whose room it is.</param>
    /// <param name="seen">Pools and lines.</param>
    /// <param name="now">When they were looked at.</param>
    /// <param name="patience">How long a larger wish may be passed.</param>
    /// <param name="since">When the run took its place in a pool's line; null: it has none.</param>
    public PoolRoom(RunId run, PoolView seen, DateTimeOffset now, TimeSpan patience, Func<string, DateTimeOffset?> since)
    {
        (this.run, this.now, this.patience, this.since) = (run, now, patience, since);
        free = seen.Pools.ToDictionary(pool => pool.Name, pool => pool.Size - pool.Used, StringComparer.Ordinal);
        others = seen.Line.Where(waiter => waiter.RunId != run).ToLookup(waiter => waiter.Pool, StringComparer.Ordinal);
    }

    /// <summary>Nothing of any pool, for turns that need none.</summary>
    public static PoolRoom None { get; } = new(new RunId("none"), new PoolView([], []), DateTimeOffset.MinValue, TimeSpan.Zero, _ => null);

    /// <summary>True when another run waits for the pool too.</summary>
    public bool IsShared(string pool) => others.Contains(pool);

    /// <summary>How many slots the run may take with a wish of this priority.</summary>
    public int Of(string pool, int priority)
    {
        var left = free.GetValueOrDefault(pool);
        var own = (Since: since(pool) ?? now, Run: run.Value);
        foreach (var waiter in others[pool])
        {
            var isBefore = waiter.Priority != priority ? waiter.Priority > priority
                : waiter.Since != own.Since ? waiter.Since < own.Since : string.CompareOrdinal(waiter.RunId.Value, own.Run) < 0;
            if (isBefore && (waiter.Slots <= left || now - waiter.Since >= patience))
            {
                left -= waiter.Slots;
            }
        }

        return left;
    }

    public void Take(string pool, int slots) => free[pool] = free.GetValueOrDefault(pool) - slots;

    /// <summary>Nothing more of this pool in this turn.</summary>
    public void Close(string pool) => free[pool] = 0;
}
