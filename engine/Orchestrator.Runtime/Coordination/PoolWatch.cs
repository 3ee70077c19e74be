using Orchestrator.Core.Values;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// How much room pools have, and who waits for it. The database decides; what is said here only keeps runs from asking in vain. A slot that this process
/// frees is told at once, one that another process frees by a wake-up where the database has them, or it is found by looking again.
/// </summary>
internal sealed class PoolWatch : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly IPoolStore pools;
    private readonly TimeProvider time;
    private readonly IDisposable calls;
    private readonly Lock gate = new();
    private readonly HashSet<Action> waiting = [];

    // Of each pool the one run for which slots are kept back.
    private readonly Dictionary<string, (RunId Run, int Slots)> kept = new(StringComparer.Ordinal);
    private volatile bool keepsBack;
    private ITimer? timer;

    public PoolWatch(IPoolStore pools, IWakeUps wakeUps, TimeSpan patience, TimeProvider time)
    {
        this.pools = pools;
        this.time = time;
        Patience = patience;
        calls = wakeUps.Listen(WakeUp.Pools, Tell);
    }

    /// <summary>How long smaller wishes may pass a larger one.</summary>
    public TimeSpan Patience { get; }

    /// <summary>Free slots by pool, as a run may take them: less what is kept back for another one.</summary>
    public async Task<Dictionary<string, int>> RoomAsync(RunId run, CancellationToken cancellation)
    {
        var room = (await pools.ListAsync(time.GetUtcNow(), cancellation)).ToDictionary(pool => pool.Name, pool => pool.Size - pool.Used, StringComparer.Ordinal);
        lock (gate)
        {
            foreach (var (pool, wish) in kept.Where(one => one.Value.Run != run && room.ContainsKey(one.Key)))
            {
                room[pool] -= wish.Slots;
            }
        }

        return room;
    }

    /// <summary>Keeps slots back for a run, by pool, for wishes that smaller ones have passed for too long; null: for none. Of a pool for one run at a time; the first.</summary>
    public void KeepBack(RunId run, IReadOnlyDictionary<string, int>? wishes)
    {
        if (wishes is null && !keepsBack)
        {
            return;
        }

        lock (gate)
        {
            foreach (var pool in kept.Where(one => one.Value.Run == run && wishes?.ContainsKey(one.Key) != true).Select(one => one.Key).ToArray())
            {
                kept.Remove(pool);
            }

            foreach (var (pool, slots) in wishes ?? new Dictionary<string, int>())
            {
                kept.TryAdd(pool, (run, slots));
            }

            keepsBack = kept.Count > 0;
        }
    }

    /// <summary>Calls back once, when it is worth asking again. Called from any thread; must be quick.</summary>
    public void WaitFor(Action room)
    {
        lock (gate)
        {
            waiting.Add(room);
            timer ??= time.CreateTimer(_ => Tell(), null, LookAgain, Timeout.InfiniteTimeSpan);
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
}
