using CsCheck;
using Orchestrator.Training.Comparison;

namespace Orchestrator.Training.Tests.Comparison;

public sealed class VerdictTests
{
    private static readonly object?[][] Table =
    [
        [0.001, 0.01, 0.005, ComparisonOutcome.Better, true],
        [-0.004, 0.01, 0.005, ComparisonOutcome.NotWorse, true],
        [-0.004, -0.001, 0.005, ComparisonOutcome.NotWorse, true],
        [-0.005, 0.01, 0.005, ComparisonOutcome.NotWorse, true],
        [0.0, 0.0, 0.0, ComparisonOutcome.NotWorse, true],
        [-0.02, -0.001, 0.005, ComparisonOutcome.Worse, false],
        [-0.02, 0.0, 0.005, ComparisonOutcome.Inconclusive, false],
        [-0.0041, 0.0057, 0.002, ComparisonOutcome.Inconclusive, false],
        [double.NaN, double.NaN, 0.005, ComparisonOutcome.Inconclusive, false],
    ];

    [TestCaseSource(nameof(Table))]
    public void Decide_Interval_GivesTheOutcomeOfTheTable(double lower, double upper, double margin, object outcome, bool notWorse)
    {
        Assert.That(Verdict.Decide(lower, upper, margin), Is.EqualTo(outcome));
        Assert.That(Verdict.IsNotWorse((ComparisonOutcome)outcome), Is.EqualTo(notWorse));
    }

    [TestCase(nameof(ComparisonOutcome.NoBaseline), true)]
    [TestCase(nameof(ComparisonOutcome.SameModel), false)]
    [TestCase(nameof(ComparisonOutcome.Unknown), false)]
    public void IsNotWorse_OutcomeWithoutAnInterval_OpensTheGateOnlyWithoutABaseline(string outcome, bool expected) =>
        Assert.That(Verdict.IsNotWorse(Enum.Parse<ComparisonOutcome>(outcome)), Is.EqualTo(expected));

    [Test]
    public void AWiderMarginNeverClosesTheGate() =>
        Gen.Select(Gen.Double[-1, 1], Gen.Double[-1, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((a, b, margin, more) =>
            !Verdict.IsNotWorse(Verdict.Decide(Math.Min(a, b), Math.Max(a, b), margin))
            || Verdict.IsNotWorse(Verdict.Decide(Math.Min(a, b), Math.Max(a, b), margin + more)));

    [Test]
    public void ABetterIntervalNeverGetsAWorseOutcome()
    {
        ComparisonOutcome[] order = [ComparisonOutcome.Worse, ComparisonOutcome.Inconclusive, ComparisonOutcome.NotWorse, ComparisonOutcome.Better];
        Gen.Select(Gen.Double[-1, 1], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((lower, width, margin, shift) =>
            Array.IndexOf(order, Verdict.Decide(lower + shift, lower + width + shift, margin)) >= Array.IndexOf(order, Verdict.Decide(lower, lower + width, margin)));
    }

    [Test]
    public void Doubt_OfEnoughRowsAndDefinedResamples_IsNone()
    {
        Assert.That(Verdict.Doubt(50, 50, "rows", 0.1), Is.Null);
        Assert.That(Verdict.Doubt(49, 50, "groups", 0), Is.EqualTo("49 groups are too few to decide, it takes 50"));
        Assert.That(Verdict.Doubt(500, 50, "rows", 0.37), Does.StartWith("37.0 % of the resamples have no value"));
    }
}
