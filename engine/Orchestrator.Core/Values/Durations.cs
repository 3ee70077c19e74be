using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Values;

/// <summary>Durations as people write them: <c>250ms</c>, <c>10s</c>, <c>5m</c>, <c>1h30m</c>, <c>2d</c>. Zero is <c>0s</c>; negative ones do not exist.</summary>
public static partial class Durations
{
    /// <summary>The rule in words, for messages.</summary>
    public const string Rule = "numbers with units from large to small, each unit at most once: d, h, m, s, ms (\"10s\", \"1h30m\", \"250ms\")";

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    /// <summary>Reads a duration. False when the text is not one, or is longer than 10,000 days.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text) || Pattern().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var days = 0.0;
        foreach (var (unit, length) in Units)
        {
            if (match.Groups[unit] is { Success: true } group)
            {
                days += double.Parse(group.ValueSpan, CultureInfo.InvariantCulture) * length.TotalDays;
            }
        }

        if (days > 10_000)
        {
            return false;
        }

        duration = TimeSpan.FromMilliseconds(Math.Round(days * TimeSpan.MillisecondsPerDay));
        return true;
    }

    /// <summary>Writes the canonical form, which <see cref="TryParse"/> reads back to the millisecond.</summary>
    public static string Format(TimeSpan duration)
    {
        var rest = (long)Math.Round(duration.TotalMilliseconds);
        if (rest <= 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        foreach (var (unit, length) in Units)
        {
            var size = (long)length.TotalMilliseconds;
            if (rest >= size)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / size}{unit}");
                rest %= size;
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^(?=.)(?:(?<d>\d{1,9}(?:\.\d{1,6})?)d)?(?:(?<h>\d{1,9}(?:\.\d{1,6})?)h)?(?:(?<m>\d{1,9}(?:\.\d{1,6})?)m(?!s))?(?:(?<s>\d{1,9}(?:\.\d{1,6})?)s)?(?:(?<ms>\d{1,9}(?:\.\d{1,6})?)ms)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>A <see cref="TimeSpan"/> in JSON is the text of <see cref="Durations"/>.</summary>
public sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Durations.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException($"not a duration; write {Durations.Rule}");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Durations.Format(value));
}
