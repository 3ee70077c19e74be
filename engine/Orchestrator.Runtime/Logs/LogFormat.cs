using System.Globalization;
using System.Text;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Logs;

/// <summary>
/// The text of a log: <c>2026-02-03T04:05:06.789Z INFO  message</c>; further lines of the same message start with four spaces.
/// </summary>
internal static class LogFormat
{
    private const string Stamp = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const int StampLength = 24, LevelLength = 5, HeadLength = StampLength + 1 + LevelLength + 1;
    private const string Indent = "    ";

    public static LogLine Unstamped { get; } = new() { At = DateTimeOffset.UnixEpoch, Severity = LogSeverity.Info, Text = "" };

    /// <param name="mask">Covers secrets, after what could hide one inside a word is gone and before a line is cut.</param>
    public static void Append(StringBuilder to, DateTimeOffset at, LogSeverity severity, string message, int maxLineLength, SecretMask? mask = null)
    {
        to.Append(at.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture)).Append(' ').Append(Level(severity)).Append(' ');
        var first = true;
        foreach (var line in message.AsSpan().TrimEnd().EnumerateLines())
        {
            to.Append(first ? "" : Indent);
            AppendLine(to, mask is null ? line : mask.Apply(Printable(line.ToString())), maxLineLength);
            to.Append('\n');
            first = false;
        }
    }

    private static void AppendLine(StringBuilder to, ReadOnlySpan<char> line, int maxLineLength)
    {
        AppendPrintable(to, line.Length > maxLineLength ? line[..maxLineLength] : line);
        if (line.Length > maxLineLength)
        {
            to.Append(CultureInfo.InvariantCulture, $" … ({line.Length - maxLineLength:N0} more characters)");
        }
    }

    public static LogLine Parse(string text, LogLine previous)
    {
        if (text.Length >= HeadLength
            && DateTimeOffset.TryParseExact(text.AsSpan(0, StampLength), Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return new LogLine { At = at, Severity = Severity(text.AsSpan(StampLength + 1, LevelLength)), Text = text[HeadLength..] };
        }

        return previous with { Text = text.StartsWith(Indent, StringComparison.Ordinal) ? text[Indent.Length..] : text, Continues = true };
    }

    /// <summary>
    /// Leaves out what would move the cursor, change colours or ring on the terminal of whoever reads the log: escape sequences whole, other control
    /// characters one by one. A line that rewrote itself (progress bars) keeps what was visible last.
    /// </summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        AppendPrintable(printable, text);
        return printable.ToString();
    }

    private static void AppendPrintable(StringBuilder to, ReadOnlySpan<char> line)
    {
        if (line.TrimEnd('\r') is var visible && visible.LastIndexOf('\r') is >= 0 and var rewrite)
        {
            line = visible[(rewrite + 1)..];
        }

        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\u001b')
            {
                i = EndOfEscape(line, i);
            }
            else if (c == '\t' || !char.IsControl(c))
            {
                to.Append(c is '\u2028' or '\u2029' or '\u202e' or '\u202d' ? ' ' : c);
            }
        }
    }

    /// <summary>The index of the last character of the escape sequence that starts at <paramref name="start"/> (ECMA-48: CSI, OSC and the like, or two characters).</summary>
    private static int EndOfEscape(ReadOnlySpan<char> line, int start)
    {
        if (start + 1 >= line.Length)
        {
            return start;
        }

        var i = start + 2;
        switch (line[start + 1])
        {
            case '[':
                while (i < line.Length && line[i] is < '@' or > '~')
                {
                    i++;
                }

                return Math.Min(i, line.Length - 1);
            case ']' or 'P' or '^' or '_' or 'X':
                while (i < line.Length && line[i] != '\a' && !(line[i] == '\u001b' && i + 1 < line.Length && line[i + 1] == '\\'))
                {
                    i++;
                }

                return Math.Min(i < line.Length && line[i] == '\u001b' ? i + 1 : i, line.Length - 1);
            default:
                return start + 1;
        }
    }

    private static string Level(LogSeverity severity) => severity switch
    {
        LogSeverity.Debug => "DEBUG",
        LogSeverity.Info => "INFO ",
        LogSeverity.Warning => "WARN ",
        LogSeverity.Error => "ERROR",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "not a severity"),
    };

    private static LogSeverity Severity(ReadOnlySpan<char> level) => level switch
    {
        "DEBUG" => LogSeverity.Debug,
        "WARN " => LogSeverity.Warning,
        "ERROR" => LogSeverity.Error,
        _ => LogSeverity.Info,
    };
}
