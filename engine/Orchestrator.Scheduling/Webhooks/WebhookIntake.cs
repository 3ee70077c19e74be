using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Events;
using Orchestrator.Scheduling.Triggers;
using Orchestrator.Storage;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Webhooks;

/// <summary>A request to a webhook.</summary>
public sealed record WebhookRequest
{
    /// <summary>The last part of the address.</summary>
    public required string Name { get; init; }

    /// <summary>As it came, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>By name, in any case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
}

/// <summary>What became of a request.</summary>
public enum WebhookOutcome
{
    Unknown = 0,

    /// <summary>The triggers that wait for it will look at it.</summary>
    Accepted,

    /// <summary>It came before; nothing was done again.</summary>
    Repeated,

    /// <summary>No trigger waits for this name.</summary>
    NotFound,

    /// <summary>It has no signature, or one that no secret of its triggers makes, or none of them has a value.</summary>
    Refused,

    /// <summary>It was made too long ago, or too far in the future.</summary>
    OutOfWindow,

    /// <summary>Its body is larger than <see cref="WebhookIntake.MostBytes"/>.</summary>
    TooLarge,
}

/// <summary>Takes requests of webhooks: checks who signed them and when, and tells the triggers that wait for that signature. The address and its limits belong to the server.</summary>
/// <param name="stores">The home's.</param>
/// <param name="readDefinition">Reads the stored JSON of a definition.</param>
/// <param name="reveal">The value of a secret; null when it has none.</param>
/// <param name="time">The time.</param>
public sealed class WebhookIntake(EngineStores stores, Func<string, PipelineDefinition> readDefinition, Func<SecretRef, CancellationToken, Task<string?>> reveal, TimeProvider time)
{
    /// <summary>A payload is kept with its signal and its run, so it is small.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>Headers with such a word in their name are not kept.</summary>
    private static readonly string[] Private = ["signature", "token", "key", "auth", "secret", "cookie"];

    private readonly TriggerCatalog catalog = new(stores.Definitions, readDefinition);

    public async Task<WebhookOutcome> ReceiveAsync(WebhookRequest request, CancellationToken cancellation)
    {
        if (request.Body.Length > MostBytes)
        {
            return WebhookOutcome.TooLarge;
        }

        var hooks = await ListHooksAsync(request.Name, cancellation);
        if (hooks.Count == 0)
        {
            return WebhookOutcome.NotFound;
        }

        var headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase);
        var outcome = WebhookOutcome.Refused;
        foreach (var (secret, window) in hooks)
        {
            var one = await TellAsync(request, headers, secret, window, cancellation);
            // Of several secrets one is enough; what was accepted by one counts more than what another says.
            outcome = one == WebhookOutcome.Accepted || outcome == WebhookOutcome.Refused ? one : outcome;
        }

        return outcome;
    }

    private async Task<WebhookOutcome> TellAsync(WebhookRequest request, Dictionary<string, string> headers, string secret, TimeSpan window, CancellationToken cancellation)
    {
        if (!SecretRef.TryParse(secret, out var reference) || await reveal(reference, cancellation) is not { Length: > 0 } value)
        {
            return WebhookOutcome.Refused;
        }

        var now = time.GetUtcNow();
        var (verdict, signed) = WebhookSignature.Check(value, request.Body.Span, name => headers.GetValueOrDefault(name), now, window);
        switch (verdict)
        {
            case SignatureVerdict.Good:
                break;
            case SignatureVerdict.OutOfWindow:
                return WebhookOutcome.OutOfWindow;
            default:
                return WebhookOutcome.Refused;
        }

        var topic = SignalTopics.TopicOf(request.Name, secret);
        var told = await stores.Triggers.AddSignalAsync(
            new NewSignal
            {
                Topic = topic,
                Payload = OrcJson.ToElement(new { payload = PayloadOf(request.Body), headers = Shown(headers) }),
                At = now,
                // Not the signature itself, which with its body would be a request to repeat.
                Once = $"{topic.Subject}|{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signed)))}",
            },
            cancellation);
        return told ? WebhookOutcome.Accepted : WebhookOutcome.Repeated;
    }

    /// <summary>JSON as what it is, all else as text; so is JSON that cannot be kept as it is: with a name twice, or half a character.</summary>
    private static JsonElement PayloadOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            // Written once: what cannot be is found out here, and not by whoever reads it later.
            return OrcJson.ToElement(JsonElement.Parse(body.Span, new JsonDocumentOptions { AllowDuplicateProperties = false }));
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or ArgumentException)
        {
            return OrcJson.ToElement(Encoding.UTF8.GetString(body.Span));
        }
    }

    /// <summary>What senders say of a request themselves; nothing that lets somebody in.</summary>
    private static SortedDictionary<string, string> Shown(Dictionary<string, string> headers) => new(
        headers.Where(one => (one.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase) || one.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                && !Private.Any(word => one.Key.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(one => one.Key.ToLowerInvariant(), one => one.Value),
        StringComparer.Ordinal);

    /// <summary>The secrets that the triggers of a webhook know, each with the widest window among them.</summary>
    private async Task<IReadOnlyList<(string Secret, TimeSpan Window)>> ListHooksAsync(string name, CancellationToken cancellation)
    {
        if (!TaskName.IsValid(name))
        {
            return [];
        }

        var hooks = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var key in await stores.Triggers.ListWatchersAsync(Signals.WebhookCalled, SignalTopics.TopicOf(name, "").Subject, cancellation))
        {
            if (await stores.Triggers.FindAsync(key, cancellation) is not { RetiredAt: null } trigger || await catalog.FindAsync(trigger, cancellation) is not { Trigger: EventTrigger happens })
            {
                continue;
            }

            foreach (var hook in (happens is CombinedTrigger combined ? combined.Of.OfType<WebhookTrigger>() : [(WebhookTrigger)happens]).Where(hook => hook.Webhook == name))
            {
                hooks[hook.Secret] = hooks.GetValueOrDefault(hook.Secret) is var known && known > hook.Window ? known : hook.Window;
            }
        }

        return [.. hooks.Select(one => (one.Key, one.Value))];
    }
}
