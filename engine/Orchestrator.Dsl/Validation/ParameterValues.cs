using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Validation;

/// <summary>What a value of a parameter may be.</summary>
internal static class ParameterValues
{
    /// <summary>The .NET type that stands for a parameter type where inputs are compared with it.</summary>
    public static Type? TypeOf(ParameterType type) => type switch
    {
        ParameterType.String => typeof(string),
        ParameterType.Number => typeof(double),
        ParameterType.Integer => typeof(long),
        ParameterType.Boolean => typeof(bool),
        ParameterType.Duration => typeof(TimeSpan),
        ParameterType.Json => typeof(JsonElement),
        _ => null,
    };

    /// <summary>With its article: <c>a whole number</c>.</summary>
    public static string Describe(ParameterType type) => type switch
    {
        ParameterType.String => "a text",
        ParameterType.Number => "a number",
        ParameterType.Integer => "a whole number",
        ParameterType.Boolean => "true or false",
        ParameterType.Duration => "a duration",
        _ => "JSON",
    };

    public static bool Fits(ParameterType type, JsonElement value) => type switch
    {
        ParameterType.String => value.ValueKind == JsonValueKind.String,
        ParameterType.Number => value.ValueKind == JsonValueKind.Number,
        ParameterType.Integer => IsInteger(value),
        ParameterType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ParameterType.Duration => value.ValueKind == JsonValueKind.String && Durations.TryParse(value.GetString(), out _),
        _ => true,
    };

    public static bool IsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || (double.IsInteger(value.GetDouble()) && Math.Abs(value.GetDouble()) < 9e18));

    /// <summary>What keeps a value of the right type from being legal: <c>"should be at least 0.5"</c>; null when nothing does.</summary>
    public static string? Refusal(ParameterDefinition parameter, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            var number = value.GetDouble();
            if (parameter.Minimum > number || parameter.Maximum < number)
            {
                return $"should be {Bounds(parameter.Minimum, parameter.Maximum)}";
            }
        }

        return parameter.Choices.Length > 0 && !parameter.Choices.Any(choice => CanonicalJson.Write(choice) == CanonicalJson.Write(value))
            ? $"should be {Either([.. parameter.Choices.Select(choice => choice.GetRawText())])}"
            : null;
    }

    /// <summary><c>from 0.5 to 1</c>, <c>at least 0.5</c>, <c>at most 1</c>.</summary>
    public static string Bounds(double? minimum, double? maximum) => (minimum, maximum) switch
    {
        ({ } low, { } high) => FormattableString.Invariant($"from {low:R} to {high:R}"),
        ({ } low, null) => FormattableString.Invariant($"at least {low:R}"),
        (null, { } high) => FormattableString.Invariant($"at most {high:R}"),
        _ => "any number",
    };

    public static string Either(IReadOnlyList<string> values) => values.Count < 2 ? string.Concat(values) : $"{string.Join(", ", values.SkipLast(1))} or {values[^1]}";

    public static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}...";
}
