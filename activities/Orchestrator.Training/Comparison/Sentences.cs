using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>Comparisons in a sentence that says what happens, and on what evidence.</summary>
internal static class Sentences
{
    public static string NoBaseline(MetricInfo metric, MeasuredScore candidate, int rows, double confidence) =>
        $"there is no baseline yet: the candidate's {metric.Title} is {metric.Format(candidate.Value)}{Range(metric, candidate.Interval, confidence, signed: false)} on {Numbers.Count(rows)} rows";

    public static string SameFile(string baseline, string artifact, MetricInfo metric, double score) =>
        $"{baseline} stays: the candidate is the very same model (artifact {artifact[..Math.Min(12, artifact.Length)]}), {metric.Title} {metric.Format(score)}";

    public static string SameAnswers(string baseline, int rows, MetricInfo metric, double score) =>
        $"{baseline} stays: the candidate answers the same on all {Numbers.Count(rows)} rows, {metric.Title} {metric.Format(score)}";

    /// <param name="outcome">One that two different models can have.</param>
    /// <param name="baseline">Its name: <c>churn v3</c>.</param>
    /// <param name="metric">What was compared.</param>
    /// <param name="compared">The numbers.</param>
    /// <param name="margin">In the metric's unit.</param>
    /// <param name="confidence">0.95.</param>
    /// <param name="remark">What else there is to say about an inconclusive comparison; null: nothing.</param>
    public static string Compared(ComparisonOutcome outcome, string baseline, MetricInfo metric, PairedComparison compared, double margin, double confidence, string? remark)
    {
        var scores = $"{metric.Format(compared.Candidate.Value)} against {metric.Format(compared.Baseline.Value)}";
        var word = metric.HigherIsBetter ? "difference" : "improvement";
        var difference = $"{word} {Numbers.Signed(compared.Difference.Value, metric.IsShare)}{Range(metric, compared.Difference.Interval, confidence, signed: true)}";
        var atMargin = $"at margin {Numbers.Format(margin)}";
        return outcome switch
        {
            ComparisonOutcome.Better => $"the candidate is better than {baseline}: {metric.Title} {scores}, {difference}",
            ComparisonOutcome.NotWorse => $"the candidate is not worse than {baseline}: {metric.Title} {scores}, {difference}, {atMargin}",
            ComparisonOutcome.Worse => $"{baseline} stays: the candidate is worse, {metric.Title} {scores}, {difference}",
            ComparisonOutcome.Inconclusive =>
                $"{baseline} stays: the candidate's {metric.Title} is {scores}, {difference}: inconclusive {atMargin}{(remark is null ? "" : $"; {remark}")}",
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "not an outcome of two different models"),
        };
    }

    private static string Range(MetricInfo metric, Interval interval, double confidence, bool signed)
    {
        return interval.Method == IntervalMethod.None ? "" : $" ({Numbers.Format(confidence * 100)} % interval {End(interval.Lower)} to {End(interval.Upper)})";

        string End(double value) => signed ? Numbers.Signed(value, metric.IsShare) : metric.Format(value);
    }
}
