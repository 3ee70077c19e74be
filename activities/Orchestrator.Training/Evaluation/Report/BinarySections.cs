using System.Globalization;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>The curves and tables of a model with two classes.</summary>
internal static class BinarySections
{
    private const int HistogramBins = 20;

    public static IEnumerable<string> Render(ClassScores rows)
    {
        var (positives, scores) = (rows.Positives, rows.PositiveScores);
        var line = Thresholds.Table(positives, scores, [rows.Threshold])[0];
        var curves = rows.HasOneClass ? [] : new[] { Roc(positives, scores, line), PrecisionRecall(positives, scores, line) };
        yield return Page.Grid([.. curves, Calibration(positives, scores), Histogram(rows, positives, scores), Confusion(rows, line), ThresholdTable(rows, positives, scores)]);
    }

    private static string Roc(bool[] positives, double[] scores, ThresholdLine used)
    {
        var auc = Ranking.RocAuc(positives, scores);
        var chart = new Chart("ROC curve", $"The curve rises above the diagonal; the area under it is {Numbers.Format(auc, share: true)}.", Axis.Share("false positive rate"), Axis.Share("true positive rate (recall)"))
            .Line([(0, 0), (1, 1)], "guide")
            .Line(Ranking.RocCurve(positives, scores).Select(point => (point.FalsePositiveRate, point.TruePositiveRate)), "one")
            .Dot(1 - used.Specificity, used.Recall, "dot-two", $"threshold {Numbers.Format(used.Threshold)}: finds {Numbers.Percent(used.Recall)} of the positives and flags {Numbers.Percent(1 - used.Specificity)} of the negatives")
            .Label(1, 0, $"AUC {Numbers.Format(auc, share: true)}", "end", dx: -10, dy: -14);
        return Page.Card("ROC curve", "How many of the positives are found (up) for how many false alarms among the negatives (right). The dashed line is guessing; the dot is the threshold in use.", chart.ToSvg());
    }

    private static string PrecisionRecall(bool[] positives, double[] scores, ThresholdLine used)
    {
        var area = Ranking.AveragePrecision(positives, scores);
        var share = positives.Count(positive => positive) / (double)positives.Length;
        var curve = Ranking.PrecisionRecallCurve(positives, scores);
        var chart = new Chart("Precision-recall curve", $"Precision falls as recall rises; the average precision is {Numbers.Format(area, share: true)}, chance is {Numbers.Format(share, share: true)}.", Axis.Share("recall"), Axis.Share("precision"))
            .Line([(0, share), (1, share)], "guide")
            .Line(Steps(curve), "one")
            .Dot(used.Recall, used.Precision, "dot-two", $"threshold {Numbers.Format(used.Threshold)}: {Numbers.Percent(used.Precision)} of the flagged rows are positive")
            .Label(0, 0, $"PR-AUC {Numbers.Format(area, share: true)}", dx: 10, dy: -14);
        return Page.Card("Precision and recall", "How many of the flagged rows are truly positive (up) while more of the positives are found (right). The dashed line is the share of positives, which guessing gets.", chart.ToSvg());
    }

    /// <summary>Between two thresholds precision is not defined, so the curve goes in steps and not straight.</summary>
    private static IEnumerable<(double X, double Y)> Steps(IReadOnlyList<PrecisionRecallPoint> curve)
    {
        var recall = 0.0;
        foreach (var point in curve)
        {
            yield return (recall, point.Precision);
            yield return (point.Recall, point.Precision);
            recall = point.Recall;
        }
    }

    private static string Calibration(bool[] positives, double[] scores)
    {
        var bins = Probabilities.CalibrationCurve(positives, scores);
        var error = Probabilities.ExpectedCalibrationError(bins);
        var most = bins.Max(bin => bin.Count);
        var chart = new Chart("Calibration", $"Predicted probability against how often it happened; the expected calibration error is {Numbers.Format(error, share: true)}.", Axis.Share("mean predicted probability"), Axis.Share("share that is positive"))
            .Line([(0, 0), (1, 1)], "guide")
            .Line(bins.Select(bin => (bin.MeanPredicted, bin.ShareHappened)), "one");
        foreach (var bin in bins)
        {
            // The area of a dot, and so its weight for the eye, is in proportion to the rows behind it; a floor keeps the small ones visible.
            chart.Dot(bin.MeanPredicted, bin.ShareHappened, "dot-one", $"{bin.Count} rows predicted {Numbers.Percent(bin.MeanPredicted)} on average; it happened in {Numbers.Percent(bin.ShareHappened)}", 3 + (8 * Math.Sqrt(bin.Count / (double)most)));
        }

        chart.Label(1, 0, $"calibration error {Numbers.Format(error, share: true)}", "end", dx: -10, dy: -14);
        return Page.Card("Calibration", "Whether 30 % means 30 %: on the dashed line predicted probabilities come true as often as they say. Larger dots stand for more rows.", chart.ToSvg());
    }

