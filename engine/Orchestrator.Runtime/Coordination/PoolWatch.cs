using Orchestrator.Storage.Pools;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// How much room pools have, and who waits for it. The database decides; what is said here only keeps runs from asking in vain. A slot that this process
/// frees is told at once, one that another process frees is found by looking again.
/// </summary>
internal sealed class PoolWatch(IPoolStore pools, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly HashSet<Action> waiting = [];
    private ITimer? timer;

    /// <summary>Free slots by pool.</summary>
    public async Task<Dictionary<string, int>> RoomAsync(CancellationToken cancellation) =>
        (await pools.ListAsync(time.GetUtcNow(), cancellation)).ToDictionary(pool => pool.Name, pool => pool.Size - pool.Used, StringComparer.Ordinal);

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
        lock (gate)
        {
            timer?.Dispose();
            timer = null;
            waiting.Clear();
        }
    }
}
