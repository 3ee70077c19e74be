using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl;

/// <summary>Writes definitions as JSON: for people in their author's order, for hashing in one canonical form.</summary>
public static class DefinitionWriter
{
    /// <summary>Sub-pipelines in sub-pipelines nest deeper than any value may.</summary>
    private const int MaxDepth = 512;

    private static readonly JsonSerializerOptions Deep = new(OrcJson.Options) { MaxDepth = MaxDepth };

    private static readonly JsonSerializerOptions Indented = new(OrcJson.Indented) { MaxDepth = MaxDepth };

    /// <summary>A trigger in its canonical form: what means the same looks the same.</summary>
    public static JsonObject ToJson(TriggerDefinition trigger) => TriggerWriter.Write(trigger, canonical: true);

    /// <summary>The definition as a file, ready to be read again: tasks and parameters in their author's order, what only repeats a default left out.</summary>
    /// <param name="definition">Any definition.</param>
    /// <param name="schema">What to write as <c>$schema</c>; null: nothing.</param>
    public static string ToJson(PipelineDefinition definition, string? schema = null)
    {
        var json = Write(definition, canonical: false);
        if (schema is not null)
        {
            json.Insert(0, "$schema", schema);
        }

        return json.ToJsonString(Indented) + "\n";
    }

    /// <summary>
    /// One text for all definitions that mean the same: members in ordinal order, no white space, defaults left out, numbers and expressions in their canonical spelling.
    /// Spelling, comments and the order of tasks, parameters and members make no difference; the order of triggers, of the items of a list and of the lists of a map does.
    /// </summary>
    public static string ToCanonicalJson(PipelineDefinition definition) => CanonicalJson.Write(JsonSerializer.SerializeToElement(Write(definition, canonical: true), Deep));

