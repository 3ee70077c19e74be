using System.Collections.Concurrent;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What must be done from time to time for all runs of an engine: renew leases, store progress, hear what other processes ask for.</summary>
internal sealed class EngineKeeper(IRunStore store, string owner, ProgressFeed progress, RequestReader requests, TimeProvider time)
{
    /// <summary>How soon a request of another process is heard. It is one indexed query, and only while runs are active.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<string> heard = [];
    private long renewed = time.GetTimestamp();

    public async Task KeepAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await BeatAsync(active, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The engine is being left.
        }
    }

    private async Task BeatAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        if (active.IsEmpty)
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
            var open = await store.ListRequestsAsync(owner, cancellation);
            // What is no longer listed was done: a server that runs for years must not remember it.
            heard.IntersectWith(open.Select(request => request.Id));
            foreach (var request in open)
            {
                await HearAsync(active, request, cancellation);
            }
        }
        catch (StorageException)
        {
            // A database that is away for a moment: the next beat tries again. One that stays away ends the runs at their next commit, with its own words.
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
