using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules;

/// <summary>Days on which nothing is due: weekends, holidays, the days of a freeze.</summary>
public sealed record DayCalendar
{
    public static DayCalendar Empty { get; } = new();

    public ImmutableHashSet<DayOfWeek> Weekdays { get; init; } = [];

    public ImmutableHashSet<DateOnly> Dates { get; init; } = [];

    /// <summary>Month and day of each year.</summary>
    public ImmutableHashSet<(int Month, int Day)> Yearly { get; init; } = [];

    public bool Has(DateOnly day) => Weekdays.Contains(day.DayOfWeek) || Dates.Contains(day) || Yearly.Contains((day.Month, day.Day));

    /// <summary>The days of all of them.</summary>
    public static DayCalendar Union(IEnumerable<DayCalendar> calendars) => calendars.Aggregate(Empty, (all, one) => new DayCalendar
    {
        Weekdays = all.Weekdays.Union(one.Weekdays), Dates = all.Dates.Union(one.Dates), Yearly = all.Yearly.Union(one.Yearly),
    });
}

/// <summary>What becomes of a time on an excluded day.</summary>
public enum ExcludedDay
{
    Unknown = 0,

    /// <summary>It is not due.</summary>
    Skip,

    /// <summary>It is due at the same time of the next day that is not excluded.</summary>
    Next,

    /// <summary>It is due at the same time of the last day before that is not excluded.</summary>
    Previous,
}

/// <summary>Working days at fixed times: each, or the third or the last but one of a month.</summary>
/// <param name="nth">Null: each. 1 is the first of the month, -1 the last. A month with fewer has none.</param>
/// <param name="times">In any order; each counts once.</param>
/// <param name="off">Days that are no working days.</param>
public sealed class WorkingDayTimes(int? nth, IEnumerable<TimeSpan> times, DayCalendar off) : ITimesOfDay
{
    private readonly ImmutableArray<TimeSpan> times = [.. times.Distinct().Order()];

    /// <inheritdoc/>
    public IEnumerable<TimeSpan> On(DateOnly day) => !off.Has(day) && (nth is null || IsNth(day)) ? times : [];

    private bool IsNth(DateOnly day)
    {
        var (first, last) = (new DateOnly(day.Year, day.Month, 1), new DateOnly(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month)));
        return nth > 0 ? Count(first, day) == nth : Count(day, last) == -nth;
    }

    private int Count(DateOnly from, DateOnly to)
    {
        var count = 0;
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            count += off.Has(day) ? 0 : 1;
        }

        return count;
    }
}

/// <summary>Times of other rules, with those of excluded days left out or moved.</summary>
public sealed class TimesWithoutDays(ITimesOfDay times, DayCalendar excluded, ExcludedDay then) : ITimesOfDay
{
    /// <summary>How many days in a row are looked at: more days off than this have no day before or after them.</summary>
    private const int LongestBreak = 60;

    /// <inheritdoc/>
    public IEnumerable<TimeSpan> On(DateOnly day)
    {
        if (excluded.Has(day))
        {
            return [];
        }

        return then switch
        {
            ExcludedDay.Next => Gather(day, -1),
            ExcludedDay.Previous => Gather(day, 1),
            _ => times.On(day),
        };
    }

    /// <summary>The day's own times and those of the excluded days on one side of it.</summary>
    private SortedSet<TimeSpan> Gather(DateOnly day, int step)
    {
        var all = new SortedSet<TimeSpan>(times.On(day));
        var off = day.AddDays(step);
        for (var i = 0; i < LongestBreak && excluded.Has(off); i++, off = off.AddDays(step))
        {
            all.UnionWith(times.On(off));
        }

        return all;
    }
}
