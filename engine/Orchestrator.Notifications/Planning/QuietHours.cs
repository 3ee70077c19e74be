using Orchestrator.Core.Schedules;

namespace Orchestrator.Notifications.Planning;

/// <summary>A span of each day in which a channel wants to hear of nothing that can wait, on the clock of a place.</summary>
/// <remarks>
/// It is one span of time, whatever the clock does in it: a time that the clock leaves out counts at the moment it is set, the span begins with the first of a doubled time and ends with the last. Two messages of a
/// night with two half past twos do not find one of them quiet and the other loud.
/// </remarks>
public sealed class QuietHours
{
    private readonly ZoneClock begins;
    private readonly ZoneClock ends;
    private readonly TimeSpan from;
    private readonly TimeSpan to;
    private readonly IReadOnlySet<DayOfWeek> days;

    /// <param name="zone">Whose clock.</param>
    /// <param name="from">The time of day at which it begins, inclusive.</param>
    /// <param name="to">The time at which it ends, exclusive; on the next day when it is not later than <paramref name="from"/>, so that the same time twice is a whole day.</param>
    /// <param name="days">The days on which it begins.</param>
    public QuietHours(TimeZoneInfo zone, TimeSpan from, TimeSpan to, IEnumerable<DayOfWeek> days)
    {
        (this.from, this.to, this.days) = (from, to, days.ToHashSet());
        begins = new ZoneClock(zone, MissingTime.Shift, DoubledTime.First);
        ends = new ZoneClock(zone, MissingTime.Shift, DoubledTime.Last);
    }

    /// <summary>The first instant, not before the given one, that is not quiet. The given one when all of the coming week is quiet: nobody waits for ever.</summary>
    public DateTimeOffset Hold(DateTimeOffset instant)
    {
        var free = instant;
        while (EndOf(free) is { } end)
        {
            if (end - instant > TimeSpan.FromDays(8))
            {
                return instant;
            }

            free = end;
        }

        return free;
    }

    /// <summary>When the quiet of an instant ends; null: it is not quiet.</summary>
    private DateTimeOffset? EndOf(DateTimeOffset instant)
    {
        // A span begins at most a day and an hour before it ends.
        var day = begins.DateAt(instant);
        DateTimeOffset? latest = null;
        foreach (var first in new[] { day.AddDays(-2), day.AddDays(-1), day }.Where(first => days.Contains(first.DayOfWeek)))
        {
            var start = At(begins, first, from);
            var end = At(ends, to > from ? first : first.AddDays(1), to);
            if (start <= instant && instant < end && (latest is null || end > latest))
            {
                latest = end;
            }
        }

        return latest;
    }

    private static DateTimeOffset At(ZoneClock clock, DateOnly day, TimeSpan time)
    {
        var before = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(-2);
        return clock.After(before, new Once(day, time)).First();
    }

    private sealed class Once(DateOnly day, TimeSpan time) : ITimesOfDay
    {
        public IEnumerable<TimeSpan> On(DateOnly other) => other == day ? [time] : [];
    }
}
