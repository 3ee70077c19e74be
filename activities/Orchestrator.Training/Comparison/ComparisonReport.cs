using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Report;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>A comparison as a page for people: the outcome, a picture of the interval, and the numbers behind it.</summary>
internal static class ComparisonReport
{
    public static string Render(ComparisonResult result)
    {
        var metric = MetricInfo.Get(result.Metric);
        var title = result.Baseline is { } baseline ? $"The candidate against {baseline.Name}" : "The candidate, without a baseline";
        var data = result.Data;
        var lead = $"{Page.Text(metric.Title)} on {Numbers.Rows(data.Rows)} of {Page.Text(data.Part is { } part ? $"the {part} part of {data.Name}" : data.Name)}"
            + (data.LeftOut > 0 ? $"; left out: {Numbers.Rows(data.LeftOut)} without a usable label." : ".");
        return Page.Document(title, lead, [Verdict(result), .. Picture(result, metric), Page.Grid(Scores(result, metric), Method(result))]);
    }

    private static string Verdict(ComparisonResult result)
    {
        var (style, headline) = result.Outcome switch
        {
            ComparisonOutcome.Better => ("good", "Better"),
            ComparisonOutcome.NotWorse => ("good", "Not worse"),
            ComparisonOutcome.NoBaseline => ("good", "No baseline yet"),
            ComparisonOutcome.Worse => ("bad", "Worse"),
            ComparisonOutcome.SameModel => ("", "The same model"),
            _ => ("", "Inconclusive"),
        };
        return $"<div class=\"verdict {style}\"><strong>{headline}</strong>{Page.Text(result.Reason)}.</div>";
    }

    private static IEnumerable<string> Picture(ComparisonResult result, MetricInfo metric)
    {
        if (result.Difference is { Lower: { } lower, Upper: { } upper } difference)
        {
            yield return Page.Grid(Page.Card(
                "Difference to the baseline",
                "Right of zero the candidate is better. It counts as better when the whole bar is right of zero, as not worse when the whole bar is right of the shaded zone, which begins at the margin.",
                IntervalPicture.Render(metric, difference.Value, lower, upper, result.Settings.Margin ?? 0),
                wide: true));
        }
    }

    private static string Scores(ComparisonResult result, MetricInfo metric)
    {
        string Range(double? lower, double? upper, bool signed) => lower is { } from && upper is { } to
            ? signed ? $"{Numbers.Signed(from, metric.IsShare)} to {Numbers.Signed(to, metric.IsShare)}" : $"{metric.Format(from)} to {metric.Format(to)}"
            : "–";
        var rows = new List<TableRow> { new(["candidate", metric.Format(result.Candidate.Score), Range(result.Candidate.Lower, result.Candidate.Upper, signed: false)]) };
        if (result is { Baseline: { } baseline, Difference: { } difference })
        {
            rows.Add(new TableRow([Page.Text(baseline.Name), metric.Format(baseline.Score), Range(baseline.Lower, baseline.Upper, signed: false)]));
            rows.Add(new TableRow([metric.HigherIsBetter ? "difference" : "improvement", Numbers.Signed(difference.Value, metric.IsShare), Range(difference.Lower, difference.Upper, signed: true)], Marked: true));
        }

        var mistakes = result.Mistakes is { } counted
            ? $"Of the rows that only one model calls right, the candidate has {counted.OnlyCandidateRight} and the baseline {counted.OnlyBaselineRight}; McNemar's p is {Numbers.Format(counted.P)}."
            : null;
        return Page.Card("Scores", mistakes, Page.Table("Scores with intervals", ["", metric.Title, $"{Numbers.Format(result.Settings.Confidence * 100)} % interval"], rows));
    }

    private static string Method(ComparisonResult result)
    {
        var settings = result.Settings;
        var metric = MetricInfo.Get(result.Metric);
        var rows = new List<TableRow>
        {
            new(["resamples", Numbers.Count(settings.Resamples)]),
            new(["drawn", settings.GroupBy is { } by ? $"{Numbers.Count(result.Data.Groups ?? 0)} groups by {Page.Text(by)}" : $"{Numbers.Count(result.Data.Rows)} rows"]),
            new(["seed", Page.Text($"{settings.Seed}")]),
        };
        if (settings.Margin is { } margin)
        {
            rows.Add(new TableRow(["margin for not worse", Numbers.Format(margin)]));
        }

        if (result.Difference is { } difference)
        {
            rows.Add(new TableRow(["interval", difference.Method switch { IntervalMethod.Bca => "BCa", IntervalMethod.Percentile => "percentile (BCa not defined)", _ => "none" }]));
            rows.Add(new TableRow(["smallest difference such rows show (80 %)", difference.Detectable is { } detectable ? metric.Format(detectable) : "–"]));
        }

        return Page.Card("Method", "Paired bootstrap: in each resample both models are measured on the same rows drawn with replacement.", Page.Table("How it was computed", ["", ""], rows));
    }
}
