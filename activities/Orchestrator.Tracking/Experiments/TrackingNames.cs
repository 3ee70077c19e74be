using System.Text.RegularExpressions;

namespace Orchestrator.Tracking.Experiments;

/// <summary>What parameters, metrics, tags and files of a tracking run may be called, and how long values may be: MLflow's rules, so that its clients can read everything.</summary>
internal static partial class TrackingNames
{
    public const int LongestParam = 6000;
    public const int LongestTag = 8000;

    /// <exception cref="Core.Activities.ActivityException">ORC5507.</exception>
    public static void Check(string kind, string key)
    {
        // A key must equal its own normalised path: no empty part, no "." or ".." part, no leading or trailing "/".
        if (!Pattern().IsMatch(key) || key.Split('/').Any(part => part is "" or "." or ".."))
        {
            throw TrackingErrors.BadKey(kind, key);
        }
    }

    /// <exception cref="Core.Activities.ActivityException">ORC5511.</exception>
    public static void CheckLength(string kind, string key, string value, int limit)
    {
        if (value.Length > limit)
        {
            throw TrackingErrors.TooLong(kind, key, value.Length, limit);
        }
    }

    [GeneratedRegex(@"^[/\w.\- ]{1,250}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
