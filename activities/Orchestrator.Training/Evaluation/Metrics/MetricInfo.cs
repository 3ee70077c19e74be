using System.Globalization;
using Orchestrator.Assets.Models;

namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>A metric as people name it, with its direction.</summary>
public sealed record MetricInfo
{
    private const double UsualMarginOfShares = 0.005;
    private const double UsualMarginOfLosses = 0.01;

    private MetricInfo()
    {
    }

    /// <summary>The key in metrics, inputs and tracking: <c>auc</c>.</summary>
    public required string Name { get; init; }

    /// <summary>In words for people: <c>AUC</c>.</summary>
    public required string Title { get; init; }

    public required ModelTask Task { get; init; }

    public required bool HigherIsBetter { get; init; }

    /// <summary>True: 0..1 (or up to 1), so that a difference means the same for every data set.</summary>
    public required bool IsShare { get; init; }

    /// <summary>Every metric that models are measured and compared by, in the order people read them.</summary>
    /// <remarks>For more than two classes <c>auc</c> and <c>prAuc</c> are one-vs-rest macro means, and <c>precision</c>, <c>recall</c> and <c>f1</c> macro means.</remarks>
    public static IReadOnlyList<MetricInfo> All { get; } =
    [
        Share("auc", "AUC"),
        Share("prAuc", "PR-AUC"),
        Loss("logLoss", "log loss", ModelTask.Classification),
        Loss("brier", "Brier score", ModelTask.Classification),
        Share("accuracy", "accuracy"),
        Share("precision", "precision"),
        Share("recall", "recall"),
        Share("f1", "F1"),
        Loss("rmse", "RMSE", ModelTask.Regression),
        Loss("mae", "MAE", ModelTask.Regression),
        Loss("medianAe", "median absolute error", ModelTask.Regression),
        Loss("mape", "MAPE", ModelTask.Regression),
        Share("r2", "R²") with { Task = ModelTask.Regression },
    ];

    /// <summary>The metric of a name; case, <c>-</c>, <c>_</c> and blanks do not matter (<c>log_loss</c>, <c>PR-AUC</c>). Null when there is none.</summary>
    public static MetricInfo? Find(string name) => All.FirstOrDefault(metric => Bare(metric.Name) == Bare(name));

    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static MetricInfo Get(string name) => Find(name) ?? throw new ArgumentException($"There is no metric {name}.", nameof(name));

    /// <summary>How much better the first value is than the second, in the metric's unit: positive is better, whichever direction the metric has.</summary>
    public double Improvement(double value, double over) => HigherIsBetter ? value - over : over - value;

    /// <summary>
    /// The largest loss that counts as "not worse" unless the pipeline says otherwise: 0.005 for metrics that are shares (AUC, accuracy, F1, R²),
    /// one percent of the baseline's value for losses (log loss, Brier, RMSE, MAE, MAPE).
    /// </summary>
    public double UsualMargin(double baseline) => IsShare ? UsualMarginOfShares : UsualMarginOfLosses * Math.Abs(baseline);

    /// <summary>A value as people read it: four decimals for shares, four significant digits for the rest.</summary>
    public string Format(double value) => Numbers.Format(value, IsShare);

    private static MetricInfo Share(string name, string title) =>
        new() { Name = name, Title = title, Task = ModelTask.Classification, HigherIsBetter = true, IsShare = true };

    private static MetricInfo Loss(string name, string title, ModelTask task) =>
        new() { Name = name, Title = title, Task = task, HigherIsBetter = false, IsShare = false };

    private static string Bare(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}

/// <summary>Numbers as people read them, always with a point and a true minus sign.</summary>
internal static class Numbers
{
    public static string Format(double value, bool share = false) => double.IsFinite(value)
        ? Minus(share ? value.ToString("0.0000", CultureInfo.InvariantCulture) : Significant(value))
        : "–";

    /// <summary>With its sign: <c>+0.0007</c>.</summary>
    public static string Signed(double value, bool share = false) => value >= 0 ? $"+{Format(value, share)}" : Format(value, share);

    public static string Percent(double share) => double.IsFinite(share) ? Minus((share * 100).ToString("0.0", CultureInfo.InvariantCulture)) + " %" : "–";

    /// <summary><c>1 row</c>, <c>1,000 rows</c>.</summary>
    public static string Rows(long count) => count == 1 ? "1 row" : $"{Count(count)} rows";

    /// <summary><c>1,000</c>.</summary>
    public static string Count(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Significant(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return magnitude is >= 15 or <= -6
            ? value.ToString("0.###e0", CultureInfo.InvariantCulture)
            : value.ToString(magnitude >= 3 ? "#,0" : "0." + new string('#', Math.Max(0, 3 - magnitude)), CultureInfo.InvariantCulture);
    }

    private static string Minus(string text) => text.StartsWith('-') ? "−" + text[1..] : text;
}
