using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl;

/// <summary>Writes triggers and calendars as JSON; what only repeats a default is left out.</summary>
internal static class TriggerWriter
{
    public static JsonNode Write(TriggerDefinition trigger) => trigger switch
    {
        DatasetTrigger dataset => new JsonObject { ["dataset"] = dataset.Dataset },
        ScheduleTrigger schedule => Timed(schedule, new JsonObject { ["schedule"] = schedule.Schedule }),
        IntervalTrigger interval => Timed(interval, new JsonObject { ["every"] = Durations.Format(interval.Every) }),
        WorkingDayTrigger days => Timed(days, WorkingDays(days)),
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
    };

    public static JsonObject Write(ImmutableSortedDictionary<string, CalendarDefinition> calendars) => new(calendars.Select(pair =>
    {
        var json = new JsonObject();
        Put(json, "weekdays", pair.Value.Weekdays.Select(WeekdayWords.Of));
        Put(json, "days", pair.Value.Days);
        return KeyValuePair.Create(pair.Key, (JsonNode?)json);
    }));

    private static JsonObject WorkingDays(WorkingDayTrigger trigger)
    {
        var json = new JsonObject { ["workingDay"] = trigger.Day is { } day ? JsonValue.Create(day) : JsonValue.Create("each") };
        Put(json, "at", trigger.At);
        if (!trigger.Weekend.ToHashSet().SetEquals([DayOfWeek.Saturday, DayOfWeek.Sunday]))
        {
            Put(json, "weekend", trigger.Weekend.Select(WeekdayWords.Of));
        }

        return json;
    }

    private static JsonObject Timed(TimeTrigger trigger, JsonObject json)
    {
        var usual = new ScheduleTrigger { Schedule = "" };
        if (trigger.Zone != usual.Zone)
        {
            json["zone"] = trigger.Zone;
        }

        DefinitionWriter.PutWord(json, "overlap", trigger.Overlap, usual.Overlap, Words.Overlaps);
        DefinitionWriter.PutWord(json, "missed", trigger.Missed, usual.Missed, Words.Kebab<Missed>());
        DefinitionWriter.Put(json, "missedWindow", trigger.MissedWindow);
        DefinitionWriter.Put(json, "jitter", trigger.Jitter);
        DefinitionWriter.Put(json, "start", trigger.Start);
        DefinitionWriter.Put(json, "end", trigger.End);
        Put(json, "exclude", trigger.Exclude);
        DefinitionWriter.PutWord(json, "excluded", trigger.Excluded, usual.Excluded, Words.Kebab<ExcludedDay>());
        DefinitionWriter.PutWord(json, "missingHour", trigger.MissingHour, usual.MissingHour, Words.Kebab<MissingTime>());
        DefinitionWriter.PutWord(json, "doubledHour", trigger.DoubledHour, usual.DoubledHour, Words.Kebab<DoubledTime>());
        return json;
    }

    private static void Put(JsonObject json, string name, IEnumerable<string> texts)
    {
        JsonNode[] items = [.. texts.Select(text => JsonValue.Create(text))];
        if (items.Length > 0)
        {
            json[name] = new JsonArray(items);
        }
    }
}
