namespace Orchestrator.Notifications.Channels;

/// <summary>Takes messages to people.</summary>
internal interface IChannel
{
    /// <summary>Sends a message. It may be sent again although it was taken, when nobody lived to write that down; its id is the same then.</summary>
    /// <exception cref="ChannelException">It was not taken.</exception>
    Task SendAsync(Message message, CancellationToken cancellation);
}

/// <summary>A message was not taken. The text holds no secret.</summary>
internal sealed class ChannelException(string message, TimeSpan? retryAfter = null, bool isSetting = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the other side asked to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>True: it is the channel's settings that are wrong, as far as anybody can tell.</summary>
    public bool IsSetting { get; } = isSetting;
}
