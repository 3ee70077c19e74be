using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Pipelines;

/// <summary>A harmless value for every output that a fake does not set, so that a test says only what it is about.</summary>
internal static class SampleValues
{
    /// <summary>Text of 64 zeros: it is a legal content hash, and plainly no real one.</summary>
    private static readonly string Zeros = new('0', 64);

    /// <summary>The outputs that an activity promises, each with a value of its type. Those that may be absent are absent.</summary>
    public static IEnumerable<KeyValuePair<string, JsonElement>> Of(ActivityDescriptor activity) => activity.Outputs
        .Where(output => !output.Nullable)
        .Select(output => KeyValuePair.Create(output.Name, OrcJson.ToElement(Of(output.ValueType, depth: 0))));

    private static JsonNode? Of(Type type, int depth)
    {
        if (type == typeof(string))
        {
            return Zeros;
        }

        if (type == typeof(JsonElement) || depth > 6)
        {
            return new JsonObject();
        }

        if (type.IsEnum)
        {
            var named = Enum.GetValues(type).Cast<object>().FirstOrDefault(value => Convert.ToInt64(value, null) != 0) ?? Activator.CreateInstance(type);
            return JsonSerializer.SerializeToNode(named, type, OrcJson.Options);
        }

        var about = OrcJson.Options.GetTypeInfo(type);
        return about.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonArray(),
            JsonTypeInfoKind.Dictionary => new JsonObject(),
            JsonTypeInfoKind.Object => ObjectOf(about, depth),
            _ => JsonSerializer.SerializeToNode(type.IsValueType ? Activator.CreateInstance(type) : null, type, OrcJson.Options),
        };
    }

    private static JsonObject ObjectOf(JsonTypeInfo about, int depth)
    {
        var made = new JsonObject();
        foreach (var property in about.Properties.Where(property => property.IsRequired))
        {
            made[property.Name] = Of(property.PropertyType, depth + 1);
        }

        return made;
    }
}
