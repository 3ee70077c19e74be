using System.Globalization;

namespace Orchestrator.Core.Schedules;

/// <summary>Instants, days and times of days as people write them in a pipeline.</summary>
public static class LocalInstants
{
    /// <summary>The rule in words, for messages.</summary>
    public const string Rule = "a date (2026-03-01), a date and time of the trigger's zone (2026-03-01T09:00), or an instant with its offset (2026-03-01T09:00Z), in the years 1900 to 2199";

    private static readonly string[] Local = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    private static readonly string[] WithOffset = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary>False when the text is none. A time that the clock leaves out is the moment it is set; of a doubled one the first counts.</summary>
    public static bool TryParse(string text, TimeZoneInfo zone, out DateTimeOffset instant)
    {
        if (DateTimeOffset.TryParseExact(text, WithOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant))
        {
            return IsKnown(instant.Year);
        }

        if (!DateTime.TryParseExact(text, Local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || !IsKnown(local.Year))
        {
            return false;
        }

        // The same rules as everywhere: the clock is asked when it shows this time.
        var once = new OneTime(local);
        var before = new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Utc)).AddDays(-2);
        var found = new ZoneClock(zone).After(before, once).Cast<DateTimeOffset?>().FirstOrDefault();
        instant = found ?? default;
        return found is not null;
    }

    /// <summary><c>09:00</c>, <c>09:00:30</c>.</summary>
    public static bool TryParseTime(string text, out TimeSpan time) => TimeSpan.TryParseExact(text, [@"hh\:mm", @"hh\:mm\:ss"], CultureInfo.InvariantCulture, out time);

    /// <summary>What clocks show is worked out for these years alone.</summary>
    private static bool IsKnown(int year) => year is >= 1900 and < 2200;

    private sealed class OneTime(DateTime local) : ITimesOfDay
    {
        public IEnumerable<TimeSpan> On(DateOnly day) => day == DateOnly.FromDateTime(local) ? [local.TimeOfDay] : [];
    }
}
