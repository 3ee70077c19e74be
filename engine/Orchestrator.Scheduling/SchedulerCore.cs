using Microsoft.Extensions.Logging;
using Orchestrator.Core.Definitions;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Scheduling.Ticks;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling;

/// <summary>Looks at triggers and backfills, and starts what is due. It remembers nothing: what one look leaves behind is in the database, for this process or another one.</summary>
internal sealed partial class SchedulerCore
{
    /// <summary>How many triggers are looked at together, at most.</summary>
    private const int Page = 1000;

    /// <summary>Looks are short writes that share commits: so many at once make large groups.</summary>
    private const int AtOnce = 16;

    private readonly SchedulerParts parts;
    private readonly ITriggerStore triggers;
    private readonly TriggerCatalog catalog;
    private readonly TriggerSynchronizer synchronizer;
    private readonly EventLook events;
    private readonly TickStarter ticks;

    public SchedulerCore(SchedulerParts parts)
    {
        this.parts = parts;
        triggers = parts.Stores.Triggers;
        catalog = new TriggerCatalog(parts.Stores.Definitions, parts.ReadDefinition);
        synchronizer = new TriggerSynchronizer(triggers, catalog, parts.Time);
        events = new EventLook(triggers, parts.Files);
        ticks = new TickStarter(triggers, parts.Stores.Runs, parts.Starter, parts.Time);
        Backfills = new BackfillRunner(parts);
    }

    public BackfillRunner Backfills { get; }

    /// <summary>Gets each run that a trigger started here.</summary>
    public Action<TriggerKey, StartedRun> OnStarted { get; init; } = (_, _) => { };

    /// <summary>Gets each trigger that was looked at, and when it must be looked at next though nothing happens before.</summary>
    public Func<TriggerKey, DateTimeOffset?, Task> OnLooked { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Everything: pipelines that changed, triggers that are due, backfills that run.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        await synchronizer.SyncAsync(cancellation);
        while (true)
        {
            var due = await triggers.ListDueAsync(parts.Time.GetUtcNow(), Page, cancellation);
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (key, token) => await TryLookAsync(key, token));
            if (due.Count < Page)
            {
                break;
            }
        }

        foreach (var backfill in await parts.Stores.Backfills.ListRunningAsync(cancellation))
        {
            await Backfills.TryStepAsync(backfill, cancellation);
        }
    }

    /// <summary>One that cannot be looked at keeps no other from it.</summary>
    public async Task TryLookAsync(TriggerKey key, CancellationToken cancellation)
    {
        try
        {
            await OnLooked(key, await LookAsync(key, cancellation));
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogLookFailed(parts.Logger, failed, key);
        }
    }

    private async Task<DateTimeOffset?> LookAsync(TriggerKey key, CancellationToken cancellation)
    {
        TriggerInfo? trigger;
        while ((trigger = await triggers.FindAsync(key, cancellation)) is { RetiredAt: null } && await catalog.FindAsync(trigger, cancellation) is { } plan)
        {
            var now = parts.Time.GetUtcNow();
            var decided = plan.Trigger is TimeTrigger ? ScheduleLook.Decide(trigger, plan, now) : await events.DecideAsync(trigger, plan, now, cancellation);
            if (decided is not ({ } advance, var hasMore) || (await triggers.AdvanceAsync(advance, cancellation) && !hasMore))
            {
                var open = await ticks.StartAsync(trigger, plan, run => OnStarted(key, run), cancellation);
                var next = decided is ({ } looked, _) ? looked.NextAt : trigger.NextAt;
                return open < next || next is null ? open : next;
            }

            // Somebody else looked meanwhile, or there was more than fits into one look.
        }

        return null;
    }

    [LoggerMessage(6201, LogLevel.Error, "trigger {Trigger} could not be looked at; it will be again")]
    private static partial void LogLookFailed(ILogger logger, Exception failed, TriggerKey trigger);
}
