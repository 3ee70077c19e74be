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
    public static JsonObject Write(TriggerDefinition trigger, bool canonical)
    {
        var json = WriteOwn(trigger, canonical);
        DefinitionWriter.Put(json, "name", trigger.Name);
        if (trigger.Params.Count > 0)
        {
            json["params"] = DefinitionWriter.WriteValues(trigger.Params, canonical);
        }

        return json;
    }

    private static JsonObject WriteOwn(TriggerDefinition trigger, bool canonical) => trigger switch
    {
        EventTrigger happens => Event(happens, canonical),
        ScheduleTrigger schedule => Timed(schedule, new JsonObject { ["schedule"] = schedule.Schedule }),
        IntervalTrigger interval => Timed(interval, new JsonObject { ["every"] = Durations.Format(interval.Every) }),
        WorkingDayTrigger days => Timed(days, WorkingDays(days)),
        _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
    };

    private static JsonObject Event(EventTrigger trigger, bool canonical)
    {
        var json = trigger switch
        {
            DatasetTrigger dataset => new JsonObject { ["dataset"] = dataset.Dataset },
            ModelTrigger model => new JsonObject { ["model"] = model.Model },
            PipelineTrigger pipeline => new JsonObject { ["pipeline"] = pipeline.Pipeline },
            AlertTrigger alert => new JsonObject { ["alert"] = alert.Alert },
            FileTrigger file => new JsonObject { ["file"] = file.File },
            WebhookTrigger hook => new JsonObject { ["webhook"] = hook.Webhook, ["secret"] = hook.Secret },
            CombinedTrigger combined => new JsonObject { [combined.All ? "all" : "any"] = new JsonArray([.. combined.Of.Select(one => Write(one, canonical))]) },
            _ => throw new ArgumentOutOfRangeException(nameof(trigger), trigger, "not a trigger"),
        };
        switch (trigger)
        {
            case ModelTrigger { Alias: not "champion" } model:
                json["alias"] = model.Alias;
                break;
            case PipelineTrigger pipeline:
                DefinitionWriter.PutWord(json, "outcome", pipeline.Outcome, RunOutcome.Succeeded, Words.Kebab<RunOutcome>());
                break;
            case AlertTrigger alert:
                DefinitionWriter.PutWord(json, "severity", alert.Severity, AlertSeverity.Info, Words.Kebab<AlertSeverity>());
                DefinitionWriter.Put(json, "subject", alert.Subject);
                break;
            case FileTrigger file:
                Put(json, "stable", file.Stable, TimeSpan.FromSeconds(10));
                Put(json, "poll", file.Poll, TimeSpan.FromSeconds(30));
                break;
            case WebhookTrigger hook:
                Put(json, "window", hook.Window, TimeSpan.FromMinutes(5));
                break;
            case CombinedTrigger combined:
                DefinitionWriter.Put(json, "within", combined.Within);
                DefinitionWriter.Put(json, "debounce", combined.Debounce);
                break;
        }

        DefinitionWriter.Put(json, "when", DefinitionWriter.Spell(trigger.When, canonical));
        DefinitionWriter.PutWord(json, "overlap", trigger.Overlap, Overlap.QueueAll, Words.Kebab<Overlap>());
        return json;
    }

    private static void Put(JsonObject json, string name, TimeSpan value, TimeSpan usual) => DefinitionWriter.Put(json, name, value == usual ? null : (TimeSpan?)value);

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
