using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What must be done from time to time for all runs of an engine: renew leases, store progress, hear what other processes ask for.</summary>
internal sealed class EngineKeeper(IRunStore store, string owner, ProgressFeed progress, TimeProvider time)
{
    /// <summary>How soon a request of another process is heard. It is one indexed query, and only while runs are active.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    private readonly HashSet<string> heard = [];
    private DateTimeOffset renewed = time.GetUtcNow();

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
            if (time.GetUtcNow() - renewed >= EngineOwners.RenewEvery)
            {
                await RenewAsync(active, cancellation);
            }

            await progress.FlushAsync(cancellation);
            foreach (var request in await store.ListRequestsAsync(owner, cancellation))
            {
                await HearAsync(active, request);
            }
        }
        catch (StorageException)
        {
            // A database that is away for a moment: the next beat tries again. One that stays away ends the runs at their next commit, with its own words.
        }
    }

    private async Task RenewAsync(ConcurrentDictionary<RunId, RunCoordinator> active, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var mine = active.Keys.ToArray();
        var held = await store.RenewLeasesAsync(owner, now + EngineOwners.Lease, cancellation);
        renewed = now;
        foreach (var lost in mine.Except(held.Select(run => run.Id)))
        {
            if (active.TryGetValue(lost, out var coordinator))
            {
                coordinator.CheckOwnership();
            }
        }
    }

    private async Task HearAsync(ConcurrentDictionary<RunId, RunCoordinator> active, RunRequest request)
    {
        if (!heard.Add(request.Id) || !active.TryGetValue(request.RunId, out var coordinator))
        {
            return;
        }

        RunCommand? command = request.Kind switch
        {
            "cancel" => new CancelRun(request.By, request.Payload?.ValueKind == JsonValueKind.String ? request.Payload?.GetString() : null),
            "pause" => new PauseRun(request.By),
            "resume" => new ResumeRun(request.By),
            _ => null,
        };
        if (command is not null)
        {
            await coordinator.SendAsync(command, request.Id);
        }
    }
}