    /// <summary>The SHA-256 of the canonical JSON: the definition's version.</summary>
    public static DefinitionHash Hash(PipelineDefinition definition) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToCanonicalJson(definition)))));

    private static JsonObject Write(PipelineDefinition definition, bool canonical)
    {
        var json = new JsonObject { ["name"] = definition.Name };
        Put(json, "title", definition.Title);
        Put(json, "timeout", definition.Timeout);
        Put(json, "parallel", definition.Parallel);
        Put(json, "deadline", definition.Deadline);
        if (definition.Concurrency is { } concurrency)
        {
            json["concurrency"] = Write(concurrency, canonical);
        }

        if (definition.Params.Length > 0)
        {
            json["params"] = new JsonObject(definition.Params.Select(parameter => KeyValuePair.Create(parameter.Name, (JsonNode?)Write(parameter))));
        }

        if (definition.Triggers.Length > 0)
        {
            json["triggers"] = new JsonArray([.. definition.Triggers.Select(trigger => TriggerWriter.Write(trigger, canonical))]);
        }

        if (definition.Calendars.Count > 0)
        {
            json["calendars"] = TriggerWriter.Write(definition.Calendars);
        }

        if (definition.Outputs.Count > 0)
        {
            json["outputs"] = WriteValues(definition.Outputs, canonical);
        }

        json["tasks"] = new JsonObject(definition.Tasks.Select(task => KeyValuePair.Create(task.Name.Value, (JsonNode?)Write(task, canonical))));
        return json;
    }

    private static JsonObject Write(ParameterDefinition parameter)
    {
        var json = new JsonObject { ["type"] = Words.Kebab<ParameterType>()[parameter.Type] };
        if (parameter.Default is { } usual)
        {
            json["default"] = JsonNode.Parse(usual.GetRawText());
        }

        Put(json, "minimum", parameter.Minimum);
        Put(json, "maximum", parameter.Maximum);
        if (parameter.Choices.Length > 0)
        {
            json["choices"] = new JsonArray([.. parameter.Choices.Select(choice => JsonNode.Parse(choice.GetRawText()))]);
        }

        Put(json, "help", parameter.Help);
        return json;
    }

    private static JsonObject Write(TaskDefinition task, bool canonical)
    {
        var json = new JsonObject();
        Put(json, "title", task.Title);
        if (task.Pipeline is { } pipeline)
        {
            // A file that nobody has read yet is written as its author named it.
            json["pipeline"] = pipeline.Definition is { } inner ? Write(inner, canonical) : pipeline.Path;
            PutWord(json, "as", pipeline.As, SubPipelineMode.Inline, Words.Kebab<SubPipelineMode>());
        }
        else
        {
            json["uses"] = task.Uses;
        }

        if (task.With.Count > 0)
        {
            json["with"] = WriteValues(task.With, canonical);
        }

        if (task.Needs.Length > 0)
        {
            var needs = canonical ? task.Needs.Distinct().Order() : task.Needs.AsEnumerable();
            json["needs"] = new JsonArray([.. needs.Select(need => JsonValue.Create(need.Value))]);
        }

        PutWord(json, "rule", task.Rule, JoinRule.AllSuccess, Words.Snake<JoinRule>());
        Put(json, "when", Spell(task.When, canonical));
        if (task.Map is { } map)
        {
            json["map"] = Write(map, canonical);
        }

        if (task.Retry is { } retry && !(canonical && IsNone(retry)))
        {
            json["retry"] = Write(retry, canonical);
        }

        Put(json, "timeout", task.Timeout);
        Put(json, "queueTimeout", task.QueueTimeout);
        if (task.Limits is { } limits && limits != new TaskLimits())
        {
            json["limits"] = Write(limits);
        }

        Put(json, "heartbeat", task.Heartbeat);
        Put(json, "deadline", task.Deadline);
        if (task.Cache is { } cache && !(canonical && cache.IsUsual))
        {
            json["cache"] = Write(cache, canonical);
        }

        Put(json, "pool", task.Pool);
        Put(json, "poolSlots", task.PoolSlots == 1 ? null : task.PoolSlots);
        Put(json, "priority", task.Priority == 0 ? null : task.Priority);
        if (task.OnExit)
        {
            json["onExit"] = true;
        }

        return json;
    }

    private static JsonObject Write(MapDefinition map, bool canonical)
    {
        var lists = map.Lists.Select(list => KeyValuePair.Create(list.Name, (JsonNode?)Spell(list.Expression, canonical)));
        var json = new JsonObject
        {
            // The order of the lists decides which item is which, and canonical JSON sorts members; so there each list is an object of its own.
            ["over"] = map.Lists.IsEmpty ? Spell(map.Over, canonical)
                : canonical ? new JsonArray([.. lists.Select(list => (JsonNode)new JsonObject([list]))])
                : new JsonObject(lists),
        };
        PutWord(json, "combine", map.Combine, MapCombination.Product, Words.Kebab<MapCombination>());
        Put(json, "parallel", map.Parallel);
        return json;
    }

    // One attempt is no retry, whatever the waits would have been.
    private static bool IsNone(RetryPolicy retry) => retry is { Attempts: 1, Rules.IsEmpty: true, Losses: RetryPolicy.DefaultLosses };

    private static JsonObject Write(RetryPolicy retry, bool canonical)
    {
        var usual = RetryPolicy.None;
        var json = new JsonObject();
        if (retry.Attempts != 1 || (retry.Rules.IsEmpty && retry.Losses == usual.Losses))
        {
            json["attempts"] = retry.Attempts;
        }

        PutWord(json, "backoff", retry.Backoff, usual.Backoff, Words.Kebab<BackoffKind>());
        Put(json, "delay", retry.Delay == usual.Delay ? null : retry.Delay);
        Put(json, "max", retry.Max == usual.Max ? null : retry.Max);
        PutWord(json, "jitter", retry.Jitter, usual.Jitter, Words.Kebab<Jitter>());
        PutCodes(json, "on", retry.On, canonical);
        if (retry.Rules.Length > 0)
        {
            var on = json["on"] as JsonArray ?? [];
            foreach (var rule in retry.Rules)
            {
                on.Add((JsonNode)Write(rule));
            }

            json["on"] = on;
        }

        PutCodes(json, "except", retry.Except, canonical);
        Put(json, "losses", retry.Losses == usual.Losses ? null : retry.Losses);
        return json;
    }

    private static JsonObject Write(TaskLimits limits)
    {
        var json = new JsonObject();
        foreach (var (name, bytes) in ((string, long?)[])[("memory", limits.MemoryInBytes), ("log", limits.LogInBytes), ("output", limits.OutputInBytes)])
        {
            Put(json, name, bytes is { } given ? Sizes.Format(given) : null);
        }

        return json;
    }

    private static JsonObject Write(RetryRule rule)
    {
        var json = new JsonObject();
        Put(json, "code", rule.Code);
        Put(json, "kind", rule.Kind is { } kind ? Words.Kebab<FailureKind>()[kind] : null);
        if (rule.Retryable is { } retryable)
        {
            json["retryable"] = retryable;
        }

        Put(json, "attempts", rule.Attempts);
        Put(json, "backoff", rule.Backoff is { } backoff ? Words.Kebab<BackoffKind>()[backoff] : null);
        Put(json, "delay", rule.Delay);
        Put(json, "max", rule.Max);
        return json;
    }

    private static void Put(JsonObject json, string name, DeadlineDefinition? deadline)
    {
        if (deadline is not null)
        {
            json[name] = new JsonObject { ["after"] = Durations.Format(deadline.After), ["then"] = Words.Kebab<DeadlineAction>()[deadline.Then] };
        }
    }

    private static JsonObject Write(ConcurrencyDefinition concurrency, bool canonical)
    {
        var usual = new ConcurrencyDefinition();
        var json = new JsonObject();
        if (concurrency.Key is { } key)
        {
            json["key"] = WriteValue(OrcJson.ToElement(key), canonical);
        }

        Put(json, "limit", concurrency.Limit == usual.Limit ? null : concurrency.Limit);
        PutWord(json, "overlap", concurrency.Overlap, usual.Overlap, Words.Overlaps);
        PutWord(json, "scope", concurrency.Scope, usual.Scope, Words.Kebab<ConcurrencyScope>());
        return json;
    }

    private static JsonNode? Write(CachePolicy cache, bool canonical)
    {
        var mode = Words.Kebab<CacheMode>()[cache.Mode];
        if (cache is { Expires: null, Scope: CacheScope.Home, Environment.IsEmpty: true })
        {
            return JsonValue.Create(mode);
        }

        var json = new JsonObject { ["mode"] = mode };
        Put(json, "expires", cache.Expires);
        PutWord(json, "scope", cache.Scope, CacheScope.Home, Words.Kebab<CacheScope>());
        PutCodes(json, "environment", cache.Environment, canonical);
        return json;
    }

    internal static JsonObject WriteValues(ImmutableSortedDictionary<string, JsonElement> values, bool canonical) =>
        new(values.Select(pair => KeyValuePair.Create(pair.Key, WriteValue(pair.Value, canonical))));

    private static JsonNode? WriteValue(JsonElement value, bool canonical) =>
        canonical && value.GetRawText().Contains("${", StringComparison.Ordinal) ? SpellAll(JsonNode.Parse(value.GetRawText())) : JsonNode.Parse(value.GetRawText());

    private static JsonNode? SpellAll(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, SpellAll(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(SpellAll)]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Contains("${", StringComparison.Ordinal) => JsonValue.Create(SpellTemplate(text)),
        _ => node?.DeepClone(),
    };

    private static string SpellTemplate(string text) => string.Concat(Templates.Split(text).Select(part =>
        part.IsExpression ? Templates.Whole(ExpressionSyntax.Parse(part.Text).Canonical) : part.Text.Replace("${", "$${", StringComparison.Ordinal)));

    internal static string? Spell(string? expression, bool canonical) => canonical && expression is not null ? ExpressionSyntax.Parse(expression).Canonical : expression;

    private static void PutCodes(JsonObject json, string name, ImmutableArray<string> codes, bool canonical)
    {
        if (codes.Length > 0)
        {
            json[name] = new JsonArray([.. (canonical ? codes.Distinct().Order(StringComparer.Ordinal) : codes.AsEnumerable()).Select(code => JsonValue.Create(code))]);
        }
    }

    internal static void PutWord<T>(JsonObject json, string name, T value, T usual, Words<T> words) where T : struct, Enum
    {
        if (!EqualityComparer<T>.Default.Equals(value, usual))
        {
            json[name] = words[value];
        }
    }

    internal static void Put(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    internal static void Put(JsonObject json, string name, TimeSpan? value) => Put(json, name, value is { } duration ? Durations.Format(duration) : null);

    private static void Put(JsonObject json, string name, int? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static void Put(JsonObject json, string name, double? value)
    {
        if (value is { } number)
        {
            // A whole number is written without a point, as its author would.
            json[name] = double.IsInteger(number) && Math.Abs(number) < 1e15 ? JsonValue.Create((long)number) : JsonValue.Create(number);
        }
    }
}
