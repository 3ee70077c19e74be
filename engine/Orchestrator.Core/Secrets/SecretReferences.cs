using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Secrets;

/// <summary>Finds secrets where definitions name them.</summary>
public static partial class SecretReferences
{
    /// <summary>True when an expression is one secret and nothing else, which is the only way to write one: <c>secrets.NAME</c>, <c>secrets.env.NAME</c>.</summary>
    public static bool TryRead(string expression, out SecretRef secret)
    {
        var match = Whole().Match(expression);
        secret = default;
        return match.Success && SecretRef.TryParse(match.Groups["path"].Value, out secret);
    }

    /// <summary>
    /// The secrets that a task's definition names anywhere in its inputs. An attempt of the task gets these and no others, whatever its inputs have become by then: a value
    /// that another task put out cannot ask for more.
    /// </summary>
    public static IReadOnlyList<SecretRef> NamedBy(TaskDefinition task) =>
        task.With.Values.Any(MayName) ? [.. task.With.Values.SelectMany(In).Distinct()] : [];

    // Nearly all tasks name none, and are asked at each of their attempts.
    private static bool MayName(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).IndexOf("secret"u8) >= 0;

    internal static bool IsReference(JsonElement value, [NotNullWhen(true)] out string? name)
    {
        name = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("secret", out var given) && given.ValueKind == JsonValueKind.String && value.GetPropertyCount() == 1
            ? given.GetString()
            : null;
        return name is not null;
    }

    private static IEnumerable<SecretRef> In(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when value.GetString() is { } text && text.Contains(SecretRef.Root, StringComparison.Ordinal):
                return Templates.Split(text).Where(part => part.IsExpression).Select(part => TryRead(part.Text, out var secret) ? secret : default).Where(secret => secret != default);
            case JsonValueKind.Array:
                return value.EnumerateArray().SelectMany(In);
            case JsonValueKind.Object:
                return IsReference(value, out var name) && SecretRef.TryParse(name, out var one) ? [one] : value.EnumerateObject().SelectMany(member => In(member.Value));
            default:
                return [];
        }
    }

    [GeneratedRegex(@"^secrets\s*\.\s*(?<path>\w+(?:\.\w+)?)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();
}
