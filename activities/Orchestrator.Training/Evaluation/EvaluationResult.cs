using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Evaluation;

/// <summary>Everything that is known about a model after its evaluation; the report shows it.</summary>
internal sealed record EvaluationResult
{
    public required ScoredRows Scored { get; init; }

    public required IReadOnlyList<MetricValue> Metrics { get; init; }

    /// <summary>The main metric with its interval.</summary>
    public required HeadlineInterval Headline { get; init; }

    public required IReadOnlyList<SliceTable> Slices { get; init; }

    /// <summary>Null: not asked for.</summary>
    public required ImportanceTable? Importance { get; init; }

    public required int WithoutLabel { get; init; }

    public required int UnknownLabel { get; init; }

    public required IReadOnlyList<string> UnknownClasses { get; init; }
}

/// <param name="Model">What was evaluated.</param>
/// <param name="Data">On what.</param>
internal sealed record EvaluationSubject(ModelRef Model, DatasetRef Data);

/// <summary>The one metric that a person looks at first, with the range in which the next sample of rows would likely put it.</summary>
/// <param name="Metric">AUC; accuracy when only one class occurs; RMSE for regression.</param>
/// <param name="Value">On all rows; NaN for no rows.</param>
/// <param name="Interval">95 % by bootstrap; none with fewer than ten rows of a class.</param>
internal sealed record HeadlineInterval(MetricInfo Metric, double Value, Interval Interval)
{
    private const int Resamples = 500;
    private const double Confidence = 0.95;

    // Resamples of a handful of rows repeat what little they saw: a perfect score on three positives would get an interval without width.
    private const int FewestRows = 10;

    // With more rows the interval is narrower than anybody reads, and resampling them all would take longer than the evaluation itself.
    private const int MostRows = 50_000;

    public static HeadlineInterval Of(ScoredRows rows, MetricInfo metric, long seed, CancellationToken cancellation)
    {
        var prepared = rows.Prepare(metric);
        var value = prepared.Evaluate();
        if (rows.Count > MostRows || !HasEnough(rows) || !double.IsFinite(value))
        {
            return new HeadlineInterval(metric, value, Interval.Of(double.NaN, [], [], Confidence));
        }

        var sample = Bootstrap.Draw([prepared], rows.Count, new BootstrapOptions { Resamples = Resamples, Seed = seed, Cancellation = cancellation });
        return new HeadlineInterval(metric, value, Interval.Of(value, sample.Replicates[0], sample.Jackknife[0], Confidence));
    }

    private static bool HasEnough(ScoredRows rows) => rows is ClassScores { HasOneClass: false } classes
        ? classes.Labels.CountBy(label => label).All(pair => pair.Value >= FewestRows)
        : rows.Count >= FewestRows;
}
