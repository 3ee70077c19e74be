using System.Globalization;

namespace Orchestrator.Cli.Terminal;

/// <summary>Times and amounts in the form people read.</summary>
internal static class Words
{
    public static string Elapsed(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s",
        { TotalMinutes: < 1 } => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + " s",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min"),
    };

    public static string Ago(DateTimeOffset then, DateTimeOffset now) => (now - then) switch
    {
        { TotalSeconds: < 90 } ago => $"{Math.Max(0, (int)ago.TotalSeconds)} s ago",
        { TotalMinutes: < 90 } ago => $"{(int)ago.TotalMinutes} min ago",
        { TotalHours: < 36 } ago => $"{(int)ago.TotalHours} h ago",
        var ago => $"{(int)ago.TotalDays} d ago",
    };

    public static string Bytes(long size) => size switch
    {
        < 1024 => $"{size} B",
        < 1024 * 1024 => (size / 1024.0).ToString("0.0", CultureInfo.InvariantCulture) + " KiB",
        < 1024L * 1024 * 1024 => (size / 1024.0 / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " MiB",
        _ => (size / 1024.0 / 1024 / 1024).ToString("0.0", CultureInfo.InvariantCulture) + " GiB",
    };
}
