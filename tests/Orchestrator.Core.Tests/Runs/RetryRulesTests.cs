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
}
