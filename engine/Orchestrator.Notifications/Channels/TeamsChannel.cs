using System.Globalization;
using System.Text.Json.Serialization;

namespace Orchestrator.Notifications.Channels;

/// <summary>Posts messages as the webhook of a Teams workflow takes them: a message with one Adaptive Card.</summary>
/// <remarks>The older webhooks of Office 365 connectors took another form (MessageCard) and were switched off; workflows take this one.</remarks>
internal sealed class TeamsChannel(Poster poster) : IChannel
{
    /// <summary>A message of more than 28 KB is refused; so much of it is left to text, which may be three bytes a character.</summary>
    private const int MostText = 6000;

    public Task SendAsync(Message message, CancellationToken cancellation) => poster.PostAsync(Document(message), null, cancellation);

    internal static object Document(Message message) => new
    {
        type = "message",
        attachments = new object[] { new { contentType = "application/vnd.microsoft.card.adaptive", content = CardOf(message) } },
    };

    private static Card CardOf(Message message)
    {
        var each = MostText / message.Shown.Count();
        return new Card
        {
            Body =
            [
                new { type = "TextBlock", size = "Large", weight = "Bolder", wrap = true, color = message.Severity switch { "critical" => "Attention", "warning" => "Warning", _ => "Default" }, text = Escape(message.Title) },
                .. message.Shown.SelectMany(notice => Blocks(notice, each)),
                .. message.Hidden > 0 ? (object[])[new { type = "TextBlock", isSubtle = true, text = $"and {message.Hidden.ToString(CultureInfo.InvariantCulture)} more" }] : [],
            ],
        };
    }

    private static IEnumerable<object> Blocks(Notice notice, int most)
    {
        yield return new { type = "TextBlock", weight = "Bolder", wrap = true, separator = true, text = Escape(Words.Line(notice.Title, 200)) };
        if (notice.Text is { Length: > 0 } more)
        {
            yield return new { type = "TextBlock", wrap = true, text = Escape(Words.Cut(more, most)).Replace("\n", "\n\n", StringComparison.Ordinal) };
        }

        if (notice.Command is { } command)
        {
            yield return new { type = "TextBlock", isSubtle = true, fontType = "Monospace", wrap = true, text = Escape(Words.Line(command, 150)) };
        }
    }

    /// <summary>Cards read some Markdown in texts: a link in the words of an alert must not be one.</summary>
    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);

    private sealed record Card
    {
        [JsonPropertyName("$schema")]
        public string Schema { get; init; } = "http://adaptivecards.io/schemas/adaptive-card.json";

        public string Type { get; init; } = "AdaptiveCard";

        public string Version { get; init; } = "1.4";

        public required IReadOnlyList<object> Body { get; init; }
    }
}
