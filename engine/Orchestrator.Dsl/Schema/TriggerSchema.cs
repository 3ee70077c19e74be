using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl.Schema;

/// <summary>The part of the schema that is about why runs start.</summary>
internal static class TriggerSchema
{
    public static JsonObject Trigger() => new()
    {
        ["anyOf"] = new JsonArray(
            Timed("schedule", new JsonObject { ["schedule"] = PipelineSchema.Text("Cron with 5 fields (minute first), 6 (second first) or 7 (and year).") }),
            Timed("every", new JsonObject { ["every"] = Duration("The time between two runs, at least 1s. Counted from start, else from 1970-01-01 UTC; clocks that are set make no difference.") }),
            Timed("workingDay", new JsonObject
            {
                ["workingDay"] = new JsonObject
                {
                    ["description"] = "\"each\", or which of the month: 1 is the first, -1 the last.",
                    ["anyOf"] = new JsonArray(
                        new JsonObject { ["const"] = "each" },
                        new JsonObject { ["type"] = "integer", ["minimum"] = -23, ["maximum"] = 23, ["not"] = new JsonObject { ["const"] = 0 } }),
                },
                ["at"] = Texts("The times of the day: \"09:00\", \"09:00:30\".", @"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"),
                ["weekend"] = Weekdays("The days of the week that are no working days; sat and sun unless said otherwise. Days of the excluded calendars are none either."),
            }, "at"),
            Event("dataset", new JsonObject { ["dataset"] = PipelineSchema.Name("A run for every new version of this dataset.") }),
            Event("model", new JsonObject
            {
                ["model"] = PipelineSchema.Text("A run whenever an alias of this model is pointed at another version."),
                ["alias"] = new JsonObject { ["description"] = "Which alias.", ["type"] = "string", ["default"] = "champion" },
            }),
            Event("pipeline", new JsonObject
            {
                ["pipeline"] = PipelineSchema.Name("A run whenever a run of this pipeline has ended."),
                ["outcome"] = PipelineSchema.Choice("How that run must have ended.", Words.Kebab<RunOutcome>().All, "succeeded"),
            }),
            Event("alert", new JsonObject
            {
                ["alert"] = PipelineSchema.Text("A run whenever an alert of this name is raised, or gets worse."),
                ["severity"] = PipelineSchema.Choice("What is less severe starts no run.", Words.Kebab<AlertSeverity>().All, "info"),
                ["subject"] = PipelineSchema.Text("What the alert must be about, to the letter; anything unless said."),
            }),
            Event("file", new JsonObject
            {
                ["file"] = PipelineSchema.Text("A run for every file that appears or changes at this path; its last part may have * and ?. Relative to the folder of the pipeline's file."),
                ["stable"] = Duration("How long size and time of a file must stay the same before it counts as written to its end; 10s unless said otherwise."),
                ["poll"] = Duration("How often the folder is looked at; 30s unless said otherwise."),
            }),
            Event("webhook", new JsonObject
            {
                ["webhook"] = PipelineSchema.Name("A run for every signed request to /hooks/ and this name."),
                ["secret"] = PipelineSchema.Text("The name of the secret that requests are signed with."),
                ["window"] = Duration("How far the time of a request may lie from the time at which it comes; 5m unless said otherwise."),
            }, "secret"),
            Combined("all", "A run when each of these has happened."),
            Combined("any", "A run when any of these happens.")),
    };

    private static JsonObject Combined(string kind, string description) => Event(kind, new JsonObject
    {
        [kind] = new JsonObject { ["description"] = description, ["type"] = "array", ["minItems"] = 1, ["items"] = PipelineSchema.Ref("trigger") },
        ["within"] = Duration("How long what has happened waits for the others; for ever unless said otherwise."),
        ["debounce"] = Duration("The run starts when nothing more has happened for this long."),
    });

