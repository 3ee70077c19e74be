using System.Globalization;
using System.Text;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>One axis of a chart.</summary>
internal sealed record Axis
{
    private Axis(string title, double from, double to, double step)
    {
        (Title, From, To) = (title, from, to);
        Ticks = [.. Enumerable.Range(0, (int)Math.Round((to - from) / step) + 1).Select(i => from + (i * step))];
        // As many decimals as the step needs: 0.2 has one, 250 none.
        decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(step) - 1e-9), 0, 8);
    }

    private readonly int decimals;

    public string Title { get; }

    public double From { get; }

    public double To { get; }

    public IReadOnlyList<double> Ticks { get; }

    /// <summary>0 to 1.</summary>
    public static Axis Share(string title) => new(title, 0, 1, 0.2);

    /// <summary>An axis that holds both values, with round ends and steps of 1, 2 or 5.</summary>
    public static Axis Over(string title, double low, double high)
    {
        if (!(high > low))
        {
            (low, high) = (low - 0.5, low + 0.5);
        }

        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return new Axis(title, Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step, step);
    }

    public string Label(double tick) => Math.Abs(tick) >= 100_000
        ? tick.ToString("0.##e0", CultureInfo.InvariantCulture)
        : tick.ToString("#,0." + new string('0', decimals), CultureInfo.InvariantCulture).Replace("-", "−", StringComparison.Ordinal);
}

/// <summary>A chart as inline SVG: axes with grid, then what is drawn onto it in order. Colours are classes of <see cref="Page"/>.</summary>
internal sealed class Chart(string title, string description, Axis x, Axis y)
{
    private const double Width = 480;
    private const double Height = 330;
    private const double Left = 58;
    private const double Right = 14;
    private const double Top = 12;
    private const double Bottom = 46;

    /// <summary>Points nearer than this to the last one drawn are not visible beside it; a curve over a million rows stays a small file.</summary>
    private const double PixelsApart = 0.5;

    private readonly StringBuilder marks = new();

    /// <summary>A line through the points.</summary>
    public Chart Line(IEnumerable<(double X, double Y)> points, string style)
    {
        var path = new StringBuilder();
        (double X, double Y)? drawn = null;
        (double X, double Y)? waiting = null;
        foreach (var point in points)
        {
            var (px, py) = (AtX(point.X), AtY(point.Y));
            if (drawn is { } last && Math.Abs(px - last.X) < PixelsApart && Math.Abs(py - last.Y) < PixelsApart)
            {
                waiting = (px, py);
                continue;
            }

            path.Append(path.Length == 0 ? "M" : "L").Append(Number(px)).Append(' ').Append(Number(py));
            (drawn, waiting) = ((px, py), null);
        }

        if (waiting is { } end)
        {
            path.Append('L').Append(Number(end.X)).Append(' ').Append(Number(end.Y));
        }

        marks.Append("<path class=\"").Append(style).Append("\" d=\"").Append(path).Append("\"/>\n");
        return this;
    }

    /// <summary>A dot with a text that appears when it is pointed at.</summary>
    public Chart Dot(double atX, double atY, string style, string? tip = null, double radius = 5)
    {
        marks.Append("<circle class=\"").Append(style).Append("\" cx=\"").Append(Number(AtX(atX))).Append("\" cy=\"").Append(Number(AtY(atY)))
            .Append("\" r=\"").Append(Number(radius)).Append('"')
            .Append(tip is null ? "/>\n" : $"><title>{Page.Text(tip)}</title></circle>\n");
        return this;
    }

    /// <summary>A bar between two places of the horizontal axis, standing on <paramref name="floor"/>.</summary>
    public Chart Bar(double from, double to, double value, string style, string tip, double floor = 0)
    {
        var (left, right) = (AtX(from) + 0.6, AtX(to) - 0.6);
        var (upper, lower) = (AtY(Math.Max(value, floor)), AtY(Math.Min(value, floor)));
        marks.Append("<rect class=\"").Append(style).Append("\" x=\"").Append(Number(left)).Append("\" y=\"").Append(Number(upper))
            .Append("\" width=\"").Append(Number(Math.Max(0.5, right - left))).Append("\" height=\"").Append(Number(lower - upper))
            .Append($"\"><title>{Page.Text(tip)}</title></rect>\n");
        return this;
    }

    /// <summary>A text at a place; <paramref name="anchor"/> is <c>start</c>, <c>middle</c> or <c>end</c>.</summary>
    public Chart Label(double atX, double atY, string text, string anchor = "start", double dx = 0, double dy = 0)
    {
        marks.Append("<text class=\"name\" text-anchor=\"").Append(anchor).Append("\" x=\"").Append(Number(AtX(atX) + dx)).Append("\" y=\"").Append(Number(AtY(atY) + dy))
            .Append("\">").Append(Page.Text(text)).Append("</text>\n");
        return this;
    }

    public string ToSvg()
    {
        var svg = new StringBuilder();
        svg.Append("<svg role=\"img\" viewBox=\"0 0 ").Append(Number(Width)).Append(' ').Append(Number(Height)).Append("\">")
            .Append("<title>").Append(Page.Text(title)).Append("</title><desc>").Append(Page.Text(description)).Append("</desc>\n");
        foreach (var tick in x.Ticks)
        {
            Rule(svg, AtX(tick), Top, AtX(tick), Height - Bottom, "gridline");
            Caption(svg, AtX(tick), Height - Bottom + 17, "middle", x.Label(tick));
        }

        foreach (var tick in y.Ticks)
        {
            Rule(svg, Left, AtY(tick), Width - Right, AtY(tick), "gridline");
            Caption(svg, Left - 7, AtY(tick) + 4, "end", y.Label(tick));
        }

        Rule(svg, Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        Rule(svg, Left, Top, Left, Height - Bottom, "axis");
        Caption(svg, (Left + Width - Right) / 2, Height - 8, "middle", x.Title);
        svg.Append("<text text-anchor=\"middle\" transform=\"translate(14 ").Append(Number((Top + Height - Bottom) / 2)).Append(") rotate(-90)\">")
            .Append(Page.Text(y.Title)).Append("</text>\n");
        return svg.Append(marks).Append("</svg>").ToString();
    }

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private double AtX(double value) => Left + ((value - x.From) / (x.To - x.From) * (Width - Left - Right));

    private double AtY(double value) => Height - Bottom - ((value - y.From) / (y.To - y.From) * (Height - Top - Bottom));

    private static void Rule(StringBuilder svg, double x1, double y1, double x2, double y2, string style) =>
        svg.Append("<line class=\"").Append(style).Append("\" x1=\"").Append(Number(x1)).Append("\" y1=\"").Append(Number(y1))
            .Append("\" x2=\"").Append(Number(x2)).Append("\" y2=\"").Append(Number(y2)).Append("\"/>\n");

    private static void Caption(StringBuilder svg, double atX, double atY, string anchor, string text) =>
        svg.Append("<text text-anchor=\"").Append(anchor).Append("\" x=\"").Append(Number(atX)).Append("\" y=\"").Append(Number(atY)).Append("\">").Append(Page.Text(text)).Append("</text>\n");
}
