using System.Collections.Immutable;
using Orchestrator.Core.Activities;

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

    /// <summary>Rules for kinds of failures; the first that fits decides, before <see cref="On"/> is asked.</summary>
    public ImmutableArray<RetryRule> Rules { get; init; } = [];

    /// <summary>Failure codes that are never retried.</summary>
    public ImmutableArray<string> Except { get; init; } = [];

    /// <summary>
    /// How often the task may lose an attempt to the machinery (a worker that died, an engine that was killed) and still be tried again; 0..100.
    /// Apart from <see cref="Attempts"/>, since such a loss says nothing about the work. 0: a lost attempt is not tried again.
    /// </summary>
    public int Losses { get; init; } = DefaultLosses;

    /// <summary>Bounded, since some work kills whatever runs it.</summary>
    public const int DefaultLosses = 5;

    /// <summary>The policy of a task that has none: one attempt.</summary>
    public static RetryPolicy None { get; } = new() { Attempts = 1 };
}

/// <summary>How failures of one kind are retried. It fits a failure that meets every condition it has; what it does not say is as in the policy.</summary>
public sealed record RetryRule
{
    /// <summary>The failure's code. Null: any.</summary>
    public string? Code { get; init; }

    /// <summary>Whose doing the failure is. Null: anybody's. <see cref="FailureKind.Infrastructure"/> speaks of lost attempts.</summary>
    public FailureKind? Kind { get; init; }

    /// <summary>What the failure says of itself. Null: either.</summary>
    public bool? Retryable { get; init; }

    /// <summary>Attempts in all when this failure is the last one, the first attempt included; 0 and 1: no further one. 0..100.</summary>
    public int? Attempts { get; init; }

    public BackoffKind? Backoff { get; init; }

    public TimeSpan? Delay { get; init; }

    public TimeSpan? Max { get; init; }

    public bool Fits(Failure failure) =>
        (Code is null || Code == failure.Code) && (Kind is null || Kind == failure.Kind) && (Retryable is null || Retryable == failure.Retryable);
}
