using Orchestrator.Training.Comparison;

namespace Orchestrator.Training.Tests.Comparison;

public sealed class McNemarTests
{
    [Test]
    public void Vector_OfFifteenAgainstFive_GivesThePublishedNumbers()
    {
        var test = new McNemar(15, 5);

        Assert.That(test.ChiSquared, Is.EqualTo(4.05).Within(1e-12), "(10 − 1)² / 20");
        Assert.That(test.ApproximateP, Is.EqualTo(0.0442).Within(5e-5));
        Assert.That(test.ExactP, Is.EqualTo(0.0414).Within(5e-5));
        Assert.That(test.P, Is.EqualTo(test.ExactP), "fewer than 25 discordant rows");
    }

    [Test]
    public void P_WithoutADiscordantRow_IsOne() => Assert.That(new McNemar(0, 0).P, Is.EqualTo(1));

    [Test]
    public void P_OfEqualCounts_IsOne()
    {
        Assert.That(new McNemar(7, 7).P, Is.EqualTo(1));
        Assert.That(new McNemar(700, 700).P, Is.EqualTo(1));
    }

    [Test]
    public void ExactP_OfThousandsOfRows_DoesNotLeaveTheRangeOfNumbers() =>
        Assert.That(new McNemar(2100, 1900).ExactP, Is.EqualTo(new McNemar(2100, 1900).ApproximateP).Within(2e-4));

    [Test]
    public void Of_CountsRowsThatOnlyOneGetsRight()
    {
        var test = McNemar.Of(labels: [0, 1, 1, 0, 2], candidate: [0, 1, 0, 0, 2], baseline: [0, 0, 1, 1, 1]);

        Assert.That(test, Is.EqualTo(new McNemar(3, 1)));
    }
}
