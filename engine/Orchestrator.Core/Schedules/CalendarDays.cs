using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Schedules;

/// <summary>Reads the days of a calendar.</summary>
public static class CalendarDays
{
    /// <summary>The rule in words, for messages.</summary>
    public const string Rule = "a day (2026-12-24), a day of each year (12-25), or a range of days (2026-12-24..2027-01-02)";

    /// <summary>A range that is longer is a mistake in a year more often than a wish.</summary>
    public const int LongestRange = 3660;

    /// <exception cref="FormatException">A text is no day; <see cref="IsLegal"/> says which.</exception>
    public static DayCalendar Read(CalendarDefinition definition)
    {
        var all = DayCalendar.Empty with { Weekdays = [.. definition.Weekdays] };
        return definition.Days.Aggregate(all, (calendar, text) => TryAdd(calendar, text) ?? throw new FormatException($"\"{text}\" is not {Rule}"));
    }

    public static bool IsLegal(string text) => TryAdd(DayCalendar.Empty, text) is not null;

    private static DayCalendar? TryAdd(DayCalendar calendar, string text)
    {
        // 29 February is a day of some years.
        if (text.Length == 5 && TryDay($"2028-{text}", out var yearly))
        {
            return calendar with { Yearly = calendar.Yearly.Add((yearly.Month, yearly.Day)) };
        }

        if (TryDay(text, out var day))
        {
            return calendar with { Dates = calendar.Dates.Add(day) };
        }

        var ends = text.Split("..");
        return ends.Length == 2 && TryDay(ends[0], out var first) && TryDay(ends[1], out var last) && first <= last && last.DayNumber - first.DayNumber < LongestRange
            ? calendar with { Dates = calendar.Dates.Union(Enumerable.Range(first.DayNumber, last.DayNumber - first.DayNumber + 1).Select(DateOnly.FromDayNumber)) }
            : null;
    }

    private static bool TryDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
