namespace Orchestrator.Core.Schedules;

/// <summary>A time that a run is for.</summary>
/// <param name="LogicalDate">The time as planned, without jitter. It identifies the run among those of its schedule.</param>
/// <param name="From">The start of the data interval: the planned time before. Equal to <paramref name="LogicalDate"/> when there was none.</param>
public readonly record struct PlannedTime(DateTimeOffset LogicalDate, DateTimeOffset From)
{
    /// <summary>The end of the data interval, exclusive.</summary>
    public DateTimeOffset To => LogicalDate;
}

/// <summary>All times at which a schedule is due. Pure: what comes next depends on nothing but the instant that is asked about.</summary>
public abstract class Timetable
{
    private protected Timetable()
    {
    }

    /// <summary>Not before this; inclusive.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Not from this on; exclusive.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The planned times after an instant (exclusive), in rising order, each once. Lazy.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset instant)
    {
        // One tick earlier, since a start is inclusive.
        var from = Start is { } start && start > instant ? start.AddTicks(-1) : instant;
        return All(from.ToUniversalTime()).TakeWhile(time => End is not { } end || time < end);
    }

    /// <summary>A planned time with the interval that lies before it.</summary>
    public PlannedTime Plan(DateTimeOffset logicalDate) => new(logicalDate.ToUniversalTime(), LastBefore(logicalDate.ToUniversalTime()) ?? logicalDate.ToUniversalTime());

    /// <summary>True when the instant is one of the planned times.</summary>
    public bool Has(DateTimeOffset instant) => After(instant.AddTicks(-1)).FirstOrDefault() == instant;

    /// <summary>All times after an instant, whatever the bounds are.</summary>
    private protected abstract IEnumerable<DateTimeOffset> All(DateTimeOffset after);

    /// <summary>The last time before an instant, whatever the bounds are: the first run of a schedule has an interval too.</summary>
    private protected abstract DateTimeOffset? LastBefore(DateTimeOffset instant);
}

/// <summary>Times of days on the clock of a place.</summary>
public sealed class ClockTimetable(ZoneClock clock, ITimesOfDay times) : Timetable
{
    private protected override IEnumerable<DateTimeOffset> All(DateTimeOffset after) => clock.After(after, times);

    private protected override DateTimeOffset? LastBefore(DateTimeOffset instant) => clock.Before(instant, times);
}

/// <summary>Every so often, in time that passes: clocks that are set make no difference.</summary>
/// <param name="every">At least a second.</param>
/// <param name="anchor">One of the times; the others are whole steps away from it, before and after.</param>
/// <param name="clock">The place whose dates count for <paramref name="excluded"/>.</param>
/// <param name="excluded">Days without times.</param>
public sealed class IntervalTimetable(TimeSpan every, DateTimeOffset anchor, ZoneClock clock, DayCalendar excluded) : Timetable
{
    /// <summary>A calendar that leaves nothing for longer than this leaves nothing.</summary>
    private static readonly TimeSpan LongestBreak = TimeSpan.FromDays(400);

    private protected override IEnumerable<DateTimeOffset> All(DateTimeOffset after)
    {
        var last = after;
        for (var time = Following(after); time - last < LongestBreak + every; time += every)
        {
            if (!excluded.Has(clock.DateAt(time)))
            {
                yield return time;
                last = time;
            }
        }
    }

    private protected override DateTimeOffset? LastBefore(DateTimeOffset instant)
    {
        for (var time = Following(instant.AddTicks(-1)) - every; instant - time < LongestBreak + every; time -= every)
        {
            if (!excluded.Has(clock.DateAt(time)))
            {
                return time;
            }
        }

        return null;
    }

    private DateTimeOffset Following(DateTimeOffset instant)
    {
        var (steps, rest) = Math.DivRem((instant - anchor).Ticks, every.Ticks);
        return anchor.ToUniversalTime().AddTicks((steps + (rest < 0 ? 0 : 1)) * every.Ticks);
    }
}
