using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Comparison;

/// <summary>What a comparison with the baseline found.</summary>
internal enum ComparisonOutcome
{
    /// <summary>Not set; never an outcome.</summary>
    Unknown = 0,

    /// <summary>The whole interval of the difference is above zero.</summary>
    Better,

    /// <summary>The whole interval is at or above −margin: if there is a loss, it is too small to matter.</summary>
    NotWorse,

    /// <summary>The whole interval is below zero, and reaches below −margin.</summary>
    Worse,

    /// <summary>The rows cannot tell: the interval reaches from below −margin to zero or above, or there are too few rows to trust one.</summary>
    Inconclusive,

    /// <summary>There is nothing to compare with yet.</summary>
    NoBaseline,

    /// <summary>Candidate and baseline are the same file, or take the same columns and answer the same on every row.</summary>
    SameModel,
}

/// <summary>The rules by which an interval becomes an outcome; the table is in the remarks of <see cref="CompareToBaseline"/>.</summary>
internal static class Verdict
{
    /// <summary>Above this share of resamples without a value the interval describes only the lucky ones.</summary>
    private const double MostUndefined = 0.1;

    /// <summary>The outcome for two different models.</summary>
    /// <param name="lower">Lower end of the difference's interval; positive is better for the candidate. Not finite: there is no interval.</param>
    /// <param name="upper">Upper end.</param>
    /// <param name="margin">≥ 0, in the metric's unit. The bound is inclusive, so that models that do equally on every resample are not worse at margin 0.</param>
    public static ComparisonOutcome Decide(double lower, double upper, double margin) => (lower, upper) switch
    {
        _ when !double.IsFinite(lower) || !double.IsFinite(upper) => ComparisonOutcome.Inconclusive,
        ( > 0, _) => ComparisonOutcome.Better,
        _ when lower >= -margin => ComparisonOutcome.NotWorse,
        (_, < 0) => ComparisonOutcome.Worse,
        _ => ComparisonOutcome.Inconclusive,
    };

    /// <summary>Why no interval of these rows is to be trusted; null when nothing speaks against it.</summary>
    /// <param name="count">Rows, or groups of rows when they are drawn whole.</param>
    /// <param name="fewest">The fewest that may decide.</param>
    /// <param name="unit"><c>rows</c> or <c>groups</c>.</param>
    /// <param name="undefinedShare">The share of resamples in which the metric had no value.</param>
    public static string? Doubt(int count, int fewest, string unit, double undefinedShare) => (count < fewest, undefinedShare > MostUndefined) switch
    {
        (true, _) => $"{Numbers.Count(count)} {unit} are too few to decide, it takes {Numbers.Count(fewest)}",
        (_, true) => $"{Numbers.Percent(undefinedShare)} of the resamples have no value, so the interval cannot be trusted",
        _ => null,
    };

    /// <summary>True when the candidate may take the baseline's place. The very same model may not: there is nothing to gain from deploying it again.</summary>
    public static bool IsNotWorse(ComparisonOutcome outcome) => outcome is ComparisonOutcome.Better or ComparisonOutcome.NotWorse or ComparisonOutcome.NoBaseline;
}
