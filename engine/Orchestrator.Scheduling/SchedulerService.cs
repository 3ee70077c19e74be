using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Scheduling.Alarms;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling;

/// <summary>
/// Starts runs by themselves: schedules, triggers and backfills of the registered pipelines. Several services may work on one database, in one process or many: each tick has one run.
/// What it needs to go on after a restart or a kill is in the database.
/// </summary>
/// <remarks>Stop it before the engine that it starts runs with.</remarks>
public sealed partial class SchedulerService : IAsyncDisposable
{
    /// <summary>No trigger has this name: theirs have a slash.</summary>
    private const string Net = "net";

    private readonly SchedulerParts parts;
    private readonly SchedulerCore core;
    private readonly CancellationTokenSource leaving = new();
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<Task, bool> beside = new();
    private readonly SemaphoreSlim woken = new(0, 1);
    private QuartzAlarms? alarms;
    private Task followingPipelines = Task.CompletedTask;
    private Task followingSignals = Task.CompletedTask;
    private Task waking = Task.CompletedTask;

    private SchedulerService(SchedulerParts parts)
    {
        this.parts = parts;
        core = new SchedulerCore(parts) { OnStarted = Follow, OnLooked = SetAlarmAsync };
        core.Backfills.OnStarted = (backfill, run) => Beside(StepAfterAsync(backfill, run));
    }

    /// <summary>Looks at everything once, starts what is due, and goes on until it is disposed.</summary>
    public static async Task<SchedulerService> StartAsync(SchedulerParts parts, CancellationToken cancellation)
    {
        var service = new SchedulerService(parts);
        service.alarms = await QuartzAlarms.StartAsync(service.OnAlarmAsync, parts.Time, cancellation);
        // Before the look: what comes meanwhile is another number.
        var newest = await parts.Stores.Triggers.NewestSignalAsync(cancellation);
        await service.core.SweepAsync(cancellation);
        await service.SetAlarmsAsync(cancellation);
        await service.alarms.SetAsync(Net, parts.Time.GetUtcNow() + parts.SweepEvery, cancellation);
        service.followingPipelines = service.FollowPipelinesAsync(service.leaving.Token);
        service.followingSignals = service.FollowSignalsAsync(newest, service.leaving.Token);
        service.waking = service.HearAsync(service.leaving.Token);
        return service;
    }

    /// <summary>Looks at everything now: who has changed something that the service would hear of only with its next look.</summary>
    public Task SweepAsync(CancellationToken cancellation) => core.SweepAsync(cancellation);

    /// <summary>Looks at everything soon, beside the caller; however often it is asked meanwhile, once.</summary>
    public void Wake()
    {
        try
        {
            woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is asked already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        left.TrySetResult();
        if (alarms is not null)
        {
            await alarms.DisposeAsync();
        }

        await followingPipelines;
        await followingSignals;
        await waking;
        await Task.WhenAll(beside.Keys);
        leaving.Dispose();
        woken.Dispose();
    }

    private async Task OnAlarmAsync(string name, CancellationToken cancellation)
    {
        if (name != Net)
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            await core.TryLookAsync(new TriggerKey(name[..slash], name[(slash + 1)..]), leaving.Token);
            return;
        }

        try
        {
            await core.SweepAsync(leaving.Token);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogSweepFailed(parts.Logger, failed);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await SetAsync(Net, parts.Time.GetUtcNow() + parts.SweepEvery);
    }

    private async Task SetAlarmsAsync(CancellationToken cancellation)
    {
        foreach (var trigger in await parts.Stores.Triggers.ListAsync(null, int.MaxValue, cancellation))
        {
            await SetAlarmAsync(trigger.Key, trigger.NextAt);
        }
    }

    private Task SetAlarmAsync(TriggerKey trigger, DateTimeOffset? at) => at is { } time ? SetAsync(trigger.ToString(), time) : Task.CompletedTask;

    private async Task SetAsync(string name, DateTimeOffset at)
    {
        if (!leaving.IsCancellationRequested && alarms is not null)
        {
            await alarms.SetAsync(name, at, CancellationToken.None);
        }
    }

    /// <summary>Who registers a pipeline need not wait for the next sweep.</summary>
    private async Task FollowPipelinesAsync(CancellationToken cancellation)
    {
        var seen = 0L;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                seen = await parts.Stores.Pipelines.WaitForChangeAsync(seen, parts.SweepEvery, parts.Time, cancellation);
                await core.SweepAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogSweepFailed(parts.Logger, failed);
                await Task.Delay(parts.SweepEvery, parts.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HearAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await woken.WaitAsync(cancellation);
                await core.SweepAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                // The next sweep finds what this one did not.
                LogSweepFailed(parts.Logger, failed);
            }
        }
    }

    /// <summary>What happens, here or in another process, is looked at soon: whether there is anything new costs one lookup in an index.</summary>
    private async Task FollowSignalsAsync(long seen, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var newest = await parts.Stores.Triggers.NewestSignalAsync(cancellation);
                if (newest != seen)
                {
                    // Before the look: what comes meanwhile is another number.
                    seen = newest;
                    await core.SweepAsync(cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogSweepFailed(parts.Logger, failed);
                await Task.Delay(parts.SweepEvery, parts.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await Task.Delay(parts.SignalEvery, parts.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Follow(TriggerKey trigger, StartedRun run)
    {
        LogStarted(parts.Logger, run.Id.Value, trigger);
        Beside(LookAfterAsync(trigger, run));
    }

    /// <summary>What waits for the run is looked at when it has ended.</summary>
    private async Task LookAfterAsync(TriggerKey trigger, StartedRun run)
    {
        if (await IsOverAsync(run))
        {
            await core.TryLookAsync(trigger, leaving.Token);
        }
    }

    private async Task StepAfterAsync(string backfill, StartedRun run)
    {
        if (await IsOverAsync(run))
        {
            await core.Backfills.TryStepAsync(backfill, leaving.Token);
        }
    }

    /// <summary>False: the service is being left before.</summary>
    private async Task<bool> IsOverAsync(StartedRun run) => await Task.WhenAny(run.Completion, left.Task) == run.Completion && !leaving.IsCancellationRequested;

    private void Beside(Task work)
    {
        if (beside.TryAdd(work, true))
        {
            work.ContinueWith(done => beside.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    [LoggerMessage(6202, LogLevel.Information, "run {Run} was started by trigger {Trigger}")]
    private static partial void LogStarted(ILogger logger, string run, TriggerKey trigger);

    [LoggerMessage(6203, LogLevel.Error, "triggers could not be looked at; they will be again")]
    private static partial void LogSweepFailed(ILogger logger, Exception failed);
}
