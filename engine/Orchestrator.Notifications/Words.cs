using System.Globalization;
using System.Text;

namespace Orchestrator.Notifications;

/// <summary>Texts of messages.</summary>
internal static class Words
{
    /// <summary>On one line and no longer than that: a line end in a title would end a header of a mail, and begin one of somebody else's choice.</summary>
    public static string Line(string text, int most)
    {
        var line = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            var isGap = char.IsControl(character) || char.IsWhiteSpace(character) || CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (!isGap)
            {
                line.Append(character);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return Cut(line.ToString().TrimEnd(), most);
    }

    /// <summary>Never through the middle of a character.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)] + "…";

    /// <summary>What several of an event are called.</summary>
    public static string Several(string name) => name switch
    {
        Events.RunFailed => "runs failed",
        Events.RunRecovered => "pipelines work again",
        Events.DeadlineMissed => "deadlines missed",
        Events.ApprovalWanted => "approvals wanted",
        Events.AlertRaised => "alerts",
        _ => "messages",
    };

    public static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A message as lines of plain text.</summary>
    public static string Plain(Message message)
    {
        var text = new StringBuilder();
        foreach (var notice in message.Shown)
        {
            text.Append(Instant(notice.At)).Append("  ").AppendLine(Line(notice.Title, 300));
            foreach (var line in (notice.Text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                text.Append("  ").AppendLine(Line(line, 1000));
            }

            if (notice.Command is { } command)
            {
                text.Append("  ").AppendLine(command);
            }

            text.AppendLine();
        }

        if (message.Hidden > 0)
        {
            text.Append("and ").Append(message.Hidden.ToString(CultureInfo.InvariantCulture)).AppendLine(" more");
        }

        return text.ToString().ReplaceLineEndings("\n").TrimEnd() + "\n";
    }
}
