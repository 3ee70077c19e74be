using Orchestrator.Core.Secrets;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Notifications.Tests.Channels;

/// <summary>Values that tests start from.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static Message Message(params Notice[] notices) => new() { Id = "01M8NOTIFICATION", Channel = "ops", Event = notices[0].Event, Notices = notices, At = Now };

    public static Notice Failed(string pipeline = "churn", string? text = "ORC5299: it broke") =>
        new() { Event = Events.RunFailed, Pipeline = pipeline, Run = "01M8RUN", Severity = "warning", Title = $"{pipeline} failed", Text = text, Command = "orc show 01M8RUN", At = Now };

    public static SecretVault Vault(params (string Name, string Value)[] secrets) => new([new Secrets(secrets.ToDictionary(one => one.Name, one => one.Value))]);

    public static ChannelBook Book(NotificationSettings settings, SecretVault? vault = null, SendingLimits? limits = null, TimeProvider? time = null, bool allowPrivate = true) =>
        new(settings, limits ?? new SendingLimits(), vault ?? Vault(), new GuardedHttp(new GuardedHttpOptions { AllowPrivate = allowPrivate }), time ?? TimeProvider.System);

    public static NotificationSettings Settings(params ChannelSettings[] channels) => new()
    {
        Channels = channels.ToDictionary(one => one.Name), Routes = [new RouteSettings { To = [.. channels.Select(one => one.Name)] }],
    };

    public static SecretRef Secret(string name) => SecretRef.TryParse(name, out var secret) ? secret : throw new ArgumentException(name);

    private sealed class Secrets(Dictionary<string, string> values) : ISecretSource
    {
        public SecretSource Kind => SecretSource.Store;

        public Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation) => Task.FromResult(values.GetValueOrDefault(name));

        public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>([.. values.Keys]);
    }
}
