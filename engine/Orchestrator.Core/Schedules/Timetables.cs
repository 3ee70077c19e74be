using System.Collections.Immutable;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Schedules;

/// <summary>Makes timetables of what authors write.</summary>
public static class Timetables
{
    /// <param name="trigger">One that has passed the checks of definitions.</param>
    /// <param name="calendars">Those of its pipeline.</param>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know the zone.</exception>
    /// <exception cref="FormatException">The trigger has not passed the checks.</exception>
    public static Timetable Of(TimeTrigger trigger, IReadOnlyDictionary<string, CalendarDefinition> calendars)
    {
        var zone = trigger.Zone == "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(trigger.Zone);
        var clock = new ZoneClock(zone, trigger.MissingHour, trigger.DoubledHour);
        var excluded = DayCalendar.Union(trigger.Exclude.Select(name => CalendarDays.Read(calendars[name])));
        var (start, end) = (Instant(trigger.Start, zone), Instant(trigger.End, zone));
        return trigger switch
        {
            ScheduleTrigger cron => new ClockTimetable(clock, Without(CronExpression.Parse(cron.Schedule), excluded, trigger.Excluded)) { Start = start, End = end },
            WorkingDayTrigger days => new ClockTimetable(clock, TimesOf(days, excluded)) { Start = start, End = end },
            IntervalTrigger interval => new IntervalTimetable(interval.Every, start ?? DateTimeOffset.UnixEpoch, clock, excluded) { Start = start, End = end },
            _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger by time"),
        };
    }

    private static ITimesOfDay Without(ITimesOfDay times, DayCalendar excluded, ExcludedDay then) => excluded.IsEmpty ? times : new TimesWithoutDays(times, excluded, then);

    private static WorkingDayTimes TimesOf(WorkingDayTrigger trigger, DayCalendar excluded) => new(
        trigger.Day,
        trigger.At.Select(text => LocalInstants.TryParseTime(text, out var time) ? time : throw new FormatException($"\"{text}\" is not a time of the day")),
        DayCalendar.Union([excluded, new DayCalendar { Weekdays = [.. trigger.Weekend] }]));

    private static DateTimeOffset? Instant(string? text, TimeZoneInfo zone) =>
        text is null ? null : LocalInstants.TryParse(text, zone, out var instant) ? instant : throw new FormatException($"\"{text}\" is not {LocalInstants.Rule}");
}
