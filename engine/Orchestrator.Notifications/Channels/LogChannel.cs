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

    /// <summary>Pipeline and run are members of their own for those who search logs.</summary>
    private void Write(LogLevel level, Notice notice)
    {
        using var members = logger.BeginScope(new Dictionary<string, object?> { ["Pipeline"] = notice.Pipeline, ["Run"] = notice.Run, ["Alert"] = notice.Alert });
        LogNotice(logger, level, notice.Event, Words.Line($"{notice.Title}. {notice.Text}", 1200));
    }

    [LoggerMessage(EventId = 6310, Message = "{What}: {Told}")]
    private static partial void LogNotice(ILogger logger, LogLevel level, string what, string told);
}
