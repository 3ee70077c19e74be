using Microsoft.Extensions.Hosting;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Working;

/// <summary>Tells followers of all runs what happens in runs that other processes work on: commands on the same home, other servers on the same database. Looks only while somebody follows.</summary>
internal sealed class OthersWatch(Engine engine, IRunStore runs, RunFeed feed, TimeProvider time) : BackgroundService
{
    private const int Page = 1000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Dictionary<RunId, long> seen = [];
    private RunId newest;
    private bool watching;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        if (!feed.IsFollowed)
        {
            (watching, newest) = (false, default);
            seen.Clear();
            return;
        }

        try
        {
            var open = await runs.ListAsync(new RunFilter { Unfinished = true, Limit = Page }, cancellation);
            foreach (var run in open.Reverse())
            {
                if (engine.IsWorkingOn(run.Id))
                {
                    // Its own ear tells.
                    seen.Remove(run.Id);
                }
                else
                {
                    await TellAsync(run, cancellation);
                }
            }

            // What is no longer among the unfinished has ended since, here or elsewhere.
            foreach (var gone in seen.Keys.Except(open.Select(run => run.Id)).ToArray())
            {
                if (await runs.FindAsync(gone, cancellation) is { } run && !engine.IsWorkingOn(gone))
                {
                    await TellAsync(run, cancellation);
                }

                seen.Remove(gone);
            }

            watching = true;
            newest = open.Count > 0 && IsNewer(open[0].Id) ? open[0].Id : newest;
        }
        catch (StorageException)
        {
            // The next look sees it.
        }
    }

    private bool IsNewer(RunId run) => string.CompareOrdinal(run.Value, newest.Value ?? "") > 0;

    private async Task TellAsync(RunInfo run, CancellationToken cancellation)
    {
        if (!seen.TryGetValue(run.Id, out var told))
        {
            // What was there when somebody began to follow is not news; a run that came later is, from its beginning.
            told = watching && IsNewer(run.Id) ? 0 : run.Sequence;
        }

        while (told < run.Sequence && await runs.ListEventsAsync(run.Id, told, Page, cancellation) is { Count: > 0 } events)
        {
            feed.Tell(run.Id, run.Pipeline, told + 1, [.. events.Select(RunEvents.Read)]);
            told = events[^1].Sequence;
        }

        seen[run.Id] = told;
    }
}
