using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Activities;

/// <summary>Fingerprints that say something beside what they are made of.</summary>
public static class Fingerprints
{
    private const string Prefix = "unknown-";

    /// <summary>Nobody can tell what the result depends on, so no earlier one stands in and this one is kept for nobody. No two are equal.</summary>
    public static string Unknown() => $"{Prefix}{Guid.NewGuid():N}";

    /// <summary>A fingerprint of several things with names, so that people can be told which of them has changed: <c>program</c>, <c>file train.py</c>.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string>> parts) => CanonicalJson.Write(OrcJson.ToElement(parts.ToDictionary(part => part.Key, part => part.Value, StringComparer.Ordinal)));

    /// <summary>What <see cref="Of"/> was given; null for a fingerprint of one piece.</summary>
    public static ImmutableSortedDictionary<string, string>? PartsOf(string? fingerprint)
    {
        if (fingerprint is null || !fingerprint.StartsWith('{'))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(fingerprint, OrcJson.Options)?.ToImmutableSortedDictionary(StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static bool IsUnknown(string? fingerprint) => fingerprint?.StartsWith(Prefix, StringComparison.Ordinal) == true;
}
