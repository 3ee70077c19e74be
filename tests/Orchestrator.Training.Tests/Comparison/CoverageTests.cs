using Orchestrator.Training.Comparison;
using Orchestrator.Training.Evaluation;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Tests.Comparison;

/// <summary>Whether the interval does what it promises: hold the true difference in about 95 of 100 data sets. Seeded, so the counts are the same every time.</summary>
public sealed class CoverageTests
{
    /// <summary>ORC_LONG=1 asks the question ten times as often; the short form bounds the answer less tightly.</summary>
    private static readonly bool Long = Environment.GetEnvironmentVariable("ORC_LONG") == "1";

    [TestCase("auc")]
    [TestCase("logLoss")]
    [TestCase("accuracy")]
    public void TheIntervalHoldsTheTrueDifferenceAsOftenAsItSays(string name)
    {
        var metric = MetricInfo.Get(name);
        var (big, other) = Draw(rows: 100_000, seed: 77);
        var truth = metric.Improvement(big.Prepare(metric).Evaluate(), over: other.Prepare(metric).Evaluate());
        var datasets = Long ? 2000 : 120;

        var held = Enumerable.Range(0, datasets).Count(seed =>
        {
            var (candidate, baseline) = Draw(rows: 250, seed);
            var interval = PairedComparison.Of(metric, candidate, baseline, 0.95, new BootstrapOptions { Resamples = 400, Seed = seed }).Difference.Interval;
            return interval.Lower <= truth && truth <= interval.Upper;
        });

        // Three standard errors of a share of 0.95 around it; the bootstrap itself is known to hold a little less than it says on small data.
        var slack = 3 * Math.Sqrt(0.95 * 0.05 / datasets);
        Assert.That(held / (double)datasets, Is.InRange(0.94 - slack, 0.95 + slack));
    }

    [Test]
    public void ModelsOfEqualWorthAreRarelyCalledBetterOrWorse()
    {
        var metric = MetricInfo.Get("auc");
        var datasets = Long ? 2000 : 120;

        var wrong = Enumerable.Range(0, datasets).Count(seed =>
        {
            var (candidate, baseline) = Draw(rows: 250, seed, equal: true);
            var interval = PairedComparison.Of(metric, candidate, baseline, 0.95, new BootstrapOptions { Resamples = 400, Seed = seed }).Difference.Interval;
            return Verdict.Decide(interval.Lower, interval.Upper, margin: 0) is ComparisonOutcome.Better or ComparisonOutcome.Worse;
        });

        Assert.That(wrong / (double)datasets, Is.LessThan(0.06 + (3 * Math.Sqrt(0.05 * 0.95 / datasets))));
    }

    /// <summary>Labels from a known logistic truth, seen by two models through noise of their own.</summary>
    private static (ClassScores Candidate, ClassScores Baseline) Draw(int rows, int seed, bool equal = false)
    {
        var random = new SeededRandom(seed, stream: 123);
        var labels = new int[rows];
        var (first, second) = (new double[rows][], new double[rows][]);
        for (var row = 0; row < rows; row++)
        {
            var truth = Normal(ref random);
            labels[row] = random.NextDouble() < Sigmoid((1.5 * truth) - 0.8) ? 1 : 0;
            first[row] = Seen(truth, 0.6, ref random);
            second[row] = Seen(truth, equal ? 0.6 : 1.0, ref random);
        }

        var candidate = new ClassScores { Classes = ["no", "yes"], Labels = labels, Probabilities = first };
        return (candidate, candidate with { Probabilities = second });
    }

    private static double[] Seen(double truth, double noise, ref SeededRandom random)
    {
        var probability = Sigmoid((1.5 * (truth + (noise * Normal(ref random)))) - 0.8);
        return [1 - probability, probability];
    }

    /// <summary>Box and Muller's method.</summary>
    private static double Normal(ref SeededRandom random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
