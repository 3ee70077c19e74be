using System.Collections.Concurrent;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Notifications.Channels;

/// <summary>The secrets of a channel, looked up for each attempt, so that a changed one counts at once; and kept out of what is said of it.</summary>
internal sealed class ChannelSecrets(SecretVault vault)
{
    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);

    /// <exception cref="ChannelException">It is not there, or cannot be read.</exception>
    public async Task<string> GetAsync(SecretRef secret, CancellationToken cancellation)
    {
        try
        {
            var value = await vault.FindAsync(secret, cancellation) ?? throw new ChannelException($"there is no secret {secret}; store it: orc secrets set {secret.Name}", isSetting: true);
            seen.TryAdd(value, true);
            return value;
        }
        catch (ActivityException unreadable)
        {
            throw new ChannelException($"{unreadable.Failure.Code}: {unreadable.Failure.Message}", isSetting: true, inner: unreadable);
        }
    }

    public string Mask(string text) => new SecretMask(seen.Keys).Apply(text);
}
