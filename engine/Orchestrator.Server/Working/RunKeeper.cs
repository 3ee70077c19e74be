using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Working;

/// <summary>Works on runs: those that are started here, by callers or by themselves, and every unfinished one that nobody works on, whoever left it and why.</summary>
internal sealed partial class RunKeeper(Engine engine, IRunStore runs, RunFeed feed, ServerMeters meters, ServerState state, TimeProvider time, ILogger<RunKeeper> log, ILogger<RunEar> earLog) : BackgroundService, IRunStarter
{
    /// <summary>How soon a run that nobody works on any more is taken up. One indexed query over the few unfinished ones.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<RunId, (int Times, long Since)> failing = new();

    /// <summary>Accepts a run and works on it; or answers the one that a start with the same key started before.</summary>
    public async Task<SubmittedRun> StartAsync(RunStart start, CancellationToken cancellation)
    {
        state.CheckTaking();
        return (await BeginAsync(start, cancellation)).Submitted;
    }

    /// <summary>The same for what starts by itself, until the scheduler is stopped, which is before anything is drained.</summary>
    async Task<StartedRun> IRunStarter.StartAsync(RunStart start, CancellationToken cancellation)
    {
        var (submitted, end) = await BeginAsync(start, cancellation);
        return new StartedRun(submitted.Run.Id, end);
    }

    private async Task<(SubmittedRun Submitted, Task End)> BeginAsync(RunStart start, CancellationToken cancellation)
    {
        var submitted = await engine.SubmitAsync(start, NewEar(), cancellation);
        return (submitted, submitted.Handle is { } handle ? SeeToItsEndAsync(handle) : Task.CompletedTask);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        meters.Watch("orc.runs.active", "Runs that this server works on.", () => engine.ActiveRuns);
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                await TakeUpAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task TakeUpAsync(CancellationToken cancellation)
    {
        if (state.IsDraining)
        {
            return;
        }

        try
        {
            foreach (var run in await engine.ListUnownedAsync(cancellation))
            {
                await TakeUpAsync(run, cancellation);
            }
        }
        catch (StorageException away)
        {
            LogAway(log, away.Code, away.Message);
        }
    }

    public async Task TakeUpAsync(RunId run, CancellationToken cancellation)
    {
        if (IsPausing(run) || engine.IsWorkingOn(run) || await IsParentsJobAsync(run, cancellation))
        {
            return;
        }

        try
        {
            var handle = await engine.ResumeAsync(run, NewEar(), cancellation);
            LogTakenUp(log, run);
            _ = SeeToItsEndAsync(handle);
        }
        catch (ActivityException)
        {
            // It has ended, or another process was faster.
        }
        catch (Exception failed) when (failed is not OperationCanceledException and not StorageException)
        {
            // One run that cannot be read must not keep the others waiting.
            Pause(run);
            LogCannotTakeUp(log, failed, run);
        }
    }

    /// <summary>A child is taken up by the task whose work it does.</summary>
    private async Task<bool> IsParentsJobAsync(RunId run, CancellationToken cancellation) =>
        await runs.FindAsync(run, cancellation) is { Relation: RunRelations.Child, Parent: { } parent } && await runs.FindAsync(parent, cancellation) is { EndedAt: null };

    /// <summary>Never fails.</summary>
    private async Task SeeToItsEndAsync(RunHandle handle)
    {
        try
        {
            await handle.Completion;
            failing.TryRemove(handle.Id, out _);
        }
        catch (OwnershipLostException)
        {
            LogLost(log, handle.Id);
        }
        catch (Exception failed)
        {
            Pause(handle.Id);
            LogFailed(log, failed, handle.Id);
        }
    }

    private bool IsPausing(RunId run) => failing.TryGetValue(run, out var last) && time.GetElapsedTime(last.Since) < PauseAfter(last.Times);

    private void Pause(RunId run) => failing.AddOrUpdate(run, (1, time.GetTimestamp()), (_, last) => (last.Times + 1, time.GetTimestamp()));

    private static TimeSpan PauseAfter(int times) => TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 5 * Math.Pow(2, Math.Min(times, 10))));

    private RunEar NewEar() => new(feed, meters, earLog);

    [LoggerMessage(6110, LogLevel.Information, "run {Run} goes on here")]
    private static partial void LogTakenUp(ILogger log, RunId run);

    [LoggerMessage(6111, LogLevel.Error, "run {Run} cannot go on here; it is tried again later")]
    private static partial void LogCannotTakeUp(ILogger log, Exception error, RunId run);

    [LoggerMessage(6112, LogLevel.Warning, "another process has taken run {Run} over")]
    private static partial void LogLost(ILogger log, RunId run);

    [LoggerMessage(6113, LogLevel.Error, "run {Run} stopped in the middle; nothing that was finished is lost, and it is tried again later")]
    private static partial void LogFailed(ILogger log, Exception error, RunId run);

    [LoggerMessage(6114, LogLevel.Warning, "the database does not answer: {Code} {Reason}")]
    private static partial void LogAway(ILogger log, string code, string reason);
}
