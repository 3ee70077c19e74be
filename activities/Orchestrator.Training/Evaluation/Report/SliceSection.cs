using System.Text;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>How the model does on the parts of the data that one column makes.</summary>
internal static class SliceSection
{
    private const double PictureWidth = 180;

    private static readonly string[] FurtherMetrics = ["accuracy", "f1", "logLoss", "mae", "medianAe"];

    public static string Render(SliceTable table)
    {
        var headline = table.Slices[0].Headline.Metric;
        string[] others = [.. FurtherMetrics
            .Where(name => name != headline.Name && table.Slices.Any(slice => Find(slice, name) is not null)).Take(3)];
        var scale = Scale(table);
        var shareTitle = table.Slices.Any(slice => slice.Share is not null) ? headline.Task == Assets.Models.ModelTask.Regression ? "mean label" : "positive" : null;
        string[] columns = [table.Column, "rows", .. shareTitle is null ? [] : new[] { shareTitle }, headline.Title, "95 % interval", "", .. others.Select(name => MetricInfo.Get(name).Title)];
        var rows = table.Slices.Select(slice => new TableRow(
        [
            Page.Text(slice.Name),
            Numbers.Count(slice.Rows),
            .. shareTitle is null ? [] : new[] { slice.Share is { } share ? shareTitle == "positive" ? Numbers.Percent(share) : Numbers.Format(share) : "–" },
            headline.Format(slice.Headline.Value),
            EvaluationReport.RangeOf(slice.Headline) ?? "–",
            Picture(slice.Headline, scale),
            .. others.Select(name => Find(slice, name) is { } measured ? measured.Metric.Format(measured.Value) : "–"),
        ]));
        return Page.Grid(Page.Card(
            $"By {table.Column}",
            "Where intervals overlap, a difference between slices may be chance. A hollow dot stands for too few rows (fewer than ten of a class) to say how sure it is; a dash for one class only.",
            Page.Table($"{headline.Title} by {table.Column}", columns, rows),
            wide: true));
    }

    private static MetricValue? Find(Slice slice, string metric) => slice.Metrics.FirstOrDefault(measured => measured.Metric.Name == metric);

    /// <summary>One scale for all slices of the column, so that the pictures can be compared down the table.</summary>
    private static (double From, double To) Scale(SliceTable table)
    {
        double[] values = [.. table.Slices.SelectMany(slice => new[] { slice.Headline.Value, slice.Headline.Interval.Lower, slice.Headline.Interval.Upper }).Where(double.IsFinite)];
        return values.Length == 0 || values.Max() == values.Min() ? (0, 1) : (values.Min(), values.Max());
    }

    private static string Picture(HeadlineInterval headline, (double From, double To) scale)
    {
        if (!double.IsFinite(headline.Value))
        {
            return "";
        }

        double At(double value) => 6 + ((value - scale.From) / (scale.To - scale.From) * (PictureWidth - 12));
        var svg = new StringBuilder($"<svg class=\"picture\" aria-hidden=\"true\" viewBox=\"0 0 {Chart.Number(PictureWidth)} 16\">");
        if (headline.Interval.Method != IntervalMethod.None)
        {
            svg.Append($"<line class=\"range\" x1=\"{Chart.Number(At(headline.Interval.Lower))}\" y1=\"8\" x2=\"{Chart.Number(At(headline.Interval.Upper))}\" y2=\"8\"/>");
        }

        return svg.Append($"<circle class=\"{(headline.Interval.Method == IntervalMethod.None ? "dot-few" : "dot-one")}\" cx=\"{Chart.Number(At(headline.Value))}\" cy=\"8\" r=\"5\"/></svg>").ToString();
    }
}
