using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Training.Trainers;

/// <summary>How much a row of each class counts while learning: <c>"none"</c>, <c>"balanced"</c> or <c>{ "yes": 5, "no": 1 }</c>.</summary>
/// <remarks>Weights move the predicted probabilities away from the classes' true shares; use them for ranking, not for calibrated probabilities.</remarks>
[JsonConverter(typeof(ClassWeightsConverter))]
public sealed record ClassWeights : ICheckedValue, ISchemaValue
{
    /// <inheritdoc/>
    public static JsonObject Schema => new()
    {
        ["description"] = "none; balanced: each class counts the same in sum; or numbers by class, 1 for those left out: { \"yes\": 5 }.",
        ["anyOf"] = new JsonArray(
            new JsonObject { ["enum"] = new JsonArray("none", "balanced") },
            new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 }, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }) },
            }),
    };

    /// <summary>Every row counts once.</summary>
    public static ClassWeights None { get; } = new();

    /// <summary>Every class counts the same in sum: a row of class k weighs n / (K · n_k).</summary>
    public static ClassWeights Balanced { get; } = new() { IsBalanced = true };

    public bool IsBalanced { get; private init; }

    /// <summary>Weight by class; a class that is not named weighs 1. Empty for <see cref="None"/> and <see cref="Balanced"/>.</summary>
    public IReadOnlyDictionary<string, double> ByClass { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check() => ByClass
        .Where(pair => !(pair.Value > 0 && double.IsFinite(pair.Value)))
        .Select(pair => new ValueProblem(pair.Key, "a class weight is a number above 0", "To leave a class out, filter its rows before training."));
}

/// <summary>Reads and writes the three forms of class weights.</summary>
internal sealed class ClassWeightsConverter : JsonConverter<ClassWeights>
{
    private const string Forms = "class weights are \"none\", \"balanced\" or an object of numbers by class";

    public override ClassWeights Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return root.ValueKind switch
        {
            JsonValueKind.String when root.ValueEquals("none") => ClassWeights.None,
            JsonValueKind.String when root.ValueEquals("balanced") => ClassWeights.Balanced,
            JsonValueKind.Object => new ClassWeights { ByClass = ReadMap(root) },
            _ => throw new JsonException($"{Forms}, not {root.GetRawText()}"),
        };
    }

    public override void Write(Utf8JsonWriter writer, ClassWeights value, JsonSerializerOptions options)
    {
        if (value.ByClass.Count == 0)
        {
            writer.WriteStringValue(value.IsBalanced ? "balanced" : "none");
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, weight) in value.ByClass)
        {
            writer.WriteNumber(name, weight);
        }

        writer.WriteEndObject();
    }

    private static SortedDictionary<string, double> ReadMap(JsonElement root)
    {
        var weights = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            weights[member.Name] = member.Value.ValueKind == JsonValueKind.Number
                ? member.Value.GetDouble()
                : throw new JsonException($"{Forms}; class \"{member.Name}\" has {member.Value.GetRawText()}");
        }

        return weights;
    }
}
