using Microsoft.Extensions.Logging;
using Orchestrator.Core.Outgoing;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Storage.Identifiers;

namespace Orchestrator.Notifications.Channels;

/// <summary>The channels of a home.</summary>
/// <param name="settings">Who is told of what.</param>
/// <param name="limits">How long an attempt may take.</param>
/// <param name="vault">Has the secrets that channels name.</param>
/// <param name="http">Takes what goes out.</param>
/// <param name="time">The time.</param>
public sealed class ChannelBook(NotificationSettings settings, SendingLimits limits, SecretVault vault, IGuardedHttp http, TimeProvider time)
{
    public NotificationSettings Settings => settings;

    public SendingLimits Limits => limits;

    /// <summary>Sends one message to a channel now, whatever its quiet hours are, and answers what was sent.</summary>
    /// <exception cref="Core.Activities.ActivityException">There is no such channel (ORC6310), or it did not take the message (ORC6313).</exception>
    public async Task<Message> TestAsync(string name, string by, ILogger logger, CancellationToken cancellation)
    {
        if (!settings.Channels.TryGetValue(name, out var channel))
        {
            throw NotificationErrors.NoSuchChannel(name, [.. settings.Channels.Keys]);
        }

        var now = time.GetUtcNow();
        var notice = new Notice { Event = Events.Test, Severity = "info", Title = $"A test of channel {name}", Text = $"{Words.Line(by, 100)} has asked for it. Nothing has happened.", At = now };
        var message = new Message { Id = Ids.New(time), Channel = name, Event = Events.Test, Notices = [notice], At = now };
        try
        {
            await SendAsync(Open(channel, logger), message, cancellation);
            return message;
        }
        catch (ChannelException refused)
        {
            throw NotificationErrors.NotSent(name, refused.Message, refused.IsSetting);
        }
    }

    /// <summary>A channel as its settings say.</summary>
    internal IChannel Open(ChannelSettings channel, ILogger logger)
    {
        var secrets = new ChannelSecrets(vault);
        var poster = new Poster(channel, secrets, http, time);
        return channel.Kind switch
        {
            ChannelKind.Log => new LogChannel(logger),
            ChannelKind.Email => new MailChannel(channel, secrets),
            ChannelKind.Webhook => new WebhookChannel(channel, secrets, poster, time),
            ChannelKind.Slack => new SlackChannel(poster),
            ChannelKind.Teams => new TeamsChannel(poster),
            _ => throw new ArgumentOutOfRangeException(nameof(channel), channel.Kind, "not a kind of channel"),
        };
    }

    /// <summary>One attempt, within its time.</summary>
    internal async Task SendAsync(IChannel channel, Message message, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(limits.Time, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await channel.SendAsync(message, either.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new ChannelException($"it has not taken the message within {Core.Values.Durations.Format(limits.Time)}", inner: late);
        }
    }
}
