using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>The pictures of a model that predicts numbers.</summary>
internal static class RegressionSections
{
    /// <summary>More dots are a blot and a large file; a fixed random choice of rows shows the same shape.</summary>
    private const int MostDots = 1500;
    private const int HistogramBins = 30;

    public static IEnumerable<string> Render(ValueScores rows, string label)
    {
        var shown = Shown(rows.Count);
        double[] errors = [.. rows.Predicted.Zip(rows.Actual, (predicted, actual) => predicted - actual)];
        yield return Page.Grid(Against(rows, label, shown), Residuals(rows, errors, shown), Histogram(errors), Quantiles(errors));
    }

    private static string Against(ValueScores rows, string label, int[] shown)
    {
        var (low, high) = (Math.Min(rows.Actual.Min(), rows.Predicted.Min()), Math.Max(rows.Actual.Max(), rows.Predicted.Max()));
        var axis = Axis.Over($"actual {label}", low, high);
        var chart = new Chart("Predicted against actual", "Each dot is a row; on the diagonal the prediction is right.", axis, Axis.Over($"predicted {label}", low, high))
            .Line([(axis.From, axis.From), (axis.To, axis.To)], "guide");
        foreach (var row in shown)
        {
            chart.Dot(rows.Actual[row], rows.Predicted[row], "cloud", radius: 2.4);
        }

        return Page.Card("Predicted against actual", $"On the dashed line the prediction is right; above it, too high.{Some(shown, rows.Count)}", chart.ToSvg());
    }

    private static string Residuals(ValueScores rows, double[] errors, int[] shown)
    {
        var reach = errors.Max(Math.Abs);
        var axis = Axis.Over("predicted", rows.Predicted.Min(), rows.Predicted.Max());
        var chart = new Chart("Errors by prediction", "Each dot is a row; zero is right.", axis, Axis.Over("error (predicted − actual)", -reach, reach))
            .Line([(axis.From, 0), (axis.To, 0)], "guide");
        foreach (var row in shown)
        {
            chart.Dot(rows.Predicted[row], errors[row], "cloud", radius: 2.4);
        }

        return Page.Card("Errors by prediction", "A band of even width around zero is good; a funnel or a bend is something that the model has not learned.", chart.ToSvg());
    }

    private static string Histogram(double[] errors)
    {
        var axis = Axis.Over("error (predicted − actual)", errors.Min(), errors.Max());
        var width = (axis.To - axis.From) / HistogramBins;
        var counts = new int[HistogramBins];
        foreach (var error in errors)
        {
            counts[Math.Clamp((int)((error - axis.From) / width), 0, HistogramBins - 1)]++;
        }

        var chart = new Chart("Distribution of errors", "A histogram of predicted minus actual.", axis, Axis.Over("rows", 0, counts.Max()));
        for (var bin = 0; bin < HistogramBins; bin++)
        {
            var from = axis.From + (bin * width);
            chart.Bar(from, from + width, counts[bin], "bar-one", $"{Numbers.Format(from)} to {Numbers.Format(from + width)}: {counts[bin]} rows");
        }

        chart.Line([(0, 0), (0, counts.Max())], "guide");
        return Page.Card("Distribution of errors", $"Centred on zero is unbiased; on average the model is {Numbers.Format(Math.Abs(errors.Average()))} too {(errors.Average() >= 0 ? "high" : "low")}.", chart.ToSvg());
    }

    private static string Quantiles(double[] errors)
    {
        double[] sizes = [.. errors.Select(Math.Abs).Order()];
        var table = Page.Table(
            "Sizes of errors",
            ["this share of rows", "is at most this far off"],
            new[] { 0.5, 0.75, 0.9, 0.95, 0.99, 1 }.Select(share => new TableRow([Numbers.Percent(share), Numbers.Format(sizes[(int)Math.Ceiling(share * sizes.Length) - 1])])));
        return Page.Card("Sizes of errors", "Without sign, in the label's unit.", table);
    }

    private static string Some(int[] shown, int count) => shown.Length < count ? $" {Numbers.Count(shown.Length)} of {Numbers.Count(count)} rows are drawn." : "";

    private static int[] Shown(int count)
    {
        int[] rows = [.. Enumerable.Range(0, count)];
        new SeededRandom(seed: 1).Shuffle(rows);
        return [.. rows.Take(MostDots).Order()];
    }
}
