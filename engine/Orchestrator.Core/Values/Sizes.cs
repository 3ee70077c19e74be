using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Values;

/// <summary>Sizes as people write them: <c>512MiB</c>, <c>2GB</c>, <c>1.5GiB</c>, <c>800kB</c>, <c>100B</c>. KB, MB, GB and TB are powers of 1000, KiB and so on of 1024.</summary>
public static partial class Sizes
{
    private static readonly (string Unit, long Length)[] Units =
    [
        ("TiB", 1L << 40), ("TB", 1_000_000_000_000), ("GiB", 1L << 30), ("GB", 1_000_000_000), ("MiB", 1L << 20), ("MB", 1_000_000), ("KiB", 1L << 10), ("KB", 1000), ("B", 1),
    ];

    /// <summary>Reads a size in bytes. False when the text is not one, or is more than 1,000 TiB.</summary>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        if (text is null || Pattern().Match(text) is not { Success: true } match)
        {
            return false;
        }

        var unit = Units.First(known => known.Unit.Equals(match.Groups["unit"].Value, StringComparison.OrdinalIgnoreCase)).Length;
        var exact = decimal.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * unit;
        bytes = exact > 1000L << 40 ? 0 : (long)exact;
        return exact <= 1000L << 40;
    }

    /// <summary>Writes the largest unit that takes the bytes exactly, which <see cref="TryParse"/> reads back.</summary>
    public static string Format(long bytes)
    {
        var (unit, length) = Units.First(known => bytes != 0 && bytes % known.Length == 0 || known.Length == 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / length}{unit}");
    }

    /// <summary>For people: <c>1.9 GiB</c>.</summary>
    public static string About(long bytes)
    {
        var (unit, length) = Units.First(known => known.Unit is not ("TB" or "GB" or "MB" or "KB") && (bytes >= known.Length || known.Length == 1));
        return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / length:0.#} {unit}");
    }

    [GeneratedRegex(@"^(?<number>\d{1,15}(?:\.\d{1,6})?) ?(?<unit>[KMGT]i?B|B)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
