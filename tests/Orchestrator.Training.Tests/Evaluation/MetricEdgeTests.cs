using CsCheck;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Tests.Evaluation;

public sealed class MetricEdgeTests
{
    [Test]
    public void RocAuc_OfFourRowsByHand_CountsWonPairs()
    {
        // Positives 0.35 and 0.8, negatives 0.1 and 0.4: of the four pairs only (0.35, 0.4) is lost.
        Assert.That(Ranking.RocAuc([false, false, true, true], [0.1, 0.4, 0.35, 0.8]), Is.EqualTo(0.75));
    }

    [Test]
    public void RocAuc_AllScoresEqual_IsOneHalf() => Assert.That(Ranking.RocAuc([true, false, true], [0.3, 0.3, 0.3]), Is.EqualTo(0.5));

    [Test]
    public void RocAuc_OneClassOrNoRows_IsNotANumber()
    {
        Assert.That(Ranking.RocAuc([true, true], [0.1, 0.2]), Is.NaN);
        Assert.That(Ranking.RocAuc([], []), Is.NaN);
        Assert.That(Ranking.RocCurve([true, true], [0.1, 0.2]), Is.Empty);
    }

    [Test]
    public void RocAuc_ScoreThatIsNoNumber_IsRefused() => Assert.That(() => Ranking.RocAuc([true, false], [double.NaN, 0.2]), Throws.ArgumentException);

    [Test]
    public void RocAuc_LengthsThatDiffer_AreRefused() => Assert.That(() => Ranking.RocAuc([true, false], [0.2]), Throws.ArgumentException);

    [Test]
    public void RocAuc_OfNegatedScores_IsTheComplement() =>
        Rows.Sample(rows => AreClose(Ranking.RocAuc(Labels(rows), Scores(rows)), 1 - Ranking.RocAuc(Labels(rows), [.. Scores(rows).Select(score => -score)])));

    [Test]
    public void RocAuc_IsTheSameForAnyOrderOfRows() =>
        Rows.Sample(rows => AreClose(Ranking.RocAuc(Labels(rows), Scores(rows)), Ranking.RocAuc([.. Labels(rows).Reverse()], [.. Scores(rows).Reverse()])));

    [Test]
    public void RocAuc_OfARowWithWeightTwo_IsThatOfTheRowTwice() => Rows.Sample(rows =>
    {
        double[] weights = [.. rows.Select((_, row) => 1.0 + (row % 3))];
        int[] repeated = [.. rows.SelectMany((_, row) => Enumerable.Repeat(row, 1 + (row % 3)))];
        var (labels, scores) = (Labels(rows), Scores(rows));
        return AreClose(Ranking.RocAuc(labels, scores, weights), Ranking.RocAuc([.. repeated.Select(row => labels[row])], [.. repeated.Select(row => scores[row])]))
            && AreClose(Ranking.AveragePrecision(labels, scores, weights), Ranking.AveragePrecision([.. repeated.Select(row => labels[row])], [.. repeated.Select(row => scores[row])]));
    });

