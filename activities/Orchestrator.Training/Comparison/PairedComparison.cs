using Orchestrator.Training.Evaluation;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>A candidate and a baseline on the same rows: both scores, and the difference with its interval.</summary>
internal sealed record PairedComparison
{
    /// <summary>How often a difference of the detectable size would be seen.</summary>
    private const double Power = 0.8;

    public required MeasuredScore Candidate { get; init; }

    public required MeasuredScore Baseline { get; init; }

    /// <summary>Positive is better for the candidate.</summary>
    public required MeasuredScore Difference { get; init; }

    /// <summary>
    /// The smallest true difference that rows like these would show with a probability of 80 %: (z₁₋α⸝₂ + z₀.₈) standard errors, 2.8 at 95 %.
    /// NaN without an interval.
    /// </summary>
    public required double Detectable { get; init; }

    /// <summary>Draws the rows jointly for both models, so that what makes a row easy or hard for both cancels out.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="candidate">n scored rows.</param>
    /// <param name="baseline">The same n rows.</param>
    /// <param name="confidence">0.95.</param>
    /// <param name="options">How to resample.</param>
    public static PairedComparison Of(MetricInfo metric, ScoredRows candidate, ScoredRows baseline, double confidence, BootstrapOptions options)
    {
        var sample = Bootstrap.Draw([candidate.Prepare(metric), baseline.Prepare(metric)], candidate.Count, options);
        var difference = metric.Improvement(sample.Observed[0], over: sample.Observed[1]);
        var interval = Interval.Of(difference, Differences(sample.Replicates), Differences(sample.Jackknife), confidence);
        var errors = NormalDistribution.Quantile(1 - ((1 - confidence) / 2)) + NormalDistribution.Quantile(Power);
        return new PairedComparison
        {
            Candidate = ScoreOf(sample, 0, confidence),
            Baseline = ScoreOf(sample, 1, confidence),
            Difference = new MeasuredScore(difference, interval),
            Detectable = errors * interval.StandardError,
        };

        double[] Differences(double[][] pairs) => [.. pairs[0].Zip(pairs[1], (first, second) => metric.Improvement(first, over: second))];
    }

    /// <summary>The score of a model that has nothing to be compared with.</summary>
    public static MeasuredScore Alone(MetricInfo metric, ScoredRows rows, double confidence, BootstrapOptions options) =>
        ScoreOf(Bootstrap.Draw([rows.Prepare(metric)], rows.Count, options), 0, confidence);

    private static MeasuredScore ScoreOf(BootstrapSample sample, int index, double confidence) =>
        new(sample.Observed[index], Interval.Of(sample.Observed[index], sample.Replicates[index], sample.Jackknife[index], confidence));
}

/// <param name="Value">In the metric's unit.</param>
/// <param name="Interval">Where it would likely be on other rows of the same kind.</param>
internal sealed record MeasuredScore(double Value, Interval Interval);
