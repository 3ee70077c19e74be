using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.Processes;

/// <summary>
/// Watches the memory of attempts that have a limit: the resident memory of their processes and of everything these have started, added up. One look at /proc serves all of
/// them; nothing runs while nothing has a limit.
/// </summary>
/// <remarks>
/// Pages that processes share count once for each of them. What grows by gigabytes between two looks is left to the kernel, which takes programs of attempts before the
/// engine (see <see cref="OwnSession"/>). Linux only; elsewhere nothing is limited. A cgroup of its own for each attempt would be exact, but an engine without
/// privileges seldom may make one.
/// </remarks>
internal sealed class MemoryGuard(LaneOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<MemoryWatch> watches = [];
    private readonly CancellationTokenSource closing = new();
    private Task watching = Task.CompletedTask;

    /// <param name="limit">In bytes; null: the watch does nothing.</param>
    /// <param name="exceeded">Called once, on another thread, with the bytes in use.</param>
    public MemoryWatch Watch(long? limit, Action<long> exceeded)
    {
        var watch = new MemoryWatch(this, limit, exceeded);
        if (limit is null || !OperatingSystem.IsLinux())
        {
            return watch;
        }

        lock (gate)
        {
            watches.Add(watch);
            if (watching.IsCompleted && !closing.IsCancellationRequested)
            {
                watching = Task.Run(WatchAsync);
            }
        }

        return watch;
    }

    public void Forget(MemoryWatch watch)
    {
        lock (gate)
        {
            watches.Remove(watch);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await watching;
        closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(options.MemoryInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(closing.Token))
            {
                MemoryWatch[] current;
                lock (gate)
                {
                    if (watches.Count == 0)
                    {
                        // The next watch starts another loop; inside the lock, so that it cannot think this one goes on.
                        watching = Task.CompletedTask;
                        return;
                    }

                    current = [.. watches];
                }

                var processes = ProcStat.All().ToList();
                foreach (var watch in current)
                {
                    watch.Look(processes);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}

/// <summary>The memory of one attempt.</summary>
internal sealed class MemoryWatch(MemoryGuard guard, long? limit, Action<long> exceeded) : IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<int> leaders = [];
    private bool told;

    /// <summary>Counts a process, the leader of its session, with all that it has started.</summary>
    public void Add(int leader)
    {
        lock (gate)
        {
            leaders.Add(leader);
        }
    }

    public void Remove(int leader)
    {
        lock (gate)
        {
            leaders.Remove(leader);
        }
    }

    public void Dispose() => guard.Forget(this);

    public void Look(IReadOnlyList<ProcStat> processes)
    {
        long used;
        lock (gate)
        {
            if (told || leaders.Count == 0)
            {
                return;
            }

            used = Family(processes).Sum(process => process.ResidentBytes);
            told = used > limit;
            if (!told)
            {
                return;
            }
        }

        exceeded(used);
    }

    /// <summary>Those in the sessions of the leaders, and the children of such, also in sessions of their own.</summary>
    private Dictionary<int, ProcStat>.ValueCollection Family(IReadOnlyList<ProcStat> processes)
    {
        var family = processes.Where(process => leaders.Contains(process.Id) || leaders.Contains(process.Session)).ToDictionary(process => process.Id);
        for (var grown = -1; grown != family.Count;)
        {
            grown = family.Count;
            foreach (var process in processes.Where(process => family.ContainsKey(process.Parent)))
            {
                family.TryAdd(process.Id, process);
            }
        }

        return family.Values;
    }
}
