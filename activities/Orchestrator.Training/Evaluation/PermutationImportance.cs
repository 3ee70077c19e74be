using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Evaluation;

/// <summary>How much each feature matters.</summary>
/// <param name="Metric">The metric whose loss was measured.</param>
/// <param name="Rows">How many rows it was measured on.</param>
/// <param name="Repeats">How often each feature was shuffled.</param>
/// <param name="Features">The most important first.</param>
internal sealed record ImportanceTable(MetricInfo Metric, int Rows, int Repeats, IReadOnlyList<FeatureImportance> Features);

/// <param name="Feature">The column.</param>
/// <param name="Loss">How much worse the metric gets without the feature's information, in the metric's unit; about zero or below: it does not matter.</param>
/// <param name="Spread">Standard deviation of the loss over the repeats.</param>
internal sealed record FeatureImportance(string Feature, double Loss, double Spread);

/// <summary>
/// Shuffles one feature at a time and looks how much worse the model gets (Breiman, Random Forests, Machine Learning 45, 2001, section 10).
/// Of features that say the same thing each looks unimportant, since the others stand in for it.
/// </summary>
internal static class PermutationImportance
{
    private const int Repeats = 3;

    public static ImportanceTable Measure(IPredictor predictor, EvaluationRows rows, ScoredRows scored, int mostRows, long seed, ActivityContext context)
    {
        var chosen = Choose(rows.Table.RowCount, mostRows, seed);
        var part = new EvaluationRows
        {
            Table = rows.Table.Take(chosen),
            Labels = rows.Labels.Length == 0 ? [] : [.. chosen.Select(row => rows.Labels[row])],
            Values = rows.Values.Length == 0 ? [] : [.. chosen.Select(row => rows.Values[row])],
            WithoutLabel = 0,
        };
        var known = scored.Take(chosen);
        var metric = known.Headline;
        var before = known.Prepare(metric).Evaluate();
        var features = predictor.Signature.Features;
        var measured = new List<FeatureImportance>();
        for (var i = 0; i < features.Count; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Progress(0.4 + (0.5 * i / features.Count), $"importance of {features[i].Name}");
            measured.Add(MeasureOne(predictor, part, scored, metric, before, features[i].Name, seed, i));
        }

        return new ImportanceTable(metric, chosen.Length, Repeats, [.. measured.OrderByDescending(feature => feature.Loss).ThenBy(feature => feature.Feature, StringComparer.Ordinal)]);
    }

    private static FeatureImportance MeasureOne(
        IPredictor predictor, EvaluationRows part, ScoredRows scored, MetricInfo metric, double before, string feature, long seed, int index)
    {
        var losses = new double[Repeats];
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            int[] order = [.. Enumerable.Range(0, part.Table.RowCount)];
            new SeededRandom(seed, ((long)index * Repeats) + repeat + 1).Shuffle(order);
            var shuffled = Scoring.Score(predictor, "the model", part with { Table = part.Table.WithPermuted(feature, order) }, predictor.Signature.Classes);
            if (scored is ClassScores { Threshold: var threshold } && shuffled is ClassScores classes)
            {
                shuffled = classes with { Threshold = threshold };
            }

            losses[repeat] = metric.Improvement(before, over: shuffled.Prepare(metric).Evaluate());
        }

        var mean = losses.Average();
        return new FeatureImportance(feature, mean, Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / (Repeats - 1)));
    }

    /// <summary>All rows, or as many as allowed by chance, in table order.</summary>
    private static int[] Choose(int count, int most, long seed)
    {
        int[] rows = [.. Enumerable.Range(0, count)];
        if (count <= most)
        {
            return rows;
        }

        new SeededRandom(seed).Shuffle(rows);
        return [.. rows.Take(most).Order()];
    }
}
