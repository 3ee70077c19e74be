using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl.Schema;

/// <summary>
/// The JSON Schema of pipeline files: completion and checks in any editor. Draft 2020-12, and kept to what draft-07 editors understand too
/// (<c>definitions</c>, no siblings of <c>$ref</c>).
/// </summary>
public static class PipelineSchema
{
    /// <summary>The schema for the activities there are.</summary>
    public static JsonObject Create(ActivityCatalog catalog)
    {
        var values = new ValueSchemas(catalog);
        var activities = catalog.Activities.ToList();
        var task = Task(activities);
        foreach (var activity in activities)
        {
            values.Definitions[WithName(activity)] = values.WithOf(activity);
        }

        task["allOf"] = Cases(activities);
        values.Definitions["task"] = task;
        values.Definitions["parameter"] = Parameter();
        values.Definitions["trigger"] = TriggerSchema.Trigger();
        values.Definitions["retry"] = Retry();
        values.Definitions["retryRule"] = RetryRule();
        values.Definitions["deadline"] = Deadline();
        values.Definitions["duration"] = Duration();
        var pipeline = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Orchestrator pipeline",
            ["type"] = "object",
            ["required"] = new JsonArray("name", "tasks"),
            ["properties"] = new JsonObject
            {
                ["$schema"] = Text("Where this schema is; gives completion in editors."),
                ["name"] = Name("The pipeline's name."),
                ["title"] = Text("One sentence for people."),
                ["params"] = Named("parameter", "Values given when a run starts; expressions see them as params.NAME."),
                ["triggers"] = new JsonObject { ["description"] = "Why runs start by themselves.", ["type"] = "array", ["items"] = Ref("trigger") },
                ["calendars"] = TriggerSchema.Calendars(),
                ["tasks"] = Named("task", "The work. A task that refers to another's output, or names it in \"needs\", starts after it.", atLeast: 1),
                ["timeout"] = Described(Ref("duration"), "The longest a run may take, waiting included."),
                ["parallel"] = Integer("How many attempts of one run may be in flight together.", minimum: 1),
                ["deadline"] = Described(Ref("deadline"), "What happens to a run that takes too long, counted from its acceptance."),
                ["concurrency"] = Concurrency(),
                ["outputs"] = Outputs(),
            },
            ["additionalProperties"] = false,
            ["definitions"] = values.Definitions,
        };
        values.Definitions["subPipeline"] = SubPipeline(pipeline);
        return pipeline;
    }

    private static JsonObject Outputs() => new()
    {
        ["description"] = "What a run yields, and as a sub-pipeline its task: values by name; ${ … } holds an expression over tasks and params.",
        ["type"] = "object",
        ["propertyNames"] = new JsonObject { ["pattern"] = "^[A-Za-z][A-Za-z0-9_-]{0,63}$" },
    };

    /// <summary>The pipeline of a task: a file, or all of it; written in place it needs no name.</summary>
    private static JsonObject SubPipeline(JsonObject pipeline)
    {
        var inPlace = new JsonObject
        {
            ["type"] = "object", ["required"] = new JsonArray("tasks"), ["properties"] = pipeline["properties"]?.DeepClone(), ["additionalProperties"] = false,
        };
        return new JsonObject
        {
            ["description"] = "In place of \"uses\": the pipeline that does the work. A file (JSON or C# script, relative to this file), or a pipeline written in place. \"with\" gives its parameters; its outputs are the task's.",
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string", ["minLength"] = 1 }, inPlace),
        };
    }

    /// <summary>The schema of one activity's <c>with</c>, with all that it refers to.</summary>
    public static JsonObject CreateWith(ActivityCatalog catalog, ActivityDescriptor activity)
    {
        var values = new ValueSchemas(catalog);
        var with = values.WithOf(activity);
        values.Definitions["duration"] = Duration();
        with["definitions"] = values.Definitions;
        return with;
    }

    /// <summary>The same as a file's text.</summary>
    public static string CreateText(ActivityCatalog catalog) => Create(catalog).ToJsonString(OrcJson.Indented) + "\n";

    internal static JsonObject Ref(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    internal static JsonObject Described(JsonObject schema, string? description) => description is null ? schema
        : schema.ContainsKey("$ref") ? new JsonObject { ["description"] = description, ["allOf"] = new JsonArray(schema) }
        : new JsonObject([KeyValuePair.Create("description", (JsonNode?)description), .. schema.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))]);

    internal static JsonArray Strings(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode?)word)]);

    private static JsonObject Task(List<ActivityDescriptor> activities) => new()
    {
        ["type"] = "object",
        ["oneOf"] = new JsonArray(Required("uses"), Required("pipeline")),
        ["properties"] = new JsonObject
        {
            ["title"] = Text("A few words for people."),
            ["pipeline"] = Ref("subPipeline"),
            ["as"] = Choice("How the sub-pipeline runs: inline, its tasks are tasks of this run; run, it is a run of its own.", Words.Kebab<SubPipelineMode>().All, "inline"),
            ["uses"] = new JsonObject
            {
                ["description"] = "The activity that does the work.",
                ["enum"] = Strings(activities.Select(activity => activity.Type)),
                // An editor shows these beside the words.
                ["enumDescriptions"] = Strings(activities.Select(activity => activity.Summary)),
            },
            ["with"] = new JsonObject { ["description"] = "The activity's inputs, or the sub-pipeline's parameters; ${ … } holds an expression.", ["type"] = "object" },
            ["needs"] = new JsonObject { ["description"] = "Tasks that must end first although no data flows.", ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            ["rule"] = Choice("How the ends of the tasks before decide whether this one runs.", Words.Snake<JoinRule>().All, "all_success"),
            ["when"] = Text("An expression; false skips the task."),
            ["map"] = Map(),
            ["retry"] = Ref("retry"),
            ["timeout"] = Described(Ref("duration"), "The longest one attempt may run."),
            ["queueTimeout"] = Described(Ref("duration"), "The longest the task may wait for a free slot."),
            ["limits"] = Limits(),
            ["heartbeat"] = Described(Ref("duration"), "The longest an attempt may give no sign of life (progress, a line in its log); one that is silent for longer is lost."),
            ["deadline"] = Described(Ref("deadline"), "What happens when the task takes too long, counted from when its turn came."),
            ["cache"] = Cache(),
            ["pool"] = Text("The pool whose slots limit how many such attempts run at once."),
            ["poolSlots"] = Integer("How many slots of the pool one attempt takes. Default 1.", minimum: 1),
            ["priority"] = Integer("Higher goes first. Default 0."),
            ["onExit"] = new JsonObject { ["description"] = "Runs when all other tasks have ended, however they ended.", ["type"] = "boolean", ["default"] = false },
        },
        ["additionalProperties"] = false,
    };

    /// <summary>What holds for something with <c>uses</c> and <c>with</c>, for each activity that it may use.</summary>
    internal static JsonArray Cases(IEnumerable<ActivityDescriptor> activities) => new([.. activities.Select(Case)]);

    private static string WithName(ActivityDescriptor activity) => $"with-{activity.Type}";

    private static JsonObject Case(ActivityDescriptor activity)
    {
        var then = new JsonObject { ["properties"] = new JsonObject { ["with"] = Ref(WithName(activity)) } };
        if (activity.Inputs.Any(input => input.Required))
        {
            then["required"] = new JsonArray("with");
        }

        return new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["uses"] = new JsonObject { ["enum"] = new JsonArray(activity.Type) } }, ["required"] = new JsonArray("uses") },
            ["then"] = then,
        };
    }

    private static JsonObject Parameter() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("type"),
        ["properties"] = new JsonObject
        {
            ["type"] = Choice("What values it takes.", Words.Kebab<ParameterType>().All),
            ["default"] = new JsonObject { ["description"] = "The value of runs that are started without one." },
            ["minimum"] = new JsonObject { ["description"] = "Lowest legal number, inclusive.", ["type"] = "number" },
            ["maximum"] = new JsonObject { ["description"] = "Highest legal number, inclusive.", ["type"] = "number" },
            ["choices"] = new JsonObject { ["description"] = "The legal values, when they are few.", ["type"] = "array" },
            ["help"] = Text("One sentence for people."),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Retry() => new()
    {
        ["description"] = "How often a failed task is tried, and after what wait.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["attempts"] = Integer("Attempts in all, the first included. May be left out beside rules or losses: 1.", minimum: 1, maximum: 100),
            ["backoff"] = Choice("How the wait grows.", Words.Kebab<BackoffKind>().All, "exponential"),
            ["delay"] = Described(Ref("duration"), "The wait before the second attempt. Default 10s."),
            ["max"] = Described(Ref("duration"), "The longest wait. Default 5m."),
            ["jitter"] = Choice("Whether the wait is drawn at random between zero and itself.", Words.Kebab<Jitter>().All, "full"),
            ["on"] = new JsonObject
            {
                ["description"] = "Rules for kinds of failures, of which the first that fits decides, and failure codes. With codes, a failure that nothing here fits is not retried.",
                ["type"] = "array",
                ["items"] = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, Ref("retryRule")) },
            },
            ["except"] = new JsonObject { ["description"] = "Failure codes that are never retried.", ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            ["losses"] = Integer("How often an attempt may be lost to the machinery and the task still be tried again. Default 5; 0: never.", minimum: 0, maximum: 100),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject RetryRule() => new()
    {
        ["description"] = "How failures of one kind are retried; what it does not say is as in the policy.",
        ["type"] = "object",
        ["anyOf"] = new JsonArray(Required("code"), Required("kind"), Required("retryable")),
        ["properties"] = new JsonObject
        {
            ["code"] = Text("The failure's code."),
            ["kind"] = Choice("Whose doing the failure is; infrastructure speaks of lost attempts.", Words.Kebab<FailureKind>().All),
            ["retryable"] = new JsonObject { ["description"] = "What the failure says of itself.", ["type"] = "boolean" },
            ["attempts"] = Integer("Attempts in all when this failure is the last one; 0 and 1: no further one.", minimum: 0, maximum: 100),
            ["backoff"] = Choice("How the wait grows.", Words.Kebab<BackoffKind>().All),
            ["delay"] = Described(Ref("duration"), "The wait before the second attempt."),
            ["max"] = Described(Ref("duration"), "The longest wait."),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Required(string name) => new() { ["required"] = new JsonArray(name) };

    private static JsonObject Concurrency() => new()
    {
        ["description"] = "How many runs may go on at once, and what happens to one more.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["key"] = Text("Counts runs with the same key apart from others; ${ … } over params and run. Without it all runs of the pipeline share one."),
            ["limit"] = Integer("How many may go on at once; 1 unless said otherwise.", minimum: 1),
            ["overlap"] = Choice("What happens when there is no room. queue says the same as queue-all, cancel-oldest the same as cancel-other.", Words.Overlaps.Accepted, "queue-all"),
            ["scope"] = Choice("Who shares the key: runs of this pipeline, or all runs of the home.", Words.Kebab<ConcurrencyScope>().All, "pipeline"),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Deadline() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("after", "then"),
        ["properties"] = new JsonObject
        {
            ["after"] = Described(Ref("duration"), "How long it may take."),
            ["then"] = Choice("What happens then.", Words.Kebab<DeadlineAction>().All),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Cache() => new()
    {
        ["description"] = "When a task's earlier result may stand in for running it again.",
        ["anyOf"] = new JsonArray(
            Choice(null, Words.Kebab<CacheMode>().All, "auto"),
            new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["mode"] = Choice(null, Words.Kebab<CacheMode>().All, "auto"),
                    ["expires"] = Described(Ref("duration"), "How old a result may be."),
                    ["scope"] = Choice("Who may take a result over: every pipeline of the home, or only this one.", Words.Kebab<CacheScope>().All, "home"),
                    ["environment"] = new JsonObject
                    {
                        ["description"] = "Variables of the environment whose values the result depends on. The values are stored with it, so name no secrets.", ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z_][A-Za-z0-9_]*$" },
                    },
                },
                ["additionalProperties"] = false,
            }),
    };

    private static JsonObject Map()
    {
        static JsonObject Named() => new()
        {
            ["type"] = "object",
            ["minProperties"] = 1,
            ["additionalProperties"] = new JsonObject
            {
                ["anyOf"] = new JsonArray(Text("An expression that yields a list."), new JsonObject { ["description"] = "The list itself.", ["type"] = "array" }),
            },
        };
        var pair = Named();
        pair["maxProperties"] = 1;
        return new JsonObject
        {
            ["description"] = "Repeats the task for every item of a list, or of several lists.",
            ["type"] = "object",
            ["required"] = new JsonArray("over"),
            ["properties"] = new JsonObject
            {
                ["over"] = new JsonObject
                {
                    ["description"] = "What to repeat over.",
                    ["anyOf"] = new JsonArray(
                        Text("An expression that yields a list. Each item is item, its place index."),
                        Described(Named(), "Lists by name: an item has an element of each, item.NAME. The last list varies fastest."),
                        new JsonObject { ["description"] = "The same, one object for each list.", ["type"] = "array", ["minItems"] = 1, ["items"] = pair }),
                },
                ["combine"] = Choice("How named lists make items: every element with every other (product), or the first ones together, the second ones, … (zip).", Words.Kebab<MapCombination>().All, "product"),
                ["parallel"] = Integer("How many items may be in flight together.", minimum: 1),
            },
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Limits() => new()
    {
        ["description"] = "What one attempt may use up.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["memory"] = Size("Resident memory of the attempt's processes together; at least 64MiB."),
            ["log"] = Size("The attempt's log; of what comes after only the end is kept."),
            ["output"] = Size("The JSON of one output; larger values belong into an artifact."),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Size(string description) => new()
    {
        ["description"] = description,
        ["type"] = "string",
        ["pattern"] = @"^\d{1,15}(\.\d{1,6})? ?([KkMmGgTt][Ii]?[Bb]|[Bb])$",
        ["examples"] = new JsonArray("512MB", "2GiB"),
    };

    private static JsonObject Duration() => new()
    {
        ["description"] = "Numbers with units from large to small: d, h, m, s, ms.",
        ["type"] = "string",
        ["pattern"] = @"^(?=.)(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m(?!s))?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$",
        ["examples"] = new JsonArray("30s", "5m", "1h30m"),
    };

    private static JsonObject Named(string definition, string description, int atLeast = 0)
    {
        var schema = new JsonObject
        {
            ["description"] = description,
            ["type"] = "object",
            ["patternProperties"] = new JsonObject { ["^[A-Za-z][A-Za-z0-9_-]{0,63}$"] = Ref(definition) },
            ["additionalProperties"] = false,
        };
        if (atLeast > 0)
        {
            schema["minProperties"] = atLeast;
        }

        return schema;
    }

    internal static JsonObject Name(string description) => new() { ["description"] = description, ["type"] = "string", ["pattern"] = "^[A-Za-z][A-Za-z0-9_-]{0,63}$" };

    internal static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };

    private static JsonObject Integer(string description, int? minimum = null, int? maximum = null)
    {
        var schema = new JsonObject { ["description"] = description, ["type"] = "integer" };
        if (minimum is not null)
        {
            schema["minimum"] = minimum;
        }

        if (maximum is not null)
        {
            schema["maximum"] = maximum;
        }

        return schema;
    }

    internal static JsonObject Choice(string? description, IReadOnlyList<string> words, string? usual = null)
    {
        var schema = Described(new JsonObject { ["enum"] = Strings(words) }, description);
        if (usual is not null)
        {
            schema["default"] = usual;
        }

        return schema;
    }
}
