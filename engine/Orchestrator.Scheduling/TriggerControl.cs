using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Ticks;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling;

/// <summary>What people ask of triggers; with or without a scheduler that goes on.</summary>
public sealed class TriggerControl(EngineStores stores, Func<string, PipelineDefinition> readDefinition, TimeProvider time)
{
    private const int Tries = 10;

    private readonly TriggerCatalog catalog = new(stores.Definitions, readDefinition);

    /// <summary>Makes the triggers of pipelines that were registered since; otherwise a scheduler does it with its next look.</summary>
    public Task SyncAsync(CancellationToken cancellation) => new TriggerSynchronizer(stores.Triggers, catalog, time).SyncAsync(cancellation);

    /// <summary>A trigger by what people type: <c>churn/nightly</c>, or <c>churn</c> when it has one.</summary>
    /// <exception cref="ActivityException">There is none (ORC6211), or several (ORC6212).</exception>
    public async Task<TriggerInfo> FindAsync(string text, CancellationToken cancellation)
    {
        var all = await stores.Triggers.ListAsync(null, int.MaxValue, cancellation);
        var found = all.Where(one => one.Key.ToString() == text || one.Pipeline == text).ToArray();
        return found switch
        {
            [var only] => only,
            [] => throw SchedulingErrors.NoSuchTrigger(text, all.Select(one => one.Key.ToString())),
            _ => throw SchedulingErrors.SeveralTriggers(text, found.Select(one => one.Key.ToString())),
        };
    }

    /// <summary>The definition's own words for a trigger, and its pipeline; null: its definition has it no more.</summary>
    public async Task<(PipelineDefinition Pipeline, TriggerDefinition Trigger)?> DescribeAsync(TriggerInfo trigger, CancellationToken cancellation) =>
        await catalog.FindAsync(trigger, cancellation) is { } plan ? (plan.Pipeline, plan.Trigger) : null;

    /// <exception cref="ActivityException">It is paused already (ORC6213).</exception>
    public Task PauseAsync(TriggerInfo trigger, string by, string? reason, CancellationToken cancellation) => PauseAsync(trigger, by, reason, new TriggerCare(), cancellation);

    /// <summary>The same, with care.</summary>
    /// <exception cref="ActivityException">It is paused already (ORC6213), or not as it was seen (ORC6240).</exception>
    public async Task PauseAsync(TriggerInfo trigger, string by, string? reason, TriggerCare care, CancellationToken cancellation)
    {
        if (!await stores.Triggers.PauseAsync(new TriggerPause { Trigger = trigger.Key, By = by, Reason = reason, Now = time.GetUtcNow(), ExpectedVersion = care.AsSeen }, care.Also, cancellation))
        {
            var now = await stores.Triggers.FindAsync(trigger.Key, cancellation) ?? trigger;
            throw now.PausedAt is null && care.AsSeen is { } seen && seen != now.Version ? SchedulingErrors.NotAsSeen(now) : SchedulingErrors.PausedAlready(now);
        }
    }

    /// <summary>Ends a pause. What came while it lasted is passed over and counted, and none of it is made up for: <c>orc backfill</c> does that.</summary>
    /// <returns>How many ticks were passed over since the last look.</returns>
    /// <exception cref="ActivityException">It is not paused itself (ORC6214).</exception>
    public Task<long> ResumeAsync(TriggerKey key, CancellationToken cancellation) => ResumeAsync(key, new TriggerCare(), cancellation);

    /// <summary>The same, with care.</summary>
    /// <inheritdoc cref="ResumeAsync(TriggerKey, CancellationToken)" path="/returns"/>
    /// <exception cref="ActivityException">It is not paused itself (ORC6214), or not as it was seen (ORC6240).</exception>
    public async Task<long> ResumeAsync(TriggerKey key, TriggerCare care, CancellationToken cancellation)
    {
        var asSeen = care.AsSeen;
        var passed = 0L;
        for (var i = 0; i < Tries; i++)
        {
            var trigger = await stores.Triggers.FindAsync(key, cancellation) ?? throw SchedulingErrors.NoSuchTrigger(key.ToString(), []);
            if (trigger.PausedAt is null)
            {
                throw SchedulingErrors.NotPaused(trigger);
            }

            if (asSeen is { } seen && seen != trigger.Version)
            {
                throw SchedulingErrors.NotAsSeen(trigger);
            }

            var (advance, hasMore) = await PassOverAsync(trigger, cancellation);
            if (await stores.Triggers.AdvanceAsync(advance with { Resume = !hasMore }, hasMore ? null : care.Also, cancellation))
            {
                // From here on what has changed it is this.
                asSeen = null;
                passed += advance.Missed;
                if (!hasMore)
                {
                    return passed;
                }

                i = 0;
            }
        }

        throw SchedulingErrors.ChangedMeanwhile(key);
    }

    private async Task<(TriggerAdvance Advance, bool HasMore)> PassOverAsync(TriggerInfo trigger, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var nothing = new TriggerAdvance { Trigger = trigger, Cursor = trigger.Cursor, NextAt = now, State = trigger.State, Now = now };
        if (await catalog.FindAsync(trigger, cancellation) is not { } plan)
        {
            return (nothing, false);
        }

        var decided = plan.Trigger is TimeTrigger
            ? ScheduleLook.Decide(trigger, plan, now)
            // Folders are looked at by schedulers; what lies in them by then is not what came during the pause alone.
            : await new EventLook(stores.Triggers, new NoFiles()).DecideAsync(trigger with { NextAt = DateTimeOffset.MaxValue }, plan, now, cancellation);
        return decided is ({ } advance, var hasMore) ? (advance with { Trigger = trigger, NextAt = now }, hasMore) : (nothing, false);
    }

    private sealed class NoFiles : IFileListing
    {
        public Task<IReadOnlyList<ListedFile>> ListAsync(string pattern, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ListedFile>>([]);
    }
}

/// <summary>How a trigger is to be changed.</summary>
public readonly record struct TriggerCare
{
    /// <summary>Only while its <see cref="TriggerInfo.Version"/> is this one. Null: whatever it is.</summary>
    public long? AsSeen { get; init; }

    /// <summary>Written in the transaction that changes it.</summary>
    public Func<IWriteSession, CancellationToken, Task>? Also { get; init; }
}
