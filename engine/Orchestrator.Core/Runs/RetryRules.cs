using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Decides whether a failed attempt is followed by another, and after what wait. Reads the clock and draws numbers nowhere: both come in.</summary>
public static class RetryRules
{
    /// <summary>
    /// How often one task may lose its attempt to the machinery (a worker that died, an engine that was killed) before it counts as failed.
    /// Apart from the author's policy, since such a loss says nothing about the work; bounded, since some work kills whatever runs it.
    /// </summary>
    public const int LossAllowance = 5;

    /// <summary>The wait after a loss: long enough for a machine to breathe, short enough that nobody notices.</summary>
    public static TimeSpan LossDelay { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before the next attempt; null when there is none.</summary>
    /// <param name="failures">How many attempts have failed by the work's own doing, this one included; at least 1.</param>
    /// <param name="random">Uniform in [0, 1); used by <see cref="Jitter.Full"/>.</param>
    public static TimeSpan? NextDelay(RetryPolicy policy, Failure failure, int failures, double random) =>
        failures >= policy.Attempts || !Covers(policy, failure) ? null : Delay(policy, failure, failures, random);

    /// <summary>True when the policy retries this kind of failure at all. A code that the author lists wins over what the failure says of itself.</summary>
    public static bool Covers(RetryPolicy policy, Failure failure) =>
        !policy.Except.Contains(failure.Code)
        && (policy.On.IsEmpty ? failure.Retryable || failure.Kind is FailureKind.Timeout or FailureKind.Unexpected or FailureKind.Infrastructure : policy.On.Contains(failure.Code));

    private static TimeSpan Delay(RetryPolicy policy, Failure failure, int failures, double random)
    {
        // Doubling past 2^30 changes nothing: every delay is at the cap by then, and a double stays exact.
        var factor = policy.Backoff switch
        {
            BackoffKind.Fixed => 1.0,
            BackoffKind.Linear => failures,
            BackoffKind.Exponential => Math.Pow(2, Math.Min(failures - 1, 30)),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy.Backoff, "not a backoff"),
        };
        var wait = TimeSpan.FromTicks((long)Math.Min(policy.Delay.Ticks * factor, policy.Max.Ticks));
        var drawn = policy.Jitter == Jitter.Full ? wait * random : wait;
        return failure.RetryAfter is { } asked && asked > drawn ? asked : drawn;
    }
}
