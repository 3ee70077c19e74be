using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Tests.Evaluation;

public sealed class ResamplingTests
{
    [Test]
    public void SeededRandom_IsFrozenForEver()
    {
        // Stored evidence can be computed again only while these numbers stay what they are. They come from the same algorithms written in Python.
        var random = new SeededRandom(seed: 42, stream: 7);
        ulong[] first = [random.NextBits(), random.NextBits(), random.NextBits()];

        Assert.That(first, Is.EqualTo(new ulong[] { 7094150420702097787, 16892645422181031343, 15294728026699808052 }));
    }

    [Test]
    public void SeededRandom_StreamsOfOneSeed_AreUnlikeEachOther()
    {
        var starts = Enumerable.Range(0, 10_000).Select(stream => new SeededRandom(1, stream).NextBits()).Concat(Enumerable.Range(2, 10_000).Select(seed => new SeededRandom(seed).NextBits()));

        Assert.That(starts.Distinct().Count(), Is.EqualTo(20_000));
    }

    [Test]
    public void NextIndex_DrawsEveryIndexAboutEquallyOften()
    {
        var random = new SeededRandom(9);
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++)
        {
            counts[random.NextIndex(10)]++;
        }

        // χ² with 9 degrees of freedom stays below 27.9 in 999 of 1,000 cases; the seed is fixed.
        Assert.That(counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000), Is.LessThan(27.9));
    }

    [TestCase(0, 0.5)]
    [TestCase(1.959963984540054, 0.975)]
    [TestCase(-1.6448536269514722, 0.05)]
    [TestCase(-5, 2.866515718791933e-07)]
    [TestCase(3.2, 0.9993128620620841)]
    public void Normal_CdfAndQuantile_AreThoseOfTables(double z, double probability)
    {
        Assert.That(NormalDistribution.Cdf(z), Is.EqualTo(probability).Within(1e-14));
        Assert.That(NormalDistribution.Quantile(probability), Is.EqualTo(z).Within(1e-9));
    }

    [Test]
    public void Normal_QuantileOfCdf_IsTheValueAgain()
    {
        for (var z = -8.0; z <= 5; z += 0.01)
        {
            Assert.That(NormalDistribution.Quantile(NormalDistribution.Cdf(z)), Is.EqualTo(z).Within(1e-8));
        }

        Assert.That(NormalDistribution.Quantile(0), Is.EqualTo(double.NegativeInfinity));
        Assert.That(() => NormalDistribution.Quantile(1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Draw_SameSeed_IsTheSameWhateverTheThreadsDo()
    {
        var metric = new PreparedMean([.. Enumerable.Range(0, 500).Select(i => Math.Sin(i))]);
        var options = new BootstrapOptions { Resamples = 300, Seed = 5 };

        var first = Bootstrap.Draw([metric], 500, options).Replicates[0];
        Assert.That(Bootstrap.Draw([metric], 500, options).Replicates[0], Is.EqualTo(first));
        Assert.That(Bootstrap.Draw([metric], 500, options with { Seed = 6 }).Replicates[0], Is.Not.EqualTo(first));
    }

    [Test]
    public void Draw_SeveralMetrics_SeeTheSameRows()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => (double)i)];
        var sample = Bootstrap.Draw([new PreparedMean(values), new PreparedMean([.. values.Select(value => 3 * value)])], 100, new BootstrapOptions { Resamples = 50 });

        Assert.That(sample.Replicates[1], Is.EqualTo(sample.Replicates[0].Select(mean => 3 * mean)).Within(1e-9));
    }

    [Test]
    public void Draw_UnitsOfOneRowEach_AreTheRows()
    {
        double[] values = [.. Enumerable.Range(0, 60).Select(i => (double)(i * i))];
        var plain = Bootstrap.Draw([new PreparedMean(values)], 60, new BootstrapOptions { Resamples = 40 });
        var units = Bootstrap.Draw([new PreparedMean(values)], 60, new BootstrapOptions { Resamples = 40, Units = [.. Enumerable.Range(0, 60)] });

        Assert.That(units.Replicates[0], Is.EqualTo(plain.Replicates[0]));
        Assert.That(units.Jackknife[0], Is.EqualTo(plain.Jackknife[0]));
    }

    [Test]
    public void Draw_Cancelled_Stops() => Assert.That(
        () => Bootstrap.Draw([new PreparedMean([1, 2])], 2, new BootstrapOptions { Cancellation = new CancellationToken(canceled: true) }),
        Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public void Of_NoDefinedResample_HasNoInterval()
    {
        var interval = Interval.Of(1, [double.NaN, double.NaN], [1, 2], 0.95);

        Assert.That((interval.Method, interval.UndefinedShare, interval.Lower), Is.EqualTo((IntervalMethod.None, 1.0, double.NaN)));
    }

    [Test]
    public void Of_EveryResampleOnOneSide_FallsBackToPercentiles()
    {
        var interval = Interval.Of(0, [.. Enumerable.Range(1, 100).Select(i => (double)i)], [1, 2, 3], 0.9);

        Assert.That(interval.Method, Is.EqualTo(IntervalMethod.Percentile));
        Assert.That((interval.Lower, interval.Upper), Is.EqualTo((5.95, 95.05)).Using<double>((a, b) => Math.Abs(a - b) < 1e-9));
    }

    [Test]
    public void Of_SymmetricReplicatesWithoutSkew_IsThePercentileInterval()
    {
        double[] replicates = [.. Enumerable.Range(-500, 1001).Select(i => i / 100.0)];

        var interval = Interval.Of(0, replicates, [-1, 1], 0.95);

        Assert.That(interval.Method, Is.EqualTo(IntervalMethod.Bca));
        Assert.That((interval.Lower, interval.Upper), Is.EqualTo((-4.75, 4.75)).Using<double>((a, b) => Math.Abs(a - b) < 1e-6));
    }
}
