using System.Collections.Concurrent;
using System.Threading.Channels;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What must be done from time to time for all runs of an engine: renew leases, store progress, hear what other processes ask for.</summary>
/// <remarks>Requests are looked for when another process calls, and without a call as often as the database's wake-ups say: it is one indexed query, and only while runs are active.</remarks>
internal sealed class EngineKeeper(IRunStore store, IWakeUps wakeUps, string owner, ProgressFeed progress, RequestReader requests, TimeProvider time)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    /// <summary>Full: somebody called since the last look.</summary>
    private readonly Channel<bool> calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<string> heard = [];
    private readonly HashSet<RunId> stray = [];
    private long looked = time.GetTimestamp();
    private int inVain;
    private long renewed = time.GetTimestamp();

    public async Task KeepAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        using var listening = wakeUps.Listen(WakeUp.Requests, () => calls.Writer.TryWrite(true));
        await Task.WhenAll(BeatAsync(), AnswerAsync());

        async Task BeatAsync()
        {
            using var timer = new PeriodicTimer(Beat, time);
            await UntilLeftAsync(async () =>
            {
                await timer.WaitForNextTickAsync(cancellation);
                await KeepOnceAsync(active, cancellation);
                if (time.GetElapsedTime(looked) + (Beat / 2) >= wakeUps.LookAgain(inVain))
                {
                    calls.Writer.TryWrite(true);
                }
            }, cancellation);
        }

        Task AnswerAsync() => UntilLeftAsync(async () =>
        {
            await calls.Reader.ReadAsync(cancellation);
            await LookAsync(active, cancellation);
        }, cancellation);
    }

    private static async Task UntilLeftAsync(Func<Task> turn, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await turn();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The engine is being left.
        }
    }

    private async Task KeepOnceAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        if (active.IsEmpty && stray.Count == 0)
        {
            return;
        }

        try
        {
            // Not by the time of day: a clock that was set back would stop the renewals.
            if (time.GetElapsedTime(renewed) >= EngineOwners.RenewEvery)
            {
                await RenewAsync(active, cancellation);
            }

            await progress.FlushAsync(cancellation);
        }
        catch (StorageException)
        {
            // A database that is away for a moment: the next beat tries again. One that stays away ends the runs at their next commit, with its own words.
        }
    }

    private async Task LookAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        if (active.IsEmpty)
        {
            return;
        }

        try
        {
            looked = time.GetTimestamp();
            var open = await store.ListRequestsAsync(owner, cancellation);
            inVain = open.Count == 0 ? inVain + 1 : 0;
            // What is no longer listed was done: a server that runs for years must not remember it.
            heard.IntersectWith(open.Select(request => request.Id));
            foreach (var request in open)
            {
                await HearAsync(active, request, cancellation);
            }
        }
        catch (StorageException)
        {
            // As above.
        }
    }

    private async Task RenewAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        var now = time.GetTimestamp();
        var mine = active.Keys.ToArray();
        var held = await store.RenewLeasesAsync(owner, time.GetUtcNow() + EngineOwners.Lease, cancellation);
        renewed = now;
        foreach (var lost in mine.Except(held.Select(run => run.Id)))
        {
            if (active.TryGetValue(lost, out var coordinator))
            {
                coordinator.CheckOwnership();
            }
        }

        await GiveStraysBackAsync(active, held, cancellation);
    }

    /// <summary>
    /// A run whose work ended without its row, because the store failed just then, would stay here for ever: its lease is renewed and nobody works on it. One that is seen so twice, several seconds
    /// apart, is given back; one that is only just beginning is seen once.
    /// </summary>
    private async Task GiveStraysBackAsync(ConcurrentDictionary<RunId, RunCoordinator> active, IReadOnlyList<HeldRun> held, CancellationToken cancellation)
    {
        var idle = held.Where(run => !active.ContainsKey(run.Id)).ToArray();
        foreach (var run in idle.Where(run => stray.Contains(run.Id)))
        {
            await store.ReleaseAsync(run.Id, run.Epoch, cancellation);
        }

        stray.Clear();
        stray.UnionWith(idle.Select(run => run.Id));
    }

    private async Task HearAsync(ConcurrentDictionary<RunId, RunCoordinator> active, RunRequest request, CancellationToken cancellation)
    {
        if (heard.Contains(request.Id) || !active.TryGetValue(request.RunId, out var coordinator))
        {
            return;
        }

        // Read before it counts as heard: when the database is away, the next beat tries again.
        var command = await requests.ReadAsync(request, cancellation);
        heard.Add(request.Id);
        await coordinator.SendAsync(request, command);
    }
}
