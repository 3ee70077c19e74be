using System.Globalization;

namespace Orchestrator.Notifications.Channels;

/// <summary>Posts messages as incoming webhooks of Slack take them: a text for notifications of the system, and blocks that are shown.</summary>
internal sealed class SlackChannel(Poster poster) : IChannel
{
    /// <summary>Slack refuses longer ones.</summary>
    private const int MostHeader = 150, MostSection = 3000;

    public Task SendAsync(Message message, CancellationToken cancellation) => poster.PostAsync(Document(message), null, cancellation);

    internal static object Document(Message message) => new
    {
        text = Escape(message.Title),
        blocks = (object[])
        [
            new { type = "header", text = new { type = "plain_text", text = Words.Cut($"{Mark(message.Severity)} {message.Title}", MostHeader), emoji = true } },
            .. message.Shown.Select(notice => new { type = "section", text = new { type = "mrkdwn", text = Section(notice) } }),
            .. message.Hidden > 0 ? (object[])[new { type = "context", elements = new object[] { new { type = "mrkdwn", text = $"and {message.Hidden.ToString(CultureInfo.InvariantCulture)} more" } } }] : [],
        ],
    };

    private static string Section(Notice notice)
    {
        var text = $"*{Escape(Words.Line(notice.Title, 300))}*";
        if (notice.Text is { Length: > 0 } more)
        {
            text += $"\n{Escape(Words.Cut(more, 1500))}";
        }

        // Cut before it is escaped anywhere, so that nothing is cut in the middle of an escape; 1,500 characters of "&" are 7,500.
        return text.Length + 200 > MostSection ? Section(notice with { Text = Words.Cut(notice.Text ?? "", (notice.Text?.Length ?? 2) / 2) }) : notice.Command is { } command ? $"{text}\n`{Escape(Words.Line(command, 150))}`" : text;
    }

    /// <summary>What Slack would take for a link or a call to everybody.</summary>
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Mark(string severity) => severity switch { "critical" => ":red_circle:", "warning" => ":large_orange_circle:", _ => ":large_green_circle:" };
}
