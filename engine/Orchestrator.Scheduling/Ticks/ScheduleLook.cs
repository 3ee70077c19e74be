using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Ticks;

/// <summary>Decides about the times of a schedule that have come. Pure: the same row and time give the same answer to every scheduler.</summary>
internal static class ScheduleLook
{
    /// <summary>How many passed times of one look get a row of their own, the newest; all are counted.</summary>
    public const int RowsOfMissed = 1000;

    /// <summary>Null: nothing has come, and the row says already when the next time does.</summary>
    public static (TriggerAdvance Advance, bool HasMore)? Decide(TriggerInfo trigger, TriggerPlan plan, DateTimeOffset now)
    {
        var timed = (TimeTrigger)plan.Trigger;
        var timetable = plan.Timetable;
        var due = Dueness.Decide(timetable, trigger.LookedUntil, now, timed.Missed, timed.MissedWindow);
        var last = due.Last ?? trigger.LookedUntil;
        var next = due.HasMore ? now : timetable.After(last > now ? last : now).Cast<DateTimeOffset?>().FirstOrDefault();
        if (due.Last is null && next == trigger.NextAt)
        {
            return null;
        }

        var passed = trigger.IsPaused ? [.. due.Missed.Concat(due.Run).Order()] : due.Missed;
        var kept = passed.Length > RowsOfMissed ? passed.RemoveRange(0, passed.Length - RowsOfMissed) : passed;
        var advance = new TriggerAdvance
        {
            Trigger = trigger,
            Cursor = TriggerInfo.CursorOf(last),
            NextAt = next,
            Missed = passed.Length,
            Ticks =
            [
                .. kept.Select(time => TickOf(timetable, time) with
                {
                    Decision = trigger.IsPaused ? TickDecisions.Skipped : TickDecisions.Missed,
                    Reason = trigger.WhyPaused ?? $"no scheduler was there at the time, and \"missed\" is {Word(timed.Missed)}",
                }),
                .. trigger.IsPaused ? [] : due.Run.Select(time => Due(trigger, timed, TickOf(timetable, time), now)),
            ],
            Now = now,
        };
        return (advance, due.HasMore);
    }

    /// <summary>What is late is made up for: it waits for those before it whatever the overlap is, since it was asked for one by one.</summary>
    private static NewTick Due(TriggerInfo trigger, TimeTrigger timed, NewTick tick, DateTimeOffset now) =>
        timed.Missed == Missed.RunAll && now - tick.DueAt > Dueness.Grace
            ? tick with { Decision = TickDecisions.Queued, Reason = "it was missed, and is made up for" }
            : tick with { DueAt = tick.DueAt + (timed.Jitter is { } most ? Dueness.Jitter(trigger.Key.ToString(), tick.DueAt, most) : TimeSpan.Zero) };

    private static NewTick TickOf(Timetable timetable, DateTimeOffset time)
    {
        var planned = timetable.Plan(time);
        return new NewTick { Key = TickKeys.Of(planned.LogicalDate), LogicalDate = planned.LogicalDate, IntervalStart = planned.From, DueAt = planned.LogicalDate, Decision = TickDecisions.Due };
    }

    private static string Word(Missed policy) => policy switch
    {
        Missed.Skip => "skip",
        Missed.RunAll => "run-all, within its window",
        _ => "run-latest",
    };
}
