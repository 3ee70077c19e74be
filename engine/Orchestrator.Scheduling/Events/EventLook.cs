using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Ticks;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Events;

/// <summary>Looks at a trigger that waits for something to happen: at its folders, and at what has happened since the last look.</summary>
internal sealed class EventLook(ITriggerStore triggers, IFileListing files)
{
    /// <summary>How many signals are looked at together.</summary>
    private const int Page = 500;

    /// <summary>Null: nothing has happened, and the row says already when to look again.</summary>
    public async Task<(TriggerAdvance Advance, bool HasMore)?> DecideAsync(TriggerInfo trigger, TriggerPlan plan, DateTimeOffset now, CancellationToken cancellation)
    {
        var happens = (EventTrigger)plan.Trigger;
        var found = await LookAtFilesAsync(trigger, happens, now, cancellation);
        var signals = await triggers.ListSignalsAsync(trigger.Key, trigger.Cursor, Page, cancellation);
        var events = new List<(SignalInfo Signal, JsonElement Event)>();
        foreach (var signal in signals)
        {
            events.Add((signal, await EventOfAsync(signal, cancellation)));
        }

        var decided = happens is CombinedTrigger combined ? Combine(trigger, combined, events, now) : (Ticks: events.Select(one => TickOf(trigger, happens, one.Signal, one.Event, now)).ToList(), State: null, NextAt: null);
        var poll = PollOf(happens);
        var nextAt = found.Signals.Count > 0 ? now : Earlier(decided.NextAt, poll is { } every ? (found.Looked ? now + every : trigger.NextAt ?? now) : null);
        if (signals.Count == 0 && !found.Looked && decided.Ticks.Count == 0 && nextAt == trigger.NextAt)
        {
            return null;
        }

        var advance = new TriggerAdvance
        {
            Trigger = trigger,
            Cursor = signals.Count > 0 ? signals[^1].Number : trigger.Cursor,
            NextAt = nextAt,
            State = decided.State,
            Missed = decided.Ticks.Count(tick => tick.Decision == TickDecisions.Skipped),
            Ticks = decided.Ticks,
            Files = found.Files.Seen,
            Gone = found.Files.Gone,
            Signals = found.Signals,
            Now = now,
        };
        return (advance, signals.Count == Page || found.Signals.Count > 0);
    }

    private static NewTick TickOf(TriggerInfo trigger, EventTrigger happens, SignalInfo signal, JsonElement happened, DateTimeOffset now)
    {
        var why = trigger.WhyPaused ?? EventFilter.WhyNot(happens, trigger.Pipeline, trigger.Name, happened);
        return new NewTick
        {
            Key = TickKeys.Of(signal.Number),
            DueAt = now,
            Decision = trigger.IsPaused ? TickDecisions.Skipped : why is null ? TickDecisions.Due : TickDecisions.Ignored,
            Reason = why,
            Event = happened,
        };
    }

    private static (List<NewTick> Ticks, JsonElement? State, DateTimeOffset? NextAt) Combine(
        TriggerInfo trigger, CombinedTrigger combined, IReadOnlyList<(SignalInfo Signal, JsonElement Event)> events, DateTimeOffset now)
    {
        var ticks = new List<NewTick>();
        var state = Combination.Of(combined, trigger.State);
        var topics = SignalTopics.Of(combined, trigger.Key, trigger.BaseDirectory).ToArray();

        void Fire(DateTimeOffset at)
        {
            (state, var forgotten) = state.Forget(combined, at);
            ticks.AddRange(forgotten.Select(part => Tick(part.Number, part.Event, TickDecisions.Ignored, $"it has waited for the others for longer than {Durations.Format(combined.Within ?? TimeSpan.Zero)}")));
            if (state.Ready(combined, at) is { } ready)
            {
                ticks.RemoveAll(tick => tick.Key == TickKeys.Of(ready.Number));
                ticks.Add(Tick(ready.Number, ready.Event, TickDecisions.Due, null));
                state = state.Clear();
            }
        }

        NewTick Tick(long number, JsonElement happened, string decision, string? reason) => new() { Key = TickKeys.Of(number), DueAt = now, Decision = decision, Reason = reason, Event = happened };

        foreach (var (signal, happened) in events)
        {
            if (trigger.WhyPaused is { } paused)
            {
                ticks.Add(Tick(signal.Number, happened, TickDecisions.Skipped, paused));
                continue;
            }

            // What came before it may have become ready, or too old, in the time between.
            Fire(signal.At);
            string? why = null;
            foreach (var part in Enumerable.Range(0, topics.Length).Where(i => topics[i] == new SignalTopic(signal.Kind, signal.Subject)))
            {
                why = EventFilter.WhyNot(combined.Of[part], trigger.Pipeline, trigger.Name, happened);
                state = why is null ? state.Add(part, new Happened { Number = signal.Number, At = signal.At, Event = happened }) : state;
            }

            if (why is not null)
            {
                ticks.Add(Tick(signal.Number, happened, TickDecisions.Ignored, why));
            }

            Fire(signal.At);
        }

        if (!trigger.IsPaused)
        {
            Fire(now);
        }

        return (ticks, state.ToState(), state.NextAt(combined));
    }

    private async Task<(bool Looked, FilesFound Files, IReadOnlyList<NewSignal> Signals)> LookAtFilesAsync(TriggerInfo trigger, EventTrigger happens, DateTimeOffset now, CancellationToken cancellation)
    {
        FileTrigger[] watched = [.. FilesOf(happens)];
        if (watched.Length == 0 || trigger.NextAt > now)
        {
            return (false, new FilesFound(), []);
        }

        var known = (await triggers.ListFilesAsync(trigger.Key, cancellation)).ToLookup(file => file.Pattern, StringComparer.Ordinal);
        var all = new List<FilesFound>();
        foreach (var file in watched)
        {
            var pattern = SignalTopics.PatternOf(file, trigger.BaseDirectory);
            var topic = SignalTopics.TopicOf(file, trigger.Key, trigger.BaseDirectory);
            all.Add(FileWatch.Look(file, topic, pattern, await files.ListAsync(pattern, cancellation), [.. known[pattern]], now));
        }

        var found = new FilesFound { Seen = [.. all.SelectMany(one => one.Seen)], Gone = [.. all.SelectMany(one => one.Gone)] };
        return (true, found, [.. all.SelectMany(one => one.Signals)]);
    }

    private static IEnumerable<FileTrigger> FilesOf(EventTrigger trigger) => trigger is CombinedTrigger combined ? combined.Of.OfType<FileTrigger>() : trigger is FileTrigger file ? [file] : [];

    private static TimeSpan? PollOf(EventTrigger trigger) => FilesOf(trigger).Select(file => (TimeSpan?)file.Poll).Min();

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    /// <summary>What expressions see of a signal. What a run yielded is looked up here, so that the end of a run costs no more for being watched.</summary>
    private async Task<JsonElement> EventOfAsync(SignalInfo signal, CancellationToken cancellation)
    {
        if (signal.Kind != Signals.RunEnded || !signal.Payload.TryGetProperty("run", out var run) || await triggers.FindOutputsAsync(new RunId(run.GetString() ?? ""), cancellation) is not { } outputs)
        {
            return signal.Payload;
        }

        var whole = (JsonObject?)JsonNode.Parse(signal.Payload.GetRawText()) ?? [];
        whole["outputs"] = JsonNode.Parse(outputs.GetRawText());
        return OrcJson.ToElement(whole);
    }
}
