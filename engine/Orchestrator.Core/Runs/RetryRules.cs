using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Decides whether a failed attempt is followed by another, and after what wait. Reads the clock and draws numbers nowhere: both come in.</summary>
public static class RetryRules
{
    /// <summary>The wait after a loss: long enough for a machine to breathe, short enough that nobody notices.</summary>
    public static TimeSpan LossDelay { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before the next attempt; null when there is none.</summary>
    /// <param name="failures">How many attempts have failed by the work's own doing, this one included; at least 1.</param>
    /// <param name="random">Uniform in [0, 1); used by <see cref="Jitter.Full"/>.</param>
    public static TimeSpan? NextDelay(RetryPolicy policy, Failure failure, int failures, double random)
    {
        var own = For(policy, failure);
        return failures >= own.Attempts || !Covers(policy, failure) ? null : Delay(own, failure, failures, random);
    }

    /// <summary>The wait before the next attempt after one was lost to the machinery; null when there is none.</summary>
    /// <param name="losses">How many attempts were lost, this one included if it counts.</param>
    /// <param name="atOnce">True when nothing has to recover first.</param>
    public static TimeSpan? DelayAfterLoss(RetryPolicy policy, Failure failure, int losses, bool atOnce)
    {
        // A rule that speaks of no code and no kind means failures of the work.
        var rule = RuleFor(policy, failure) is { } fits && (fits.Code is not null || fits.Kind is not null) ? fits : null;
        var allowed = rule?.Attempts is { } attempts ? Math.Max(attempts - 1, 0) : policy.Losses;
        return losses > allowed ? null : atOnce ? TimeSpan.Zero : rule?.Delay ?? LossDelay;
    }

    /// <summary>True when the policy retries this kind of failure at all. What the author says of a failure wins over what it says of itself.</summary>
    public static bool Covers(RetryPolicy policy, Failure failure) =>
        !policy.Except.Contains(failure.Code)
        && (RuleFor(policy, failure) is not null
            || (policy.On.IsEmpty ? failure.Retryable || failure.Kind is FailureKind.Timeout or FailureKind.Unexpected or FailureKind.Infrastructure : policy.On.Contains(failure.Code)));

    private static RetryRule? RuleFor(RetryPolicy policy, Failure failure)
    {
        foreach (var rule in policy.Rules)
        {
            if (rule.Fits(failure))
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>The policy as it is for this failure.</summary>
    private static RetryPolicy For(RetryPolicy policy, Failure failure) => RuleFor(policy, failure) is not { } rule ? policy : policy with
    {
        Attempts = rule.Attempts ?? policy.Attempts,
        Backoff = rule.Backoff ?? policy.Backoff,
        Delay = rule.Delay ?? policy.Delay,
        // A rule with a longer first wait than the policy's longest means that wait.
        Max = rule.Max ?? (rule.Delay > policy.Max ? rule.Delay.Value : policy.Max),
    };

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
