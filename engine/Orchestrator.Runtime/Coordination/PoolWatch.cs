using Orchestrator.Core.Values;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What a run would take of a pool next and cannot yet.</summary>
/// <param name="Slots">How many slots.</param>
/// <param name="Priority">The wish's priority.</param>
/// <param name="ReadySince">When it became ready, if it has waited longer than smaller ones may pass it; null: it has not.</param>
internal readonly record struct PoolWish(int Slots, int Priority, DateTimeOffset? ReadySince);

/// <summary>
/// How much room pools have, and who waits for it. The database decides; what is said here only keeps runs from asking in vain. A slot that this process
/// frees is told at once, one that another process frees by a wake-up where the database has them, or it is found by looking again.
/// </summary>
internal sealed class PoolWatch : IDisposable
{
    /// <summary>A place in line is kept by taking it again this often, and forgotten after three times as long.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    private readonly IPoolStore pools;
    private readonly TimeProvider time;
    private readonly TimeSpan patience;
    private readonly IDisposable calls;
    private readonly Lock gate = new();
    private readonly HashSet<Action> waiting = [];
    private readonly Dictionary<RunId, Dictionary<string, PoolWaiter>> places = [];
    private ITimer? timer;

    /// <param name="patience">How long smaller wishes may pass a larger one.</param>
    public PoolWatch(IPoolStore pools, IWakeUps wakeUps, TimeSpan patience, TimeProvider time)
    {
        this.pools = pools;
        this.time = time;
        this.patience = patience;
        calls = wakeUps.Listen(WakeUp.Pools, Tell);
    }

    /// <summary>What a run may take of each pool.</summary>
    public async Task<PoolRoom> RoomAsync(RunId run, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return new PoolRoom(run, await pools.LookAsync(now, cancellation), now, patience, pool => PlaceOf(run, pool)?.Since);
    }

    /// <summary>True when a wish has waited so long that smaller ones may not pass it any more.</summary>
    public bool IsOverdue(DateTimeOffset readySince) => time.GetUtcNow() - readySince >= patience;

    /// <summary>
    /// Keeps a run's places in the lines of pools true. A place that nobody else looks at is written only to be kept. Called when the turn is stored: whoever gave a place up
    /// before would be passed by another that sees the slot still free, and have lost its turn.
    /// </summary>
    /// <param name="run">The run, after its turn.</param>
    /// <param name="wishes">What it would take next, by pool.</param>
    /// <param name="taken">Pools that it has just taken slots of: there it goes to the end.</param>
    /// <param name="room">What the turn saw.</param>
    public async Task StandAsync(RunId run, IReadOnlyDictionary<string, PoolWish> wishes, IReadOnlySet<string> taken, PoolRoom room, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var moved = false;
        foreach (var (pool, wish) in wishes)
        {
            var before = PlaceOf(run, pool);
            var place = new PoolWaiter
            {
                Pool = pool,
                RunId = run,
                Slots = wish.Slots,
                Priority = wish.Priority,
                Since = wish.ReadySince ?? (taken.Contains(pool) ? now : before?.Since ?? now),
                ExpiresAt = now + (3 * Renewal),
            };
            var changed = before is null || before with { ExpiresAt = place.ExpiresAt } != place;
            var isWritten = before is null || (changed && room.IsShared(pool)) || before.ExpiresAt - now <= 2 * Renewal;
            lock (gate)
            {
                if (!places.TryGetValue(run, out var own))
                {
                    places.Add(run, own = new Dictionary<string, PoolWaiter>(StringComparer.Ordinal));
                }

                own[pool] = isWritten || before is null ? place : place with { ExpiresAt = before.ExpiresAt };
            }

            if (isWritten)
            {
                await pools.StandInLineAsync(place, cancellation);
                moved |= changed && room.IsShared(pool);
            }
        }

        if (await LeaveLinesAsync(run, pool => !wishes.ContainsKey(pool), cancellation) || moved)
        {
            // Whoever stood behind may be first now.
            Tell();
        }
    }

    /// <summary>Gives all places of a run back.</summary>
    public async Task LeaveAsync(RunId run, CancellationToken cancellation)
    {
        if (await LeaveLinesAsync(run, _ => true, cancellation))
        {
            Tell();
        }
    }

    /// <summary>Calls back once, when it is worth asking again. Called from any thread; must be quick.</summary>
    public void WaitFor(Action room)
    {
        lock (gate)
        {
            waiting.Add(room);
            // The fewer wait, the sooner they find what another process has freed.
            timer ??= time.CreateTimer(_ => Tell(), null, TimeSpan.FromMilliseconds(Math.Clamp(waiting.Count * 4, 200, 1000)), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Slots were freed, or may have been.</summary>
    public void Tell()
    {
        Action[] all;
        lock (gate)
        {
            timer?.Dispose();
            timer = null;
            all = [.. waiting];
            waiting.Clear();
        }

        foreach (var one in all)
        {
            one();
        }
    }

    public void Dispose()
    {
        calls.Dispose();
        lock (gate)
        {
            timer?.Dispose();
            timer = null;
            waiting.Clear();
        }
    }

    private PoolWaiter? PlaceOf(RunId run, string pool)
    {
        lock (gate)
        {
            return places.GetValueOrDefault(run)?.GetValueOrDefault(pool);
        }
    }

    /// <returns>True when there was a place to leave.</returns>
    private async Task<bool> LeaveLinesAsync(RunId run, Func<string, bool> isLeft, CancellationToken cancellation)
    {
        string[] left;
        lock (gate)
        {
            if (!places.TryGetValue(run, out var own))
            {
                return false;
            }

            left = [.. own.Keys.Where(isLeft)];
            foreach (var pool in left)
            {
                own.Remove(pool);
            }

            if (own.Count == 0)
            {
                places.Remove(run);
            }
        }

        foreach (var pool in left)
        {
            await pools.LeaveLineAsync(pool, run, time.GetUtcNow(), cancellation);
        }

        return left.Length > 0;
    }
}
