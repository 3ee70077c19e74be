using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Validation;

namespace Orchestrator.Dsl;

/// <summary>
/// Gives what means the same the same form, so that it has the same hash whichever front end wrote it: inputs that only repeat the activity's default go,
/// and so do members of values that only repeat their type's default.
/// </summary>
public static class DefinitionNormalizer
{
    private static readonly JsonElement Nothing = JsonElement.Parse("null");

    /// <summary>The defaults of a record's optional members, by contract.</summary>
    private static readonly ConcurrentDictionary<Type, IReadOnlyDictionary<string, JsonElement>> Defaults = new();

    /// <summary>The normal form. Doing it twice changes nothing. Every front end ends with it.</summary>
    /// <param name="definition">A definition without errors.</param>
    /// <param name="catalog">The activities there are.</param>
    public static PipelineDefinition Normalize(PipelineDefinition definition, ActivityCatalog catalog) =>
        definition with
        {
            Params = [.. definition.Params.Select(parameter => parameter with { Default = parameter is { Type: ParameterType.Duration, Default: { } usual } ? NormalizeDuration(usual) : parameter.Default })],
            Tasks = [.. definition.Tasks.Select(task => Normalize(task, catalog))],
        };

    private static TaskDefinition Normalize(TaskDefinition task, ActivityCatalog catalog)
    {
        if (task.Pipeline is { } pipeline)
        {
            return task with
            {
                Pipeline = new SubPipelineDefinition { Definition = pipeline.Definition is { } inner ? Normalize(inner, catalog) : null, As = pipeline.As },
                // What is null is absent, in parameters as in inputs.
                With = task.With.RemoveRange(task.With.Where(given => given.Value.ValueKind == JsonValueKind.Null).Select(given => given.Key)),
            };
        }

        if (task.With.IsEmpty || catalog.Find(task.Uses) is not { } activity)
        {
            return task;
        }

        var with = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in task.With)
        {
            var input = activity.FindInput(name);
            if (Normalize(input, value, catalog) is { } kept)
            {
                with.Add(name, kept);
            }
        }

