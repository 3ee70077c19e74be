using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;

namespace Orchestrator.Core.Tests.Runs;

public sealed class RetryRulesTests
{
    private static readonly RetryPolicy Policy = new() { Attempts = 10, Delay = TimeSpan.FromSeconds(10), Max = TimeSpan.FromMinutes(5), Jitter = Jitter.None };

    [TestCase(BackoffKind.Fixed, 1, 10)]
    [TestCase(BackoffKind.Fixed, 7, 10)]
    [TestCase(BackoffKind.Linear, 1, 10)]
    [TestCase(BackoffKind.Linear, 3, 30)]
    [TestCase(BackoffKind.Exponential, 1, 10)]
    [TestCase(BackoffKind.Exponential, 4, 80)]
    [TestCase(BackoffKind.Exponential, 6, 300)]
    public void NextDelay_ByBackoff_GrowsToTheCap(BackoffKind backoff, int failures, double seconds) =>
        Assert.That(RetryRules.NextDelay(Policy with { Backoff = backoff }, Simulation.Failed(), failures, 0.5), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public void NextDelay_ManyFailures_StaysAtTheCap() =>
        Assert.That(RetryRules.NextDelay(Policy with { Attempts = 100 }, Simulation.Failed(), 99, 0.5), Is.EqualTo(TimeSpan.FromMinutes(5)));

    [TestCase(0.0, 0)]
    [TestCase(0.25, 2.5)]
    [TestCase(0.999, 9.99)]
    public void NextDelay_FullJitter_IsUniformBelowTheWait(double random, double seconds) =>
        Assert.That(RetryRules.NextDelay(Policy with { Jitter = Jitter.Full }, Simulation.Failed(), 1, random), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public void NextDelay_LastAttemptFailed_IsNone() =>
        Assert.That(RetryRules.NextDelay(Policy with { Attempts = 3 }, Simulation.Failed(), 3, 0.5), Is.Null);

    [Test]
    public void NextDelay_OtherSideAskedForLonger_WaitsThatLong() =>
        Assert.That(RetryRules.NextDelay(Policy, Simulation.Failed() with { RetryAfter = TimeSpan.FromMinutes(9) }, 1, 0.5), Is.EqualTo(TimeSpan.FromMinutes(9)));

    [Test]
    public void NextDelay_ARuleWithAllItsWords_IsTheRules()
    {
        var policy = Policy with { Rules = [new RetryRule { Kind = FailureKind.Work, Delay = TimeSpan.FromSeconds(1), Backoff = BackoffKind.Linear, Max = TimeSpan.FromSeconds(2) }] };

        Assert.That(Enumerable.Range(1, 4).Select(failures => RetryRules.NextDelay(policy, Simulation.Failed(), failures, 0.5)?.TotalSeconds), Is.EqualTo(new double?[] { 1, 2, 2, 2 }));
    }

    [Test]
    public void Covers_FailureThatTryingAgainCannotHelp_Not() =>
        Assert.That(RetryRules.Covers(Policy, Simulation.Failed(retryable: false)), Is.False);

    [Test]
    public void Covers_CodeTheAuthorListed_Wins() =>
        Assert.That(RetryRules.Covers(Policy with { On = ["ORC5999"] }, Simulation.Failed(retryable: false)));

    [Test]
    public void Covers_CodeTheAuthorDidNotList_Not() =>
        Assert.That(RetryRules.Covers(Policy with { On = ["ORC5001"] }, Simulation.Failed()), Is.False);

    [Test]
    public void Covers_ExceptedCode_NotEvenWhenListed() =>
        Assert.That(RetryRules.Covers(Policy with { On = ["ORC5999"], Except = ["ORC5999"] }, Simulation.Failed()), Is.False);

    [TestCase(FailureKind.Timeout)]
    [TestCase(FailureKind.Unexpected)]
    public void Covers_FailureThatIsNobodysDecision_Yes(FailureKind kind) =>
        Assert.That(RetryRules.Covers(Policy, new Failure { Code = "ORC5998", Kind = kind, Message = "late" }));

    [TestCase("ORC5301", FailureKind.Work, 1, null)]
    [TestCase("ORC5999", FailureKind.Timeout, 1, 60.0)]
    [TestCase("ORC5999", FailureKind.Timeout, 2, null)]
    [TestCase("ORC5999", FailureKind.Work, 1, 10.0)]
    [TestCase("ORC5999", FailureKind.Work, 9, 300.0)]
    public void NextDelay_Rules_TheFirstThatFitsDecidesAndThePolicyOtherwise(string code, FailureKind kind, int failures, double? seconds)
    {
        var policy = Policy with
        {
            Rules = [new RetryRule { Code = "ORC5301", Attempts = 0 }, new RetryRule { Kind = FailureKind.Timeout, Attempts = 2, Delay = TimeSpan.FromMinutes(1) }, new RetryRule { Kind = FailureKind.Timeout, Attempts = 50 }],
        };

        var wait = RetryRules.NextDelay(policy, new Failure { Code = code, Kind = kind, Message = "no", Retryable = true }, failures, 0.5);

        Assert.That(wait?.TotalSeconds, Is.EqualTo(seconds));
    }

    [Test]
    public void NextDelay_RuleForWhatSaysThatItCannotHelp_Retries() =>
        Assert.That(RetryRules.NextDelay(Policy with { Rules = [new RetryRule { Retryable = false, Delay = TimeSpan.FromHours(1) }] }, Simulation.Failed(retryable: false), 1, 0.5), Is.EqualTo(TimeSpan.FromHours(1)));

    [Test]
    public void NextDelay_RuleAndExcept_ExceptWins() =>
        Assert.That(RetryRules.NextDelay(Policy with { Rules = [new RetryRule { Code = "ORC5999" }], Except = ["ORC5999"] }, Simulation.Failed(), 1, 0.5), Is.Null);

    [Test]
    public void NextDelay_CodesBesideRules_WhatNothingFitsIsNotRetried()
    {
        var policy = Policy with { On = ["ORC5001"], Rules = [new RetryRule { Kind = FailureKind.Timeout }] };
        Assert.That(RetryRules.Covers(policy, Simulation.Failed()), Is.False);
        Assert.That(RetryRules.Covers(policy, Simulation.Failed() with { Code = "ORC5001" }));
        Assert.That(RetryRules.Covers(policy, Simulation.Failed() with { Kind = FailureKind.Timeout }));
    }

    [TestCase(5, 5, true)]
    [TestCase(5, 6, false)]
    [TestCase(0, 1, false)]
    [TestCase(0, 0, true)]
    public void DelayAfterLoss_ByAllowance_EndsWithIt(int allowance, int losses, bool again) =>
        Assert.That(RetryRules.DelayAfterLoss(Policy with { Losses = allowance }, Lost, losses, atOnce: false), Is.EqualTo(again ? RetryRules.LossDelay : (TimeSpan?)null));

    [Test]
    public void DelayAfterLoss_RuleOfInfrastructure_DecidesInsteadOfTheAllowance()
    {
        var policy = Policy with { Rules = [new RetryRule { Retryable = false, Attempts = 50 }, new RetryRule { Kind = FailureKind.Infrastructure, Attempts = 2, Delay = TimeSpan.FromMinutes(1) }] };
        var specific = policy with { Rules = policy.Rules.RemoveAt(0) };
        Assert.That(RetryRules.DelayAfterLoss(specific, Lost, 1, atOnce: false), Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(RetryRules.DelayAfterLoss(specific, Lost, 2, atOnce: false), Is.Null);
        Assert.That(RetryRules.DelayAfterLoss(specific, Lost, 1, atOnce: true), Is.EqualTo(TimeSpan.Zero));
        Assert.That(RetryRules.DelayAfterLoss(policy, Lost, 6, atOnce: false), Is.Null, "a rule without code and kind speaks of the work");
    }

    private static Failure Lost { get; } = new() { Code = "ORC5210", Kind = FailureKind.Infrastructure, Message = "worker died" };
}
