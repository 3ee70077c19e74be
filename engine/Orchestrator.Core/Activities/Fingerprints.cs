namespace Orchestrator.Core.Activities;

/// <summary>Fingerprints that say something beside what they are made of.</summary>
public static class Fingerprints
{
    private const string Prefix = "unknown-";

    /// <summary>Nobody can tell what the result depends on, so no earlier one stands in and this one is kept for nobody. No two are equal.</summary>
    public static string Unknown() => $"{Prefix}{Guid.NewGuid():N}";

    public static bool IsUnknown(string? fingerprint) => fingerprint?.StartsWith(Prefix, StringComparison.Ordinal) == true;
}
