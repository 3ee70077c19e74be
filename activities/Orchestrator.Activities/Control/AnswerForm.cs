using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Control;

/// <summary>The JSON Schema of an answer: the part of it that <see cref="FormSchema"/> knows.</summary>
[JsonConverter(typeof(AnswerFormConverter))]
public sealed record AnswerForm(JsonElement Schema) : ICheckedValue
{
    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check() => FormSchema.CheckSchema(Schema).Select(problem => new ValueProblem(
        problem.Path, $"the form's schema is not right: {problem}", "A form is an object with properties, each with a type (string, number, integer, boolean, array), bounds, choices (enum) or a pattern."));

    /// <summary>A form as a script writes it: <c>new { type = "object", properties = … }</c>.</summary>
    public static AnswerForm Of(object schema) => new(OrcJson.ToElement(schema));
}

internal sealed class AnswerFormConverter : JsonConverter<AnswerForm>
{
    public override AnswerForm Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, AnswerForm value, JsonSerializerOptions options) => value.Schema.WriteTo(writer);
}
