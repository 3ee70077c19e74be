using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>How long to wait between the attempts of a task.</summary>
public enum BackoffKind
{
    Unknown = 0,
    Fixed,
    Linear,
    Exponential,
}

/// <summary>Whether the wait is drawn at random.</summary>
public enum Jitter
{
    Unknown = 0,
    None,

    /// <summary>Uniform between zero and the computed wait, so that many failures at once do not come back at once.</summary>
    Full,
}

/// <summary>How often a failed task is tried, and after what wait.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in all, the first included; 1..100.</summary>
    public required int Attempts { get; init; }

    public BackoffKind Backoff { get; init; } = BackoffKind.Exponential;

    /// <summary>The wait before the second attempt.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromMinutes(5);

    public Jitter Jitter { get; init; } = Jitter.Full;

    /// <summary>Failure codes that are retried; empty: every failure that is retryable at all.</summary>
    public ImmutableArray<string> On { get; init; } = [];

    /// <summary>Failure codes that are never retried.</summary>
    public ImmutableArray<string> Except { get; init; } = [];

    /// <summary>The policy of a task that has none: one attempt.</summary>
    public static RetryPolicy None { get; } = new() { Attempts = 1 };
}