    private static string Histogram(ClassScores rows, bool[] positives, double[] scores)
    {
        var counts = new int[2, HistogramBins];
        var totals = new int[2];
        for (var row = 0; row < scores.Length; row++)
        {
            var side = positives[row] ? 1 : 0;
            counts[side, Math.Min(HistogramBins - 1, (int)(scores[row] * HistogramBins))]++;
            totals[side]++;
        }

        double Share(int side, int bin) => ConfusionMatrix.Ratio(counts[side, bin], totals[side]);
        var bins = Enumerable.Range(0, HistogramBins).ToArray();
        var highest = bins.Max(bin => Math.Max(Share(0, bin), Share(1, bin)));
        var chart = new Chart("Scores by class", "Histograms of the predicted probability, one for each true class.", Axis.Share("predicted probability"), Axis.Over("share of the class", 0, highest));
        foreach (var bin in bins)
        {
            var (from, to) = (bin / (double)HistogramBins, (bin + 1) / (double)HistogramBins);
            var middle = (from + to) / 2;
            var range = string.Create(CultureInfo.InvariantCulture, $"{from:0.00}–{to:0.00}");
            chart.Bar(from, middle, Share(0, bin), "bar-one", $"{range}: {counts[0, bin]} of {rows.Classes[0]}");
            chart.Bar(middle, to, Share(1, bin), "bar-two", $"{range}: {counts[1, bin]} of {rows.Classes[1]}");
        }

        chart.Line([(rows.Threshold, 0), (rows.Threshold, highest)], "guide");
        var legend = $"<ul class=\"legend\"><li><i style=\"background:var(--one)\"></i>{Page.Text(rows.Classes[0])}, {Numbers.Count(totals[0])} rows</li><li><i style=\"background:var(--two)\"></i>{Page.Text(rows.Classes[1])}, {Numbers.Count(totals[1])} rows</li></ul>";
        return Page.Card("Scores by class", "The better the model, the further apart the two shapes. Rows right of the dashed threshold are flagged.", legend + chart.ToSvg());
    }

    private static string Confusion(ClassScores rows, ThresholdLine line)
    {
        string Cell(int count, int of, bool right) =>
            $"<td class=\"heat{(right ? "" : " miss")}\" style=\"--share:{Chart.Number(ConfusionMatrix.Ratio(count, of))}\">{Numbers.Count(count)}<small>{Numbers.Percent(ConfusionMatrix.Ratio(count, of))}</small></td>";
        var (negatives, positives) = (line.TrueNegatives + line.FalsePositives, line.TruePositives + line.FalseNegatives);
        var table = $"""
            <div class="scroll"><table>
            <caption>Confusion matrix at threshold {Numbers.Format(line.Threshold)}</caption>
            <thead><tr><th scope="col">truth</th><th scope="col" style="text-align:center">called {Page.Text(rows.Classes[0])}</th><th scope="col" style="text-align:center">called {Page.Text(rows.Classes[1])}</th></tr></thead>
            <tbody>
            <tr><th scope="row">{Page.Text(rows.Classes[0])}</th>{Cell(line.TrueNegatives, negatives, right: true)}{Cell(line.FalsePositives, negatives, right: false)}</tr>
            <tr><th scope="row">{Page.Text(rows.Classes[1])}</th>{Cell(line.FalseNegatives, positives, right: false)}{Cell(line.TruePositives, positives, right: true)}</tr>
            </tbody></table></div>
            """;
        var text = $"At threshold {Numbers.Format(line.Threshold)} the model flags {Numbers.Percent(line.Flagged)} of all rows; {Numbers.Percent(line.Precision)} of the flagged are {rows.Classes[1]}, and {Numbers.Percent(line.Recall)} of all {rows.Classes[1]} are found. Percentages in the table are of the row.";
        return Page.Card("Confusion matrix", text, table);
    }

    private static string ThresholdTable(ClassScores rows, bool[] positives, double[] scores)
    {
        double[] thresholds = [.. Enumerable.Range(1, 9).Select(i => i / 10.0).Append(rows.Threshold).Distinct().Order()];
        var lines = Thresholds.Table(positives, scores, thresholds);
        var best = rows.HasOneClass ? null : Thresholds.BestF1(positives, scores);
        var table = Page.Table(
            "What each threshold brings",
            ["threshold", "flagged", "precision", "recall", "F1", "accuracy"],
            lines.Select(line => new TableRow(
                [Numbers.Format(line.Threshold), Numbers.Percent(line.Flagged), Numbers.Percent(line.Precision), Numbers.Percent(line.Recall), Numbers.Format(line.F1, share: true), Numbers.Percent(line.Accuracy)],
                line.Threshold == rows.Threshold)));
        return Page.Card("Thresholds", best is { } value ? $"The marked line is in use. The highest F1 on these rows is at {Numbers.Format(value)}." : "The marked line is in use.", table);
    }
}
