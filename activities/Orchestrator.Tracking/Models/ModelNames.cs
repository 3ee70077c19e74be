using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Tracking.Models;

/// <summary>What registered models and their aliases may be called, and how a reference spells them. The rules of MLflow's registry, and one more for aliases.</summary>
internal static partial class ModelNames
{
    /// <summary>Stands for the newest version wherever an alias may stand; hence no alias itself.</summary>
    public const string Latest = "latest";

    /// <exception cref="Core.Activities.ActivityException">ORC5502.</exception>
    public static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw TrackingErrors.BadModelName(name);
        }
    }

    /// <exception cref="Core.Activities.ActivityException">ORC5503.</exception>
    public static void CheckAlias(string alias)
    {
        var why = alias switch
        {
            _ when !AliasPattern().IsMatch(alias) => "aliases stand in references, models:/NAME@ALIAS",
            _ when alias.Equals(Latest, StringComparison.OrdinalIgnoreCase) => "latest always means the newest version",
            _ when VersionLike().IsMatch(alias) => "it reads like a version",
            _ => null,
        };
        if (why is not null)
        {
            throw TrackingErrors.BadAlias(alias, why);
        }
    }

    /// <summary>Takes <c>models:/churn@champion</c> or <c>models:/churn/3</c> apart.</summary>
    /// <returns>The name, and the alias or the version as text.</returns>
    /// <exception cref="Core.Activities.ActivityException">ORC5501.</exception>
    public static (string Name, string AliasOrVersion) ParseReference(string reference)
    {
        var match = Reference().Match(reference);
        if (!match.Success || !NamePattern().IsMatch(match.Groups["name"].Value))
        {
            throw TrackingErrors.BadModelReference(reference);
        }

        var name = match.Groups["name"].Value;
        var version = match.Groups["version"].Value;
        return match.Groups["alias"] is { Success: true } alias ? (name, alias.Value)
            : version == Latest || TryParseVersion(version, out _) ? (name, version)
            : throw TrackingErrors.BadModelReference(reference);
    }

    public static bool TryParseVersion(string text, out int version) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version >= 1;

    [GeneratedRegex(@"^[\p{L}\p{Nd}](?:[\p{L}\p{Nd}_.\- ]{0,248}[\p{L}\p{Nd}_.\-])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[\w-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AliasPattern();

    // v3 as MLflow has it, and 3: the registry's own lookups take "alias or version" in one word.
    [GeneratedRegex(@"^[vV]?\d+\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionLike();

    [GeneratedRegex(@"^models:/(?<name>[^/@:]+)(?:@(?<alias>[\w-]{1,255})|/(?<version>[^/@]+))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
