using System.Globalization;

namespace Orchestrator.Scheduling.Ticks;

/// <summary>What makes two ticks one.</summary>
internal static class TickKeys
{
    /// <summary>Of a schedule its logical date, to the microsecond, which is what every database can hold exactly.</summary>
    public static string Of(DateTimeOffset logicalDate) => logicalDate.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Of something that happened the number of the signal; of a combination that of the last one it needed.</summary>
    public static string Of(long signal) => signal.ToString("D19", CultureInfo.InvariantCulture);
}
