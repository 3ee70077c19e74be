using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks when runs start.</summary>
internal static class TriggerChecks
{
    public static void Check(CheckContext context)
    {
        var expressions = new TriggerExpressions(context);
        TriggerSettings.CheckNames(context);
        for (var i = 0; i < context.Definition.Triggers.Length; i++)
        {
            var path = SourceMap.Join("/triggers", i);
            if (context.IsBroken(path))
            {
                continue;
            }

            TriggerSettings.CheckParams(context, path, context.Definition.Triggers[i], expressions);

            switch (context.Definition.Triggers[i])
            {
                case TimeTrigger timed:
                    CheckTimed(context, path, timed);
                    break;
                case EventTrigger happens:
                    EventTriggerChecks.Check(context, path, happens, expressions);
                    break;
                default:
                    break;
            }
        }

        foreach (var (name, calendar) in context.Definition.Calendars)
        {
            CheckCalendar(context, SourceMap.Join("/calendars", name), calendar);
        }
    }

    private static void CheckTimed(CheckContext context, string path, TimeTrigger trigger)
    {
        var before = context.Found.Count;
        CheckZone(context, path, trigger);
        switch (trigger)
        {
            case ScheduleTrigger cron when !context.IsBroken($"{path}/schedule"):
                foreach (var problem in CronSyntax.Check(cron.Schedule))
                {
                    context.Add(DiagnosticCatalog.BadCron.At(
                        context.Map.TextIn($"{path}/schedule", problem.Offset, problem.Length), problem.Label, problem.Message, problem.Help));
                }

                break;
            case IntervalTrigger { Every: var every } when every < TimeSpan.FromSeconds(1) && !context.IsBroken($"{path}/every"):
                context.Add(DiagnosticCatalog.BadSetting.At(
                    context.Map.ValueOf($"{path}/every"), "out of bounds", $"\"every\" is {Durations.Format(every)} and should be at least 1s", "A run is too much for less: let one run do the work of a second."));
                break;
            case WorkingDayTrigger days:
                CheckWorkingDay(context, path, days);
                break;
            default:
                break;
        }

        CheckExcluded(context, path, trigger);
        CheckBounds(context, path, trigger);
        var isSound = context.Found.Count == before && context.IsWhole(path) && TimeZones.IsKnown(trigger.Zone) && trigger.Exclude.All(name => IsSound(context, name));
        if (isSound && !Timetables.Of(trigger, context.Definition.Calendars).After(DateTimeOffset.UnixEpoch).Any())
        {
            context.Add(DiagnosticCatalog.NeverDue.At(
                context.Map.ValueOf(path), "never due", "this trigger is never due", trigger.End is null ? "Every time of it is excluded; look at the days of its calendars." : "No time of it lies between \"start\" and \"end\"."));
        }
    }

    private static bool IsSound(CheckContext context, string calendar) =>
        context.IsWhole(SourceMap.Join("/calendars", calendar)) && context.Definition.Calendars.GetValueOrDefault(calendar)?.Days.All(CalendarDays.IsLegal) == true;

    private static void CheckZone(CheckContext context, string path, TimeTrigger trigger)
    {
        if (!context.IsBroken($"{path}/zone") && !TimeZones.Exists(trigger.Zone))
        {
            var near = TimeZones.Near(trigger.Zone);
            context.Add(DiagnosticCatalog.UnknownZone.At(
                context.Map.ValueOf($"{path}/zone"),
                "unknown zone",
                $"\"{ParameterValues.Shorten(trigger.Zone)}\" is not a time zone that this machine knows",
                near.Count > 0 ? $"did you mean {Reading.Words.Or(near)}?" : "Write a zone of the IANA database: \"Europe/Berlin\", \"America/New_York\", \"UTC\".",
                near));
        }
    }

