using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Storage;

namespace Orchestrator.Notifications.Sending;

/// <summary>What a notifier is made of.</summary>
public sealed record NotifierParts
{
    public required EngineStores Stores { get; init; }

    public required ChannelBook Channels { get; init; }

    public required TimeProvider Time { get; init; }

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>How often it looks whether there is something to tell: two indexed queries over what is open, which is little.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Random numbers, 0 (inclusive) to 1 (exclusive), for waits.</summary>
    public Func<double> Draw { get; init; } = () => System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30);

    /// <summary>Opens channels otherwise; null: as the book does.</summary>
    internal Func<ChannelSettings, IChannel>? Open { get; init; }
}
