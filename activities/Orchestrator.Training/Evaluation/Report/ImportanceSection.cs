using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>What the model looks at.</summary>
internal static class ImportanceSection
{
    private const int MostFeatures = 25;

    public static string Render(ImportanceTable importance)
    {
        var most = Math.Max(1e-12, importance.Features.Max(feature => feature.Loss));
        var shown = importance.Features.Take(MostFeatures).ToArray();
        var table = Page.Table(
            "Permutation importance",
            ["feature", $"loss of {importance.Metric.Title}", "±", ""],
            shown.Select(feature => new TableRow([Page.Text(feature.Feature), Numbers.Signed(feature.Loss, importance.Metric.IsShare), Numbers.Format(feature.Spread, importance.Metric.IsShare), Bar(feature, most)])));
        var rest = importance.Features.Count - shown.Length;
        return Page.Grid(Page.Card(
            "What the model looks at",
            $"How much worse {importance.Metric.Title} gets when a feature's values are shuffled among {Numbers.Count(importance.Rows)} rows, {importance.Repeats} times; ± is the spread. "
            + $"Features that say the same thing stand in for each other and look less important than they are.{(rest > 0 ? $" {rest} less important ones are not shown." : "")}",
            table,
            wide: true));
    }

    private static string Bar(FeatureImportance feature, double most) =>
        $"<div class=\"meter\"><span{(feature.Loss > feature.Spread ? "" : " class=\"none\"")} style=\"width:{Chart.Number(Math.Clamp(feature.Loss / most, 0, 1) * 100)}%\"></span></div>";
}