    private static void CheckWorkingDay(CheckContext context, string path, WorkingDayTrigger trigger)
    {
        if (trigger.Day is 0 or < -23 or > 23 && !context.IsBroken($"{path}/workingDay"))
        {
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf($"{path}/workingDay"), "out of bounds", $"\"workingDay\" is {trigger.Day} and should be from 1 to 23, or from -1 to -23 counted from the end", "Write \"each\" for every working day."));
        }

        if (trigger.At.IsEmpty && !context.IsBroken($"{path}/at"))
        {
            context.Add(DiagnosticCatalog.BadDate.At(context.Map.NameOf(path), "no time", "this trigger names days and no time of the day", "Add \"at\": [\"09:00\"]."));
        }

        for (var i = 0; i < trigger.At.Length; i++)
        {
            if (!LocalInstants.TryParseTime(trigger.At[i], out _))
            {
                context.Add(DiagnosticCatalog.BadDate.At(
                    context.Map.ValueOf(SourceMap.Join($"{path}/at", i)), "not a time", $"\"{ParameterValues.Shorten(trigger.At[i])}\" is not a time of the day", "Write hours and minutes with two digits: \"09:00\", \"23:30:15\"."));
            }
        }
    }

    private static void CheckExcluded(CheckContext context, string path, TimeTrigger trigger)
    {
        for (var i = 0; i < trigger.Exclude.Length; i++)
        {
            var name = trigger.Exclude[i];
            if (!context.Definition.Calendars.ContainsKey(name))
            {
                var known = context.Definition.Calendars.Keys.ToList();
                context.Add(DiagnosticCatalog.UnknownCalendar.At(
                    context.Map.ValueOf(SourceMap.Join($"{path}/exclude", i)),
                    "unknown calendar",
                    $"\"{ParameterValues.Shorten(name)}\" is not a calendar of this pipeline",
                    NearNames.Question(name, known) ?? (known.Count > 0 ? $"Its calendars are {string.Join(", ", known)}." : "Declare it: \"calendars\": { \"holidays\": { \"days\": [\"12-25\"] } }."),
                    NearNames.FindAll(name, known)));
            }
        }
    }

    private static void CheckBounds(CheckContext context, string path, TimeTrigger trigger)
    {
        if (!TimeZones.IsKnown(trigger.Zone))
        {
            return;
        }

        var zone = trigger.Zone == "UTC" ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(trigger.Zone);
        foreach (var (name, text) in new[] { ("start", trigger.Start), ("end", trigger.End) })
        {
            if (text is not null && !LocalInstants.TryParse(text, zone, out _))
            {
                context.Add(DiagnosticCatalog.BadDate.At(
                    context.Map.ValueOf($"{path}/{name}"), "not a date", $"\"{name}\" is \"{ParameterValues.Shorten(text)}\", which is no date or time", $"Write {LocalInstants.Rule}."));
            }
        }
    }

    private static void CheckCalendar(CheckContext context, string path, CalendarDefinition calendar)
    {
        for (var i = 0; i < calendar.Days.Length; i++)
        {
            if (!CalendarDays.IsLegal(calendar.Days[i]))
            {
                context.Add(DiagnosticCatalog.BadDate.At(
                    context.Map.ValueOf(SourceMap.Join($"{path}/days", i)), "not a day", $"\"{ParameterValues.Shorten(calendar.Days[i])}\" is not a day or a range of days", $"Write {CalendarDays.Rule}."));
            }
        }
    }
}

/// <summary>The IANA time zones of this machine.</summary>
internal static class TimeZones
{
    public static bool Exists(string zone) =>
        IsKnown(zone) || !MachineHasZones();

    /// <summary>True when times of the zone can be computed here.</summary>
    public static bool IsKnown(string zone) => zone is "UTC" || (zone.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _));

    /// <summary>Zones that may have been meant; the place alone (<c>Berlin</c>) finds its zone too.</summary>
    public static IReadOnlyList<string> Near(string zone)
    {
        var known = TimeZoneInfo.GetSystemTimeZones().Select(info => info.Id).Where(id => id.Contains('/', StringComparison.Ordinal)).ToList();
        var place = zone.Replace(' ', '_');
        var named = known.Where(id => id.EndsWith($"/{place}", StringComparison.OrdinalIgnoreCase)).Take(3).ToList();
        return named.Count > 0 ? named : NearNames.FindAll(zone, known);
    }

    // A container without time zone data knows UTC alone. What it cannot check it must not refuse; the scheduler says so when it starts.
    private static bool MachineHasZones() => TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _);
}
