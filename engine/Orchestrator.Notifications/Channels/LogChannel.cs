using Microsoft.Extensions.Logging;

namespace Orchestrator.Notifications.Channels;

/// <summary>Writes messages to the log of whoever sends them.</summary>
internal sealed partial class LogChannel(ILogger logger) : IChannel
{
    public Task SendAsync(Message message, CancellationToken cancellation)
    {
        foreach (var notice in message.Notices)
        {
            Write(notice.Severity switch { "critical" => LogLevel.Error, "warning" => LogLevel.Warning, _ => LogLevel.Information }, notice);
        }

        return Task.CompletedTask;
    }

    private void Write(LogLevel level, Notice notice) => LogNotice(logger, level, notice.Event, Words.Line(notice.Title, 300), Words.Line(notice.Text ?? "", 1000), notice.Pipeline, notice.Run);

    [LoggerMessage(EventId = 6310, Message = "{Event}: {Title}. {Text} {Pipeline} {Run}")]
    private static partial void LogNotice(ILogger logger, LogLevel level, string @event, string title, string text, string? pipeline, string? run);
}
