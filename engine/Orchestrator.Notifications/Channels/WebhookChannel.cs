using Orchestrator.Notifications.Configuration;
using Orchestrator.Scheduling.Webhooks;

namespace Orchestrator.Notifications.Channels;

/// <summary>
/// Posts messages as JSON of our own, signed as the webhooks of this program's triggers want it: <c>X-Orc-Signature: t=SECONDS,v1=HEX</c>. <c>X-Orc-Delivery</c> is the same however often
/// a message is sent.
/// </summary>
internal sealed class WebhookChannel(ChannelSettings channel, ChannelSecrets secrets, Poster poster, TimeProvider time) : IChannel
{
    public const string DeliveryHeader = "X-Orc-Delivery";

    public async Task SendAsync(Message message, CancellationToken cancellation)
    {
        var key = await secrets.GetAsync(channel.Secret ?? throw new InvalidOperationException($"channel {channel.Name} has no secret"), cancellation);
        var document = new { message.Id, message.Channel, message.Event, message.Severity, message.Title, message.At, count = message.Notices.Count, message.Notices };
        // Signed anew for each attempt, with its time: receivers refuse what is old.
        await poster.PostAsync(document, body => [(WebhookSignature.Header, WebhookSignature.Sign(key, body.Span, time.GetUtcNow())), (DeliveryHeader, message.Id)], cancellation);
    }
}