    private static JsonObject Event(string kind, JsonObject own, params string[] alsoRequired)
    {
        own["when"] = PipelineSchema.Text("JavaScript over run (run.trigger.event is what happened); false: no run starts.");
        own["overlap"] = PipelineSchema.Choice("What happens while an earlier run of the trigger is still going.", Words.Kebab<Overlap>().All, "queue-all");
        return Closed(kind, own, alsoRequired);
    }

    private static JsonObject Closed(string kind, JsonObject own, string[] alsoRequired)
    {
        own["name"] = PipelineSchema.Name("What people call the trigger; its history is kept under it. Unless given, its kind: schedule, schedule-2, dataset.");
        own["params"] = new JsonObject { ["description"] = "Values for the pipeline's parameters; texts may hold ${ … } over run.", ["type"] = "object" };
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([JsonValue.Create(kind), .. alsoRequired.Select(name => JsonValue.Create(name))]),
            ["properties"] = own,
            ["additionalProperties"] = false,
        };
    }

    public static JsonObject Calendars() => new()
    {
        ["description"] = "Days that triggers leave out, by the name that they give them.",
        ["type"] = "object",
        ["additionalProperties"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["weekdays"] = Weekdays("Days of each week."),
                ["days"] = Texts($"Each is {CalendarDays.Rule}.", @"^(\d{4}-)?\d\d-\d\d$|^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$"),
            },
            ["additionalProperties"] = false,
        },
    };

    private static JsonObject Timed(string kind, JsonObject own, params string[] alsoRequired)
    {
        JsonObject rest = new()
        {
            ["zone"] = new JsonObject { ["description"] = "An IANA time zone.", ["type"] = "string", ["default"] = "UTC" },
            ["overlap"] = PipelineSchema.Choice("What happens while an earlier run is still going. queue says the same as queue-all, cancel-oldest the same as cancel-other.", Words.Overlaps.Accepted, "skip"),
            ["missed"] = PipelineSchema.Choice("What happens to times that passed while no scheduler was running.", Words.Kebab<Missed>().All, "run-latest"),
            ["missedWindow"] = Duration("Missed times that are older than this get no run."),
            ["jitter"] = Duration("A run starts up to this much later than planned, so that many schedules of one hour do not start together. Its logical date stays the planned one."),
            ["start"] = PipelineSchema.Text($"The first legal time, inclusive: {LocalInstants.Rule}."),
            ["end"] = PipelineSchema.Text($"The end, exclusive: {LocalInstants.Rule}."),
            ["exclude"] = Texts("Calendars of the pipeline whose days do not count.", null),
            ["excluded"] = PipelineSchema.Choice("What becomes of a time on an excluded day: nothing, or the same time of the next or previous day that counts.", Words.Kebab<ExcludedDay>().All, "skip"),
            ["missingHour"] = PipelineSchema.Choice("What becomes of a time that the clock leaves out when it is set forward: it is due at the moment of the setting, or not.", Words.Kebab<MissingTime>().All, "shift"),
            ["doubledHour"] = PipelineSchema.Choice("Which of two counts when the clock is set back and shows a time twice.", Words.Kebab<DoubledTime>().All, "first"),
        };
        foreach (var (name, value) in rest.ToArray())
        {
            own[name] = value?.DeepClone();
        }

        return Closed(kind, own, alsoRequired);
    }

    private static JsonObject Duration(string description) => new() { ["description"] = description, ["$ref"] = "#/definitions/duration" };

    private static JsonObject Weekdays(string description) => new()
    {
        ["description"] = description,
        ["type"] = "array",
        ["items"] = new JsonObject { ["enum"] = new JsonArray([.. WeekdayWords.All.Select(word => JsonValue.Create(word))]) },
    };

    private static JsonObject Texts(string description, string? pattern)
    {
        var item = new JsonObject { ["type"] = "string" };
        if (pattern is not null)
        {
            item["pattern"] = pattern;
        }

        return new JsonObject { ["description"] = description, ["type"] = "array", ["items"] = item };
    }
}
