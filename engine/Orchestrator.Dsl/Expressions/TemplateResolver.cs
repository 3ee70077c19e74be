using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Expressions;

/// <summary>Replaces the <c>${ … }</c> in an input's JSON by values.</summary>
/// <param name="evaluator">Evaluates them.</param>
public sealed class TemplateResolver(ExpressionEvaluator evaluator)
{
    /// <summary>
    /// The value with all expressions replaced, however deep. A text that is nothing but one expression takes the expression's type;
    /// in mixed text values are written as text, lists and objects as JSON. <c>$${</c> becomes <c>${</c>.
    /// </summary>
    /// <exception cref="ActivityException">An expression fails, or yields null inside a text (ORC5010 to ORC5016).</exception>
    public JsonElement Resolve(JsonElement template, ExpressionScope scope, CancellationToken cancellation = default)
    {
        // Most inputs are literals, and a search is cheaper than a copy.
        if (template.ValueKind is not (JsonValueKind.String or JsonValueKind.Array or JsonValueKind.Object) || !template.GetRawText().Contains("${", StringComparison.Ordinal))
        {
            return template;
        }

        if (template.ValueKind == JsonValueKind.String)
        {
            return ResolveText(template.GetString() ?? "", scope, cancellation);
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = OrcJson.Options.Encoder }))
        {
            Write(writer, template, scope, cancellation);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter writer, JsonElement template, ExpressionScope scope, CancellationToken cancellation)
    {
        switch (template.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in template.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, scope, cancellation);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in template.EnumerateArray())
                {
                    Write(writer, item, scope, cancellation);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                ResolveText(template.GetString() ?? "", scope, cancellation).WriteTo(writer);
                break;
            default:
                template.WriteTo(writer);
                break;
        }
    }

    private JsonElement ResolveText(string text, ExpressionScope scope, CancellationToken cancellation)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return OrcJson.ToElement(text);
        }

        var parts = Templates.Split(text);
        if (parts.Any(part => part.IsExpression && SecretReferences.TryRead(part.Text, out _)))
        {
            return WithSecrets(parts, scope, cancellation);
        }

        if (parts is [{ IsExpression: true } only])
        {
            return evaluator.Evaluate(only.Text, scope, cancellation);
        }

        var made = new StringBuilder();
        foreach (var part in parts)
        {
            made.Append(part.IsExpression ? AsText(part.Text, evaluator.Evaluate(part.Text, scope, cancellation)) : part.Text);
        }

        return OrcJson.ToElement(made.ToString());
    }

    /// <summary>Secrets stay references, since what is resolved here is stored; only the attempt that uses them learns their values.</summary>
    private JsonElement WithSecrets(IReadOnlyList<TemplatePart> parts, ExpressionScope scope, CancellationToken cancellation) => OrcJson.ToElement(parts
        .Select(part => !part.IsExpression ? SecretText.OfPlain(part.Text)
            : SecretReferences.TryRead(part.Text, out var secret) ? SecretText.OfSecret(secret)
            : SecretText.OfPlain(AsText(part.Text, evaluator.Evaluate(part.Text, scope, cancellation))))
        .Aggregate((left, right) => left + right));

    private static string AsText(string expression, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null or JsonValueKind.Undefined => throw ExpressionErrors.NotUsable(expression, "null", "a text"),
        _ => CanonicalJson.Write(value),
    };
}
