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

    public bool IsEmpty => Weekdays.IsEmpty && Dates.IsEmpty && Yearly.IsEmpty;

    public bool Has(DateOnly day) => Weekdays.Contains(day.DayOfWeek) || Dates.Contains(day) || Yearly.Contains((day.Month, day.Day));

    /// <summary>The days of all of them.</summary>
    public static DayCalendar Union(IEnumerable<DayCalendar> calendars) => calendars.Aggregate(Empty, (all, one) => new DayCalendar
    {
        Weekdays = all.Weekdays.Union(one.Weekdays), Dates = all.Dates.Union(one.Dates), Yearly = all.Yearly.Union(one.Yearly),
    });
}