        return task with { With = with.ToImmutable() };
    }

    /// <summary>An input's value; null when it says nothing that leaving it out would not say.</summary>
    private static JsonElement? Normalize(InputDescriptor? input, JsonElement value, ActivityCatalog catalog)
    {
        if (input is null)
        {
            return value;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var made = NormalizeValue(value, input.ValueType, catalog);
        return input.Default is { } usual && Same(NormalizeValue(usual, input.ValueType, catalog), made) ? null : made;
    }

    private static JsonElement NormalizeValue(JsonElement value, Type type, ActivityCatalog catalog)
    {
        if (value.ValueKind == JsonValueKind.String && (Nullable.GetUnderlyingType(type) ?? type) == typeof(TimeSpan))
        {
            return NormalizeDuration(value);
        }

        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array) || ValueTypes.IsJson(type))
        {
            return value;
        }

        var node = Rewrite(value, type, catalog);
        return node is null ? Nothing : JsonSerializer.SerializeToElement(node, OrcJson.Options);
    }

    // 60s and 1m are one duration.
    private static JsonElement NormalizeDuration(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Durations.TryParse(value.GetString(), out var duration) ? OrcJson.ToElement(duration) : value;

    private static JsonNode? Rewrite(JsonElement value, Type type, ActivityCatalog catalog)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (value.ValueKind == JsonValueKind.Array && ValueTypes.ItemOf(type) is { } item)
        {
            return new JsonArray([.. value.EnumerateArray().Select(element => Rewrite(element, item, catalog))]);
        }

        if (value.ValueKind != JsonValueKind.Object || ValueTypes.IsJson(type))
        {
            return JsonNode.Parse((type == typeof(TimeSpan) ? NormalizeDuration(value) : value).GetRawText());
        }

        return type == typeof(ActivityTemplate) ? RewriteActivity(value, catalog) : RewriteRecord(value, type, catalog);
    }

    private static JsonObject RewriteActivity(JsonElement value, ActivityCatalog catalog)
    {
        var made = new JsonObject();
        var uses = value.TryGetProperty("uses", out var named) ? named.GetString() ?? "" : "";
        made["uses"] = uses;
        var with = new JsonObject();
        if (value.TryGetProperty("with", out var given) && given.ValueKind == JsonValueKind.Object)
        {
            var activity = catalog.Find(uses);
            foreach (var member in given.EnumerateObject())
            {
                if (activity is null || Normalize(activity.FindInput(member.Name), member.Value, catalog) is not { } kept)
                {
                    continue;
                }

                with[member.Name] = JsonNode.Parse(kept.GetRawText());
            }
        }

        if (with.Count > 0)
        {
            made["with"] = with;
        }

        return made;
    }

    private static JsonObject RewriteRecord(JsonElement value, Type type, ActivityCatalog catalog)
    {
        var contract = ContractOf(value, type);
        var made = new JsonObject();
        if (contract.Kind == JsonTypeInfoKind.Dictionary && contract.ElementType is { } element)
        {
            foreach (var member in value.EnumerateObject())
            {
                made[member.Name] = Rewrite(member.Value, element, catalog);
            }

            return made;
        }

        var members = contract.Kind == JsonTypeInfoKind.Object ? ValueChecks.MembersOf(contract).ToDictionary(property => property.Name, StringComparer.Ordinal) : [];
        var usual = contract.Kind == JsonTypeInfoKind.Object ? DefaultsOf(contract, value) : new Dictionary<string, JsonElement>();
        foreach (var member in value.EnumerateObject())
        {
            // What is null is absent, in records as in inputs.
            if (members.TryGetValue(member.Name, out var property) && (member.Value.ValueKind == JsonValueKind.Null || (usual.TryGetValue(member.Name, out var same) && Same(same, member.Value))))
            {
                continue;
            }

            made[member.Name] = property is null ? JsonNode.Parse(member.Value.GetRawText()) : Rewrite(member.Value, property.PropertyType, catalog);
        }

        return made;
    }

    /// <summary>The contract of the record that a value is: of a union the one that its kind names.</summary>
    private static JsonTypeInfo ContractOf(JsonElement value, Type type)
    {
        var contract = OrcJson.Options.GetTypeInfo(type);
        if (contract.PolymorphismOptions is { } union && value.TryGetProperty(union.TypeDiscriminatorPropertyName, out var kind) && kind.ValueKind == JsonValueKind.String)
        {
            var derived = union.DerivedTypes.FirstOrDefault(one => one.TypeDiscriminator?.ToString() == kind.GetString());
            return derived.DerivedType is { } known ? OrcJson.Options.GetTypeInfo(known) : contract;
        }

        return contract;
    }

    // Only an answer is kept: a value that cannot be read with its required members alone says nothing about the next one.
    private static IReadOnlyDictionary<string, JsonElement> DefaultsOf(JsonTypeInfo contract, JsonElement value)
    {
        if (Defaults.TryGetValue(contract.Type, out var known))
        {
            return known;
        }

        var found = FindDefaults(contract, value);
        return found is null ? ImmutableDictionary<string, JsonElement>.Empty : Defaults.GetOrAdd(contract.Type, found);
    }

    /// <summary>Reads the value with its required members only and looks what the record says the others are; null when it cannot be read so.</summary>
    private static Dictionary<string, JsonElement>? FindDefaults(JsonTypeInfo contract, JsonElement sample)
    {
        var bare = new JsonObject();
        foreach (var member in ValueChecks.MembersOf(contract).Where(property => property.IsRequired))
        {
            if (sample.TryGetProperty(member.Name, out var given))
            {
                bare[member.Name] = JsonNode.Parse(given.GetRawText());
            }
        }

        try
        {
            var read = bare.Deserialize(contract);
            var written = JsonSerializer.SerializeToElement(read, contract);
            return written.EnumerateObject().Where(member => !bare.ContainsKey(member.Name)).ToDictionary(member => member.Name, member => member.Value.Clone(), StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            // A required member holds an expression, or the record refuses to be made so: then nothing is known to be a default, and all stays as written.
            return null;
        }
    }

    private static bool Same(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right) || CanonicalJson.Write(left) == CanonicalJson.Write(right);
}
