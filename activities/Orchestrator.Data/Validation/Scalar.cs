using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Data.Validation;

/// <summary>A value in a rule: a text, a number or a truth value. In JSON it is just that. Dates and timestamps are texts: <c>"2026-01-31"</c>.</summary>
[JsonConverter(typeof(ScalarConverter))]
public readonly record struct Scalar : ISchemaValue
{
    /// <inheritdoc/>
    public static JsonObject Schema => new() { ["description"] = "A text, a number or a truth value. Dates and timestamps are texts: 2026-01-31.", ["type"] = new JsonArray("string", "number", "boolean") };

    private readonly object? value;

    public Scalar(string text) => value = text;

    public Scalar(long number) => value = number;

    /// <summary>A whole number that a long can hold is the same value as that long, so <c>0</c> and <c>0.0</c> are one rule.</summary>
    public Scalar(double number) => value = double.IsInteger(number) && Math.Abs(number) < 1e15 ? (object)(long)number : number;

    public Scalar(bool truth) => value = truth;

    /// <summary>The text, when it is one.</summary>
    public string? Text => value as string;

    /// <summary>The truth value, when it is one.</summary>
    public bool? Truth => value as bool?;

    /// <summary>The number, when it is one.</summary>
    public double? Number => value switch
    {
        long whole => whole,
        double number => number,
        _ => null,
    };

    /// <summary>The whole number, when it is one.</summary>
    public long? Whole => value as long?;

    public static implicit operator Scalar(string text) => new(text);

    public static implicit operator Scalar(int number) => new((long)number);

    public static implicit operator Scalar(long number) => new(number);

    public static implicit operator Scalar(double number) => new(number);

    public static implicit operator Scalar(bool truth) => new(truth);

    /// <summary>As a person would write it in a rule: texts in quotes.</summary>
    public override string ToString() => value switch
    {
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "\"\"",
    };
}

internal sealed class ScalarConverter : JsonConverter<Scalar>
{
    public override Scalar Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new Scalar(reader.GetString() ?? ""),
        JsonTokenType.True => new Scalar(true),
        JsonTokenType.False => new Scalar(false),
        JsonTokenType.Number => reader.TryGetInt64(out var whole) ? new Scalar(whole) : new Scalar(reader.GetDouble()),
        _ => throw new JsonException("a text, a number, true or false is needed here"),
    };

    public override void Write(Utf8JsonWriter writer, Scalar value, JsonSerializerOptions options)
    {
        if (value.Truth is { } truth)
        {
            writer.WriteBooleanValue(truth);
        }
        else if (value.Whole is { } whole)
        {
            writer.WriteNumberValue(whole);
        }
        else if (value.Number is { } number)
        {
            JsonSerializer.Serialize(writer, number, options);
        }
        else
        {
            writer.WriteStringValue(value.Text ?? "");
        }
    }
}
