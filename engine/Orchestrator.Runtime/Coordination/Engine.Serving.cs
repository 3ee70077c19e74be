using System.Collections.Concurrent;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What became of a start.</summary>
public sealed record SubmittedRun
{
    public required RunInfo Run { get; init; }

    /// <summary>The run as this process works on it; null: a start with the same key had started it before.</summary>
    public RunHandle? Handle { get; init; }

    public bool IsNew => Handle is not null;
}

/// <content>What a process needs that works on runs for years, and not on one to its end.</content>
public sealed partial class Engine
{
    // Ends, and never fails, when a run is left here; how it ended is told to whoever has its handle.
    private readonly ConcurrentDictionary<RunCoordinator, Task> working = new();
    private volatile bool draining;

    /// <summary>How many runs this process works on now.</summary>
    public int ActiveRuns => active.Count;

    /// <summary>True while this process works on the run.</summary>
    public bool IsWorkingOn(RunId run) => active.ContainsKey(run);

    /// <summary>Unfinished runs that nobody works on: given back, left by a process that is dead, or held by a lease that has expired. Oldest first.</summary>
    public async Task<IReadOnlyList<RunId>> ListUnownedAsync(CancellationToken cancellation) =>
        await parts.Runs.ListClaimableAsync(parts.Time.GetUtcNow(), EngineOwners.Dead(await parts.Runs.ListOwnersAsync(cancellation)), cancellation);

    /// <summary>
    /// Starts nothing more and lets what is under way come to its end; then asks what is left to stop, and in the end kills it. Every run is given back, so that another process, or
    /// this one's next start, goes on with it at once.
    /// </summary>
    /// <param name="patience">How long attempts may take to come to their end.</param>
    /// <param name="grace">How long those that were asked to stop may take.</param>
    /// <param name="hurry">Cancelled: the patience is over at once.</param>
    public async Task DrainAsync(TimeSpan patience, TimeSpan grace, CancellationToken hurry)
    {
        draining = true;
        foreach (var coordinator in active.Values)
        {
            coordinator.Drain();
        }

        if (await AllLeftAsync(patience, hurry))
        {
            return;
        }

        foreach (var coordinator in active.Values)
        {
            coordinator.Interrupt();
        }

        if (!await AllLeftAsync(grace, CancellationToken.None))
        {
            foreach (var coordinator in active.Values)
            {
                coordinator.Kill();
            }

            await AllLeftAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        }
    }

    private async Task<bool> AllLeftAsync(TimeSpan limit, CancellationToken hurry)
    {
        var begun = parts.Time.GetTimestamp();
        // A parent that is left ends after its children, and may have begun one just now.
        while (working.Values.ToArray() is { Length: > 0 } open)
        {
            var rest = limit == Timeout.InfiniteTimeSpan ? limit : limit - parts.Time.GetElapsedTime(begun);
            if (rest != Timeout.InfiniteTimeSpan && rest <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                await Task.WhenAll(open).WaitAsync(rest, parts.Time, hurry);
            }
            catch (Exception over) when (over is TimeoutException or OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    private async Task GiveBackAsync(RunId run, long epoch)
    {
        try
        {
            await parts.Runs.ReleaseAsync(run, epoch, CancellationToken.None);
        }
        catch (StorageException)
        {
            // The store failed; what it said first is on its way to whoever has the handle.
        }
    }
}
