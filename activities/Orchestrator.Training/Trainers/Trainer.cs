using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Trainers;

/// <summary>
/// Which algorithm learns, with the hyper-parameters that differ from its defaults: <c>{ "kind": "lightgbm", "leaves": 31 }</c>, or the bare name
/// <c>"lightgbm"</c>. What each kind takes is the table in <see cref="TrainerKind"/>; a sweep addresses the same names.
/// </summary>
[JsonConverter(typeof(TrainerConverter))]
public sealed record Trainer : ICheckedValue, ISchemaValue
{
    /// <inheritdoc/>
    public static JsonObject Schema => new()
    {
        ["description"] = "A trainer by its name, or an object with \"kind\" and the hyper-parameters that differ from their defaults.",
        ["anyOf"] = new JsonArray(
        [
            new JsonObject { ["enum"] = new JsonArray([.. TrainerKind.All.Select(kind => (JsonNode)kind.Name)]) },
            .. TrainerKind.All.Select(kind => kind.Schema),
        ]),
    };

    /// <summary><c>lightgbm</c>, <c>fasttree</c>, <c>logistic</c> or <c>linear</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Hyper-parameters as they were written, in order of name; those left out have their defaults.</summary>
    public IReadOnlyDictionary<string, double> Parameters { get; init; } = new SortedDictionary<string, double>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check()
    {
        if (TrainerKind.Find(Kind) is not { } kind)
        {
            var known = TrainerKind.All.Select(each => each.Name);
            yield return new ValueProblem("kind", $"there is no trainer \"{Kind}\"", NearNames.Question(Kind, known) ?? $"The trainers are {string.Join(", ", known)}.");
            yield break;
        }

        foreach (var (name, value) in Parameters)
        {
            if (kind.FindParameter(name) is not { } parameter)
            {
                var known = kind.Parameters.Select(each => each.Name);
                yield return new ValueProblem(name, $"trainer {Kind} has no parameter \"{name}\"", NearNames.Question(name, known) ?? $"Its parameters are {string.Join(", ", known)}.");
            }
            else if (parameter.ProblemWith(value) is { } problem)
            {
                yield return new ValueProblem(name, problem);
            }
        }
    }

    /// <summary>The value of a parameter of this kind: as written, or the default.</summary>
    internal double Get(string name) => Parameters.TryGetValue(name, out var value)
        ? value
        : TrainerKind.Get(Kind).FindParameter(name)?.Default ?? throw new ArgumentException($"{Kind} has no parameter {name}.", nameof(name));

    /// <summary>True when the parameter was written, so nothing may be adapted.</summary>
    internal bool Says(string name) => Parameters.ContainsKey(name);
}

/// <summary>A trainer in JSON is its bare name when it has no parameter of its own, else an object with <c>kind</c>.</summary>
internal sealed class TrainerConverter : JsonConverter<Trainer>
{
    public override Trainer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.String)
        {
            return new Trainer { Kind = root.GetString() ?? "" };
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String)
        {
            throw new JsonException("a trainer is a name (\"lightgbm\") or an object with \"kind\" and parameters ({ \"kind\": \"lightgbm\", \"leaves\": 31 })");
        }

        var parameters = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject().Where(member => member.Name != "kind"))
        {
            if (member.Value.ValueKind != JsonValueKind.Number || !parameters.TryAdd(member.Name, member.Value.GetDouble()))
            {
                throw new JsonException($"parameter \"{member.Name}\" of a trainer should be one number and is {member.Value.GetRawText()}");
            }
        }

        return new Trainer { Kind = kind.GetString() ?? "", Parameters = parameters };
    }

    public override void Write(Utf8JsonWriter writer, Trainer value, JsonSerializerOptions options)
    {
        if (value.Parameters.Count == 0)
        {
            writer.WriteStringValue(value.Kind);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("kind", value.Kind);
        foreach (var (name, number) in value.Parameters)
        {
            writer.WriteNumber(name, number);
        }

        writer.WriteEndObject();
    }
}
