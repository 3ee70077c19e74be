using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>The tables and curves of a model with three classes or more.</summary>
internal static class ManyClassesSections
{
    /// <summary>A matrix of more classes cannot be read; the table by class has them all.</summary>
    private const int MostInMatrix = 16;

    public static IEnumerable<string> Render(ClassScores rows)
    {
        var confusion = rows.Confusion();
        yield return Page.Grid(rows.Classes.Count <= MostInMatrix ? [Confusion(rows, confusion), Confidence(rows)] : [Confidence(rows)]);
        yield return Page.Grid(ByClass(rows, confusion));
    }

    private static string Confusion(ClassScores rows, ConfusionMatrix confusion)
    {
        string Cell(int actual, int predicted)
        {
            var share = ConfusionMatrix.Ratio(confusion[actual, predicted], confusion.Actual(actual));
            return $"<td class=\"heat{(actual == predicted ? "" : " miss")}\" style=\"--share:{Chart.Number(share)}\">{Numbers.Count(confusion[actual, predicted])}<small>{Numbers.Percent(share)}</small></td>";
        }

        var classes = Enumerable.Range(0, rows.Classes.Count).ToArray();
        var table = $"""
            <div class="scroll"><table>
            <caption>Confusion matrix</caption>
            <thead><tr><th scope="col">truth</th>{string.Concat(rows.Classes.Select(name => $"<th scope=\"col\" style=\"text-align:center\">{Page.Text(name)}</th>"))}</tr></thead>
            <tbody>
            {string.Join("\n", classes.Select(actual => $"<tr><th scope=\"row\">{Page.Text(rows.Classes[actual])}</th>{string.Concat(classes.Select(predicted => Cell(actual, predicted)))}</tr>"))}
            </tbody></table></div>
            """;
        return Page.Card("Confusion matrix", "Each row is a true class, each column what the model called it; percentages are of the row.", table);
    }

    private static string Confidence(ClassScores rows)
    {
        var predicted = rows.Predicted;
        var bins = Probabilities.CalibrationCurve(
            [.. rows.Labels.Zip(predicted, (label, called) => label == called)], [.. rows.Probabilities.Select((row, i) => row[predicted[i]])]);
        var error = Probabilities.ExpectedCalibrationError(bins);
        var most = bins.Max(bin => bin.Count);
        var chart = new Chart("Confidence", "The probability of the called class against how often it was right.", Axis.Share("probability of the called class"), Axis.Share("share that is right"))
            .Line([(0, 0), (1, 1)], "guide")
            .Line(bins.Select(bin => (bin.MeanPredicted, bin.ShareHappened)), "one");
        foreach (var bin in bins)
        {
            chart.Dot(bin.MeanPredicted, bin.ShareHappened, "dot-one", $"{bin.Count} rows called with {Numbers.Percent(bin.MeanPredicted)} on average; right in {Numbers.Percent(bin.ShareHappened)}", 3 + (8 * Math.Sqrt(bin.Count / (double)most)));
        }

        chart.Label(0, 1, $"calibration error {Numbers.Format(error, share: true)}", dx: 10, dy: 18);
        return Page.Card("Confidence", "Whether the model is right as often as it thinks: on the dashed line it is. Below it the model is too sure of itself.", chart.ToSvg());
    }

    private static string ByClass(ClassScores rows, ConfusionMatrix confusion)
    {
        var table = Page.Table(
            "Every class against the rest",
            ["class", "rows", "called", "precision", "recall", "F1", "AUC"],
            rows.Classes.Select((name, k) => new TableRow(
            [
                Page.Text(name), Numbers.Count(confusion.Actual(k)), Numbers.Count(confusion.Predicted(k)),
                Numbers.Percent(confusion.Precision(k)), Numbers.Percent(confusion.Recall(k)), Numbers.Format(confusion.F1(k), share: true),
                Numbers.Format(Ranking.RocAuc([.. rows.Labels.Select(label => label == k)], [.. rows.Probabilities.Select(row => row[k])]), share: true),
            ])));
        return Page.Card("By class", "Each class against all others. A class without rows has no recall and no AUC.", table, wide: true);
    }
}
