using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Backfills;

/// <summary>Starts the runs of backfills, in their order and no more at once than they say. Which item has which run is decided by the database, so several may do this at once.</summary>
public sealed partial class BackfillRunner(SchedulerParts parts)
{
    private readonly IBackfillStore backfills = parts.Stores.Backfills;

    /// <summary>Gets each run that was started or taken up here, with its backfill.</summary>
    public Action<string, StartedRun> OnStarted { get; set; } = (_, _) => { };

    /// <summary>Starts what may start now, and goes on with runs that nobody works on.</summary>
    /// <returns>The backfill as it is then; null: there is none.</returns>
    /// <exception cref="ActivityException">A run cannot be accepted as the plan asks for it; the backfill is paused.</exception>
    public async Task<BackfillInfo?> StepAsync(string id, CancellationToken cancellation)
    {
        if (await backfills.FindAsync(id, cancellation) is not { Status: BackfillStatuses.Running } backfill)
        {
            return await backfills.FindAsync(id, cancellation);
        }

        var going = await backfills.ListUnfinishedAsync(id, cancellation);
        foreach (var run in going)
        {
            await TakeUpAsync(run, cancellation);
        }

        if (going.Count < backfill.Parallel)
        {
            await StartNextAsync(backfill, backfill.Parallel - going.Count, cancellation);
        }

        await backfills.FinishAsync(id, parts.Time.GetUtcNow(), cancellation);
        return await backfills.FindAsync(id, cancellation);
    }

    /// <summary>One that cannot go on keeps no other from it.</summary>
    internal async Task TryStepAsync(string id, CancellationToken cancellation)
    {
        try
        {
            await StepAsync(id, cancellation);
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogStepFailed(parts.Logger, failed, id);
        }
    }

    private async Task StartNextAsync(BackfillInfo backfill, int most, CancellationToken cancellation)
    {
        var items = await backfills.ListNextAsync(backfill.Id, most, cancellation);
        if (items.Count == 0)
        {
            return;
        }

        var stored = await parts.Stores.Definitions.FindAsync(backfill.Definition, cancellation) ?? throw new InvalidOperationException($"the definition {backfill.Definition} is planned and not stored");
        var pipeline = parts.ReadDefinition(stored.Json);
        foreach (var item in items)
        {
            try
            {
                var (cause, values) = BackfillControl.ParamsOf(pipeline, backfill, item);
                OnStarted(backfill.Id, await parts.Starter.StartAsync(
                    new RunStart
                    {
                        Pipeline = pipeline,
                        Definition = stored,
                        Params = values,
                        BaseDirectory = backfill.BaseDirectory,
                        Trigger = cause,
                        Cause = new BackfillCause(backfill.Id, item.Position, item.Attempt),
                    },
                    cancellation));
            }
            catch (RunRefusedException)
            {
                // Another process was first, or somebody paused it.
                return;
            }
            catch (ActivityException)
            {
                // The next one would not be taken either.
                await backfills.SetStatusAsync(backfill.Id, BackfillStatuses.Paused, [BackfillStatuses.Running], parts.Time.GetUtcNow(), cancellation);
                throw;
            }
        }
    }

    private async Task TakeUpAsync(Core.Values.RunId run, CancellationToken cancellation)
    {
        if (await parts.Stores.Runs.FindAsync(run, cancellation) is { EndedAt: null } info && (info.Owner is not { } owner || info.LeaseUntil <= parts.Time.GetUtcNow() || EngineOwners.IsDead(owner)))
        {
            await parts.Starter.TakeUpAsync(run, cancellation);
        }
    }

    [LoggerMessage(6204, LogLevel.Error, "backfill {Backfill} could not go on")]
    private static partial void LogStepFailed(ILogger logger, Exception failed, string backfill);
}
