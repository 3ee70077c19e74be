using System.Globalization;

namespace Orchestrator.Deployment.Prediction;

/// <summary>Dates and times in ISO 8601 as the seconds since 1970-01-01 UTC that tables hold. Without a zone they are UTC.</summary>
internal static class Instants
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static bool TryParse(string? text, out double seconds)
    {
        var known = DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant);
        seconds = known ? (instant - DateTimeOffset.UnixEpoch).TotalSeconds : double.NaN;
        return known;
    }
}