    [Test]
    public void RocCurve_HasTheAreaOfRocAuc() => Rows.Sample(rows =>
    {
        var curve = Ranking.RocCurve(Labels(rows), Scores(rows));
        var area = curve.Zip(curve.Skip(1), (a, b) => (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2).Sum();
        return curve.Count == 0 || AreClose(area, Ranking.RocAuc(Labels(rows), Scores(rows)));
    });

    [Test]
    public void LogLoss_OfASureMistake_IsClippedAndNotInfinite() =>
        Assert.That(Probabilities.LogLoss([1], [[1, 0]]), Is.EqualTo(-Math.Log(1e-15)).Within(1e-9));

    [Test]
    public void Brier_OfAlwaysOneHalf_IsAQuarter() => Assert.That(Probabilities.Brier([0, 1], [[0.5, 0.5], [0.5, 0.5]]), Is.EqualTo(0.25));

    [Test]
    public void CalibrationCurve_ValuesOnEdges_BelongToTheBinAbove()
    {
        var bins = Probabilities.CalibrationCurve([true, false, true], [0.5, 0.0, 1.0], bins: 2);

        Assert.That(bins.Select(bin => (bin.From, bin.Count)), Is.EqualTo(new[] { (0.0, 1), (0.5, 2) }));
        Assert.That(() => Probabilities.CalibrationCurve([true], [1.2]), Throws.ArgumentException);
    }

    [Test]
    public void ExpectedCalibrationError_ByHand_WeighsBinsByTheirRows()
    {
        // Bin [0.2, 0.3): three rows at 0.2, one happened (|0.2 − 1/3|); bin [0.9, 1]: one row at 0.9 that happened (0.1). (3·2/15 + 0.1) / 4 = 0.125.
        var curve = Probabilities.CalibrationCurve([true, false, false, true], [0.2, 0.2, 0.2, 0.9]);

        Assert.That(Probabilities.ExpectedCalibrationError(curve), Is.EqualTo(0.125).Within(1e-12));
        Assert.That(Probabilities.ExpectedCalibrationError([]), Is.NaN);
    }

    [Test]
    public void ConfusionMatrix_ClassThatNeverOccurs_IsLeftOutOfTheMacroMean()
    {
        var confusion = ConfusionMatrix.Of([0, 1, 1], [0, 1, 0], classCount: 3);

        Assert.That(confusion.Macro(confusion.Recall), Is.EqualTo(0.75), "1 and 1/2, not a third class with 0");
        Assert.That(confusion.Precision(2), Is.Zero);
    }

    [Test]
    public void BestF1_SeveralEquallyGood_IsTheHighest()
    {
        Assert.That(Thresholds.BestF1([true, false, true, false], [0.9, 0.8, 0.7, 0.1]), Is.EqualTo(0.7));
        Assert.That(Thresholds.BestF1([false, false], [0.9, 0.8]), Is.Null);
    }

    [Test]
    public void ThresholdTable_CountsWhoIsFlaggedFromTheThresholdUp()
    {
        var line = Thresholds.Table([true, false, true], [0.5, 0.5, 0.4], [0.5])[0];

        Assert.That((line.TruePositives, line.FalsePositives, line.FalseNegatives, line.TrueNegatives), Is.EqualTo((1, 1, 1, 0)));
        Assert.That((line.Precision, line.Recall, line.F1, line.Specificity), Is.EqualTo((0.5, 0.5, 0.5, 0.0)));
    }

    [Test]
    public void R2_LabelThatNeverVaries_IsNotANumber()
    {
        Assert.That(RegressionMetrics.R2([1e9 / 3, 1e9 / 3, 1e9 / 3], [1, 2, 3]), Is.NaN);
        Assert.That(RegressionMetrics.R2([], []), Is.NaN);
    }

    [Test]
    public void Mape_LabelsOfZero_AreLeftOut()
    {
        Assert.That(RegressionMetrics.Mape([0, 10], [5, 9]), Is.EqualTo(0.1).Within(1e-12));
        Assert.That(RegressionMetrics.Mape([0], [5]), Is.NaN);
    }

    [Test]
    public void MedianAe_EvenCount_IsTheMeanOfTheMiddleTwo()
    {
        Assert.That(RegressionMetrics.MedianAe([0, 0, 0, 0], [1, 2, 4, 100]), Is.EqualTo(3));
        Assert.That(RegressionMetrics.MedianAe([0, 0, 0], [1, 2, 4], [1, 1, 5]), Is.EqualTo(4));
    }

    [TestCase("auc", "auc")]
    [TestCase("PR-AUC", "prAuc")]
    [TestCase("log_loss", "logLoss")]
    [TestCase("gini", null)]
    public void Find_NameAsPeopleWriteIt_IsFound(string written, string? name) => Assert.That(MetricInfo.Find(written)?.Name, Is.EqualTo(name));

    [Test]
    public void Improvement_IsPositiveWhenTheFirstIsBetter()
    {
        Assert.That(MetricInfo.Get("auc").Improvement(0.9, over: 0.8), Is.Positive);
        Assert.That(MetricInfo.Get("rmse").Improvement(3, over: 4), Is.EqualTo(1));
        Assert.That(MetricInfo.All.Where(metric => metric.Task == ModelTask.Regression && metric.HigherIsBetter).Select(metric => metric.Name), Is.EqualTo(new[] { "r2" }));
    }

    [TestCase(0.93117, true, "0.9312")]
    [TestCase(-0.0041, true, "−0.0041")]
    [TestCase(12345.678, false, "12,346")]
    [TestCase(3.14159, false, "3.142")]
    [TestCase(0.0001234, false, "0.0001234")]
    [TestCase(double.NaN, false, "–")]
    public void Numbers_AreWrittenForPeople(double value, bool share, string text) => Assert.That(Numbers.Format(value, share), Is.EqualTo(text));

    /// <summary>Up to forty rows with many ties.</summary>
    private static Gen<(bool Label, int Score)[]> Rows => Gen.Select(Gen.Bool, Gen.Int[0, 9]).Array[0, 40];

    private static bool[] Labels((bool Label, int Score)[] rows) => [.. rows.Select(row => row.Label)];

    private static double[] Scores((bool Label, int Score)[] rows) => [.. rows.Select(row => row.Score / 10.0)];

    private static bool AreClose(double first, double second) => (double.IsNaN(first) && double.IsNaN(second)) || Math.Abs(first - second) < 1e-12;
}
