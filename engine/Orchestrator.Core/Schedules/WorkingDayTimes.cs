using System.Collections.Immutable;

namespace Orchestrator.Core.Schedules;

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
