using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Starting;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Ticks;

/// <summary>Starts the runs of ticks whose time has come, as the trigger's overlap lets it. Every decision is a conditional write, so two that decide at once decide once.</summary>
internal sealed class TickStarter(ITriggerStore triggers, IRunStore runs, IRunStarter starter, TimeProvider time)
{
    private static readonly TemplateResolver Templates = new(new ExpressionEvaluator());

    /// <param name="onStarted">Gets each run that was started here.</param>
    /// <returns>When the next open tick is due; null: none is, or it waits for a run.</returns>
    public async Task<DateTimeOffset?> StartAsync(TriggerInfo trigger, TriggerPlan plan, Action<StartedRun> onStarted, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var open = await triggers.ListOpenAsync(trigger.Key, cancellation);
        var ready = open.Where(tick => tick.DueAt <= now).ToList();
        if (trigger.IsPaused)
        {
            foreach (var tick in ready)
            {
                await DecideAsync(trigger, tick, TickDecisions.Skipped, trigger.WhyPaused, cancellation);
            }

            ready.Clear();
        }

        foreach (var tick in await ChooseAsync(trigger, plan.Overlap, ready, cancellation))
        {
            if (!await TryStartAsync(trigger, plan, tick, onStarted, cancellation))
            {
                break;
            }
        }

        return open.Where(tick => tick.DueAt > now).Select(tick => (DateTimeOffset?)tick.DueAt).Min();
    }

    /// <summary>The ticks to try now, in order. Decides about those that get no run, or must wait.</summary>
    private async Task<IReadOnlyList<TickInfo>> ChooseAsync(TriggerInfo trigger, Overlap overlap, List<TickInfo> ready, CancellationToken cancellation)
    {
        if (ready.Count == 0 || overlap == Overlap.Allow)
        {
            return ready;
        }

        if (overlap is Overlap.QueueOne or Overlap.CancelOther or Overlap.TerminateOther)
        {
            foreach (var older in ready.SkipLast(1))
            {
                await DecideAsync(trigger, older, TickDecisions.Skipped, $"the newer tick {ready[^1].Key} took its place", cancellation);
            }

            ready = [ready[^1]];
        }

        var going = await triggers.ListGoingAsync(trigger.Key, cancellation);
        // One at a time: the next one is looked at when this one has ended.
        if (going.Count == 0)
        {
            foreach (var later in ready.Skip(1))
            {
                await WaitAsync(trigger, overlap, later, ready[0].Decision == TickDecisions.Queued, $"waits for the run of tick {ready[0].Key}", $"the run of tick {ready[0].Key} goes on", cancellation);
            }

            return [ready[0]];
        }

        if (overlap is Overlap.CancelOther or Overlap.TerminateOther)
        {
            await AskToEndAsync(trigger, ready[0], going, overlap == Overlap.TerminateOther, cancellation);
        }

        var madeUp = ready.Any(tick => tick.Decision == TickDecisions.Queued);
        foreach (var tick in ready)
        {
            await WaitAsync(trigger, overlap, tick, madeUp, $"waits for run {going[0]}", $"run {going[0]} goes on", cancellation);
        }

        return [];
    }

    /// <summary>With <see cref="Overlap.Skip"/> a tick does not wait, but for one that is made up for, and for those that come behind it.</summary>
    private Task<bool> WaitAsync(TriggerInfo trigger, Overlap overlap, TickInfo tick, bool madeUp, string waits, string skipped, CancellationToken cancellation) =>
        overlap == Overlap.Skip && !madeUp && tick.Decision != TickDecisions.Queued
            ? DecideAsync(trigger, tick, TickDecisions.Skipped, skipped, cancellation)
            : DecideAsync(trigger, tick, TickDecisions.Queued, waits, cancellation);

    private async Task AskToEndAsync(TriggerInfo trigger, TickInfo tick, IReadOnlyList<RunId> going, bool terminate, CancellationToken cancellation)
    {
        // Asked once, when the tick begins to wait; and again whoever nobody works on is gone on with, which ends it.
        var first = tick.Decision == TickDecisions.Due;
        foreach (var run in going)
        {
            if (first)
            {
                var request = new RunRequest
                {
                    Id = Ids.New(time), RunId = run, Kind = terminate ? "terminate" : "cancel", By = $"trigger {trigger.Key}", At = time.GetUtcNow(), Payload = OrcJson.ToElement($"tick {tick.Key} is newer"),
                };
                await runs.AddRequestAsync(request, cancellation);
            }

            if (await runs.FindAsync(run, cancellation) is { EndedAt: null } info && (info.Owner is not { } owner || info.LeaseUntil <= time.GetUtcNow() || EngineOwners.IsDead(owner)))
            {
                await starter.TakeUpAsync(run, cancellation);
            }
        }
    }

    private async Task<bool> TryStartAsync(TriggerInfo trigger, TriggerPlan plan, TickInfo tick, Action<StartedRun> onStarted, CancellationToken cancellation)
    {
        try
        {
            onStarted(await starter.StartAsync(StartOf(trigger, plan, tick), cancellation));
            return true;
        }
        catch (RunRefusedException)
        {
            // Somebody else was first with this tick, or with another one of the trigger.
            return plan.Overlap == Overlap.Allow;
        }
        catch (ActivityException failed)
        {
            await DecideAsync(trigger, tick, TickDecisions.Failed, $"{failed.Failure.Code}: {failed.Failure.Message}", cancellation);
            return true;
        }
    }

    private static RunStart StartOf(TriggerInfo trigger, TriggerPlan plan, TickInfo tick)
    {
        var cause = new RunTrigger
        {
            Kind = EventFilter.KindOf(plan.Trigger),
            Name = plan.Name,
            LogicalDate = tick.LogicalDate,
            Interval = tick is { LogicalDate: { } end, IntervalStart: { } start } ? new DataInterval { Start = start, End = end } : null,
            Event = tick.Event,
        };
        return new RunStart
        {
            Pipeline = plan.Pipeline,
            Definition = plan.Stored,
            Params = ParamsOf(plan.Pipeline, plan.Trigger.Params, cause),
            BaseDirectory = trigger.BaseDirectory,
            Trigger = cause,
            Cause = new TickCause(trigger.Key, tick.Key, Alone: plan.Overlap != Overlap.Allow),
        };
    }

    /// <summary>Every parameter, with what the trigger gives it or its default.</summary>
    /// <exception cref="ActivityException">An expression fails, or a value is none of its parameter's.</exception>
    internal static ImmutableSortedDictionary<string, JsonElement> ParamsOf(PipelineDefinition pipeline, IReadOnlyDictionary<string, JsonElement> given, RunTrigger cause)
    {
        var scope = EventFilter.ScopeOf(pipeline.Name, cause);
        var bound = ParameterBinder.Bind(pipeline, given.ToDictionary(one => one.Key, one => Templates.Resolve(one.Value, scope)));
        return bound.Values?.ToImmutableSortedDictionary(StringComparer.Ordinal)
            ?? throw SchedulingErrors.BadValues(pipeline.Name, [.. bound.Diagnostics.Where(one => one.IsError).Select(one => $"{one.Code}: {one.Message}")]);
    }

    private Task<bool> DecideAsync(TriggerInfo trigger, TickInfo tick, string decision, string? reason, CancellationToken cancellation) =>
        triggers.DecideAsync(trigger.Key, tick.Key, decision, reason, time.GetUtcNow(), cancellation);
}
