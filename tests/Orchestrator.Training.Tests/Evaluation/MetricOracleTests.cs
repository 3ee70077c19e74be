using System.Text.Json;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Tests.Evaluation;

/// <summary>Every metric against scikit-learn and SciPy, whose answers stand in Oracle/metrics.json; Oracle/make.py wrote them.</summary>
public sealed class MetricOracleTests
{
    /// <summary>Both sides sum the same numbers in another order.</summary>
    private const double Rounding = 1e-12;

    private static readonly JsonElement Oracle = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Evaluation", "Oracle", "metrics.json"))).RootElement;

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void BinaryMetricsAreThoseOfScikitLearn(int index)
    {
        var expected = Oracle.GetProperty("binary")[index];
        var (labels, scores, weights) = (Integers(expected, "y"), Doubles(expected, "p"), Doubles(expected, "w"));
        bool[] positives = [.. labels.Select(label => label == 1)];
        double[][] probabilities = [.. scores.Select(p => new[] { 1 - p, p })];
        int[] called = [.. scores.Select(p => p >= 0.5 ? 1 : 0)];
        var confusion = ConfusionMatrix.Of(labels, called, 2);

        Same(Ranking.RocAuc(positives, scores), expected, "auc");
        Same(Ranking.RocAuc(positives, scores, weights), expected, "aucWeighted");
        Same(Ranking.AveragePrecision(positives, scores), expected, "prAuc");
        Same(Ranking.AveragePrecision(positives, scores, weights), expected, "prAucWeighted");
        Same(Probabilities.LogLoss(labels, probabilities), expected, "logLoss");
        Same(Probabilities.LogLoss(labels, probabilities, weights), expected, "logLossWeighted");
        Same(Probabilities.Brier(labels, probabilities), expected, "brier");
        Same(confusion.Accuracy, expected, "accuracy");
        Same(confusion.Precision(1), expected, "precision");
        Same(confusion.Recall(1), expected, "recall");
        Same(confusion.F1(1), expected, "f1");
        SameMatrix(confusion, expected.GetProperty("confusion"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void CurvesAreThoseOfScikitLearn(int index)
    {
        var expected = Oracle.GetProperty("binary")[index];
        bool[] positives = [.. Integers(expected, "y").Select(label => label == 1)];
        var scores = Doubles(expected, "p");

        var roc = Ranking.RocCurve(positives, scores);
        double[][] points = [.. expected.GetProperty("rocPoints").EnumerateArray().Select(Values)];
        var calibration = Probabilities.CalibrationCurve(positives, scores);

        // Ours leaves out the points on straight lines; another test holds its area against the metric's.
        Assert.That(roc, Has.All.Matches<RocPoint>(ours => Array.Exists(points, theirs => Math.Abs(theirs[0] - ours.FalsePositiveRate) + Math.Abs(theirs[1] - ours.TruePositiveRate) < Rounding)));
        if (index == 0)
        {
            // scikit-learn puts a value that lies on an edge into the bin below, we into the one above; only the first case has none there.
            Assert.That(calibration.Select(bin => bin.ShareHappened), Is.EqualTo(Doubles(expected, "calibrationHappened")).Within(Rounding));
            Assert.That(calibration.Select(bin => bin.MeanPredicted), Is.EqualTo(Doubles(expected, "calibrationPredicted")).Within(Rounding));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    public void MetricsOfManyClassesAreThoseOfScikitLearn(int index)
    {
        var expected = Oracle.GetProperty("multi")[index];
        var (labels, classes) = (Integers(expected, "y"), expected.GetProperty("k").GetInt32());
        double[][] probabilities = [.. expected.GetProperty("p").EnumerateArray().Select(Values)];
        var rows = new Training.Evaluation.ClassScores { Classes = [.. Enumerable.Range(0, classes).Select(k => $"{k}")], Labels = labels, Probabilities = probabilities };
        var confusion = rows.Confusion();

        Same(Ranking.RocAucOneVsRest(labels, probabilities, classes), expected, "auc");
        Same(rows.Prepare(MetricInfo.Get("prAuc")).Evaluate(), expected, "prAuc");
        Same(Probabilities.LogLoss(labels, probabilities), expected, "logLoss");
        Same(Probabilities.Brier(labels, probabilities), expected, "brier");
        Same(confusion.Accuracy, expected, "accuracy");
        Same(confusion.Macro(confusion.Precision), expected, "macroPrecision");
        Same(confusion.Macro(confusion.Recall), expected, "macroRecall");
        Same(confusion.Macro(confusion.F1), expected, "macroF1");
        Same(confusion.Weighted(confusion.F1), expected, "weightedF1");
        Same(rows.Prepare(MetricInfo.Get("f1")).Evaluate(), expected, "macroF1");
        SameMatrix(confusion, expected.GetProperty("confusion"));
    }

    [TestCase(0, 1e-12)]
    [TestCase(1, 1e-9)]
    public void RegressionMetricsAreThoseOfScikitLearn(int index, double rounding)
    {
        // The second case lies around a million, where the ninth digit of a square is lost on either side.
        var expected = Oracle.GetProperty("regression")[index];
        var (actual, predicted, weights) = (Doubles(expected, "y"), Doubles(expected, "p"), Doubles(expected, "w"));

        Same(RegressionMetrics.Rmse(actual, predicted), expected, "rmse", rounding);
        Same(RegressionMetrics.Rmse(actual, predicted, weights), expected, "rmseWeighted", rounding);
        Same(RegressionMetrics.Mae(actual, predicted), expected, "mae", rounding);
        Same(RegressionMetrics.MedianAe(actual, predicted), expected, "medianAe", rounding);
        Same(RegressionMetrics.R2(actual, predicted), expected, "r2", rounding);
        Same(RegressionMetrics.R2(actual, predicted, weights), expected, "r2Weighted", rounding);
        Same(RegressionMetrics.Mape(actual, predicted), expected, "mape", rounding);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void IntervalsAreThoseOfSciPy(int index)
    {
        var expected = Oracle.GetProperty("bootstrap")[index];
        var values = Doubles(expected, "x");
        var sample = Bootstrap.Draw([new PreparedMean(values)], values.Length, new BootstrapOptions { Resamples = 40_000, Seed = 4 });
        var interval = Interval.Of(sample.Observed[0], sample.Replicates[0], sample.Jackknife[0], 0.95);
        var (bca, percentile) = (Doubles(expected, "bca"), Doubles(expected, "percentile"));

        // Two runs of random resamples: an end of 40,000 of them wanders by about 0.02 standard errors.
        var chance = 0.06 * bca[2];
        Assert.That(interval.Method, Is.EqualTo(IntervalMethod.Bca));
        Assert.That(interval.Lower, Is.EqualTo(bca[0]).Within(chance));
        Assert.That(interval.Upper, Is.EqualTo(bca[1]).Within(chance));
        Assert.That(interval.StandardError, Is.EqualTo(bca[2]).Within(0.02 * bca[2]));

        var plain = Interval.Of(sample.Observed[0], sample.Replicates[0], [], 0.95);
        Assert.That(plain.Method, Is.EqualTo(IntervalMethod.Percentile), "without a jackknife there is no acceleration");
        Assert.That(plain.Lower, Is.EqualTo(percentile[0]).Within(chance));
        Assert.That(plain.Upper, Is.EqualTo(percentile[1]).Within(chance));
    }

    private static void Same(double actual, JsonElement expected, string name, double rounding = Rounding) =>
        Assert.That(actual, Is.EqualTo(expected.GetProperty(name).GetDouble()).Within(rounding), name);

    private static void SameMatrix(ConfusionMatrix actual, JsonElement expected)
    {
        for (var row = 0; row < actual.ClassCount; row++)
        {
            Assert.That(Enumerable.Range(0, actual.ClassCount).Select(column => actual[row, column]), Is.EqualTo(Values(expected[row])));
        }
    }

    private static double[] Doubles(JsonElement of, string name) => Values(of.GetProperty(name));

    private static int[] Integers(JsonElement of, string name) => [.. Values(of.GetProperty(name)).Select(value => (int)value)];

    private static double[] Values(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetDouble())];
}
