using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Sweeps;

/// <summary>The trials of a sweep as JSON for programs and as one page, without scripts or outside files, for people.</summary>
internal static class SweepReport
{
    private const double Width = 760;
    private const double Height = 260;
    private const double Margin = 48;

    public static string Json(Study study, IReadOnlyList<Trial> trials, Trial best) => JsonSerializer.Serialize(
        new
        {
            study.Metric,
            Direction = study.Maximize ? "maximize" : "minimize",
            study.Search,
            study.Space,
            study.Seed,
            Best = best.Index,
            Trials = trials.Select(trial => new
            {
                trial.Index,
                trial.Parameters,
                Status = trial.Status == ItemStatus.Succeeded && trial.Score is null ? ItemStatus.Failed : trial.Status,
                trial.Score,
                trial.Rounds,
                trial.Problem,
                Model = trial.Model?.Artifact.Hash,
                Run = trial.Model?.TrackingRun,
            }),
        },
        OrcJson.Indented);

    public static string Html(Study study, IReadOnlyList<Trial> trials, Trial best)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sweep</title><style>")
            .Append("body{font:14px system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}")
            .Append("table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #d8dee4}")
            .Append("tr.best{background:#e6f4ea;font-weight:600}.muted{color:#57606a}svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#57606a}")
            .Append("</style>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{trials.Count} trials, best {Escape(study.Metric)} {SweepTracking.Text(best.Score ?? double.NaN)}</h1>");
        html.Append(CultureInfo.InvariantCulture, $"<p>Trial {best.Index} of {Escape(study.Uses)}: {Escape(string.Join(", ", best.Parameters.Select(pair => $"{pair.Key} {SweepTracking.Text(pair.Value)}")))}. Searched by {Escape(study.Search.Kind.ToString().ToLowerInvariant())}, seed {study.Seed}; {(study.Maximize ? "higher" : "lower")} is better.</p>");
        html.Append("<h2>History</h2>").Append(History(study, trials));
        foreach (var parameter in study.Space.Where(parameter => parameter.Kind != SearchKind.Choice))
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{Escape(parameter.Name)}</h2>").Append(Against(study, trials, parameter));
        }

        return html.Append("<h2>Trials</h2>").Append(TableOf(study, trials, best)).Append("</html>\n").ToString();
    }

    /// <summary>Each trial as a dot, and the best so far as a line.</summary>
    private static string History(Study study, IReadOnlyList<Trial> trials)
    {
        var scored = Points(trials, trial => trial.Index);
        if (scored.Count == 0)
        {
            return "";
        }

        var axes = Axes.Around(scored, 0, Math.Max(1, trials.Count - 1), log: false);
        var line = new StringBuilder();
        var best = scored[0].Y;
        foreach (var (x, y) in scored)
        {
            var before = best;
            best = study.Maximize ? Math.Max(best, y) : Math.Min(best, y);
            line.Append(CultureInfo.InvariantCulture, $"{(line.Length == 0 ? 'M' : 'L')}{axes.X(x):0.#} {axes.Y(before):0.#}L{axes.X(x):0.#} {axes.Y(best):0.#}");
        }

        return Svg(axes, scored, "trial", study.Metric, $"<path d=\"{line}\" fill=\"none\" stroke=\"#1a7f37\" stroke-width=\"2\"/>");
    }

    private static string Against(Study study, IReadOnlyList<Trial> trials, SearchParameter parameter)
    {
        var scored = Points(trials, trial => trial.Parameters[parameter.Name].GetDouble());
        return scored.Count == 0 ? "" : Svg(Axes.Around(scored, parameter.Low ?? 0, parameter.High ?? 1, parameter.IsLog), scored, parameter.Name, study.Metric, "");
    }

    private static List<(double X, double Y)> Points(IReadOnlyList<Trial> trials, Func<Trial, double> x) =>
        [.. trials.Where(trial => trial.Score is not null).Select(trial => (x(trial), trial.Score ?? 0))];

    private static string Svg(Axes axes, List<(double X, double Y)> points, string xName, string yName, string more)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(yName)} by {Escape(xName)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Margin} 8V{Height - 32}H{Width - 8}\" fill=\"none\" stroke=\"#8c959f\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin - 6}\" y=\"16\" text-anchor=\"end\">{axes.Top:G4}</text><text x=\"{Margin - 6}\" y=\"{Height - 34}\" text-anchor=\"end\">{axes.Bottom:G4}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{Height - 14}\">{axes.Left:G4}</text><text x=\"{Width - 8}\" y=\"{Height - 14}\" text-anchor=\"end\">{axes.Right:G4}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">{Escape(xName)}</text>").Append(more);
        foreach (var (x, y) in points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{axes.X(x):0.#}\" cy=\"{axes.Y(y):0.#}\" r=\"3.5\" fill=\"#0969da\" fill-opacity=\".7\"><title>{Escape(yName)} {SweepTracking.Text(y)} at {Escape(xName)} {SweepTracking.Text(x)}</title></circle>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string TableOf(Study study, IReadOnlyList<Trial> trials, Trial best)
    {
        var html = new StringBuilder("<table><tr><th>trial</th><th>").Append(Escape(study.Metric)).Append("</th>");
        foreach (var name in best.Parameters.Keys)
        {
            html.Append("<th>").Append(Escape(name)).Append("</th>");
        }

        html.Append("</tr>");
        foreach (var trial in study.Ranked(trials).Concat(trials.Where(trial => trial.Score is null)))
        {
            html.Append(trial.Index == best.Index ? "<tr class=\"best\">" : "<tr>");
            html.Append(CultureInfo.InvariantCulture, $"<td>{trial.Index}</td><td>{(trial.Score is { } score ? SweepTracking.Text(score) : $"<span class=\"muted\">{Escape(trial.Problem ?? "failed")}</span>")}</td>");
            foreach (var value in trial.Parameters.Values)
            {
                html.Append("<td>").Append(Escape(SweepTracking.Text(value))).Append("</td>");
            }

            html.Append("</tr>");
        }

        return html.Append("</table>").ToString();
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Where values lie in the picture.</summary>
    private sealed record Axes(double Left, double Right, double Bottom, double Top, bool Log)
    {
        public static Axes Around(List<(double X, double Y)> points, double left, double right, bool log)
        {
            var (low, high) = (points.Min(point => point.Y), points.Max(point => point.Y));
            return new Axes(left, right > left ? right : left + 1, low, high > low ? high : low + 1, log);
        }

        public double X(double value) => Margin + (Scale(value) - Scale(Left)) / (Scale(Right) - Scale(Left)) * (Width - Margin - 16) + 4;

        public double Y(double value) => Height - 36 - (value - Bottom) / (Top - Bottom) * (Height - 56);

        private double Scale(double value) => Log ? Math.Log(value) : value;
    }
}
