using System.Text;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Report;

namespace Orchestrator.Training.Comparison;

/// <summary>A confidence interval on a line with zero and the margin, as SVG.</summary>
internal static class IntervalPicture
{
    private const double Width = 960;
    private const double Height = 130;
    private const double Side = 60;
    private const double Line = 62;

    /// <param name="metric">For the numbers' form.</param>
    /// <param name="value">The difference, positive is better.</param>
    /// <param name="lower">Lower end.</param>
    /// <param name="upper">Upper end.</param>
    /// <param name="margin">≥ 0.</param>
    public static string Render(MetricInfo metric, double value, double lower, double upper, double margin)
    {
        var axis = Axis.Over("difference, positive is better", Math.Min(lower, -margin), Math.Max(upper, Math.Max(margin, 1e-9)));
        double At(double x) => Side + ((x - axis.From) / (axis.To - axis.From) * (Width - (2 * Side)));
        string N(double x) => Chart.Number(x);
        var text = $"{Numbers.Signed(value, metric.IsShare)}, from {Numbers.Signed(lower, metric.IsShare)} to {Numbers.Signed(upper, metric.IsShare)}";
        var svg = new StringBuilder($"<svg role=\"img\" viewBox=\"0 0 {N(Width)} {N(Height)}\"><title>Interval of the difference</title><desc>{Page.Text(text)}; the margin is {Page.Text(Numbers.Format(margin))}.</desc>\n");
        svg.Append($"<rect class=\"band\" x=\"{N(Side)}\" y=\"26\" width=\"{N(Math.Max(0, At(-margin) - Side))}\" height=\"{N(Line - 26 + 26)}\"/>\n");
        foreach (var tick in axis.Ticks)
        {
            svg.Append($"<line class=\"gridline\" x1=\"{N(At(tick))}\" y1=\"26\" x2=\"{N(At(tick))}\" y2=\"{N(Line + 26)}\"/>");
            svg.Append($"<text text-anchor=\"middle\" x=\"{N(At(tick))}\" y=\"{N(Line + 43)}\">{Page.Text(axis.Label(tick))}</text>\n");
        }

        svg.Append($"<line class=\"guide\" x1=\"{N(At(0))}\" y1=\"26\" x2=\"{N(At(0))}\" y2=\"{N(Line + 26)}\"/>\n");
        svg.Append($"<line class=\"range-thin\" x1=\"{N(At(lower))}\" y1=\"{N(Line)}\" x2=\"{N(At(upper))}\" y2=\"{N(Line)}\"/>\n");
        svg.Append($"<circle class=\"dot-one\" cx=\"{N(At(value))}\" cy=\"{N(Line)}\" r=\"8\"/>\n");
        svg.Append($"<text class=\"name\" text-anchor=\"middle\" x=\"{N(Math.Clamp(At(value), 140, Width - 140))}\" y=\"16\">{Page.Text(text)}</text>\n");
        svg.Append($"<text text-anchor=\"middle\" x=\"{N(Width / 2)}\" y=\"{N(Height - 6)}\">{Page.Text($"difference in {metric.Title}, positive: the candidate is better")}</text>\n");
        return svg.Append("</svg>").ToString();
    }
}
