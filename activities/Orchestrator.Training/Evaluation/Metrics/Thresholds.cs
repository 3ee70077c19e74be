namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>What the choice of a threshold costs and brings.</summary>
public static class Thresholds
{
    /// <summary>One line per threshold: who is flagged (score ≥ threshold), and how rightly.</summary>
    /// <param name="positives">n labels, true for the positive class.</param>
    /// <param name="scores">n scores in the unit of the thresholds.</param>
    /// <param name="thresholds">In any order; the lines come in the same.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static IReadOnlyList<ThresholdLine> Table(IReadOnlyList<bool> positives, IReadOnlyList<double> scores, IEnumerable<double> thresholds)
    {
        if (positives.Count != scores.Count)
        {
            throw new ArgumentException($"There are {positives.Count} labels and {scores.Count} scores; each row needs both.", nameof(scores));
        }

        return [.. thresholds.Select(threshold => LineOf(positives, scores, threshold))];
    }

    /// <summary>The threshold with the highest F1 of the positive class; of several, the highest, which flags the fewest rows.</summary>
    /// <param name="positives">n labels, true for the positive class.</param>
    /// <param name="scores">n scores, not NaN.</param>
    /// <returns>One of the scores, or null when there is no positive row.</returns>
    /// <remarks>A threshold chosen on the rows that are then measured makes F1 look better than it will be on others.</remarks>
    public static double? BestF1(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores)
    {
        double? best = null;
        var bestF1 = 0.0;
        foreach (var point in Ranking.PrecisionRecallCurve(positives, scores))
        {
            var f1 = ConfusionMatrix.Ratio(2 * point.Precision * point.Recall, point.Precision + point.Recall);
            if (f1 > bestF1)
            {
                (best, bestF1) = (point.Threshold, f1);
            }
        }

        return best;
    }

    private static ThresholdLine LineOf(IReadOnlyList<bool> positives, IReadOnlyList<double> scores, double threshold)
    {
        int truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        for (var row = 0; row < scores.Count; row++)
        {
            switch (scores[row] >= threshold, positives[row])
            {
                case (true, true): truePositives++; break;
                case (true, false): falsePositives++; break;
                case (false, true): falseNegatives++; break;
                default: trueNegatives++; break;
            }
        }

        return new ThresholdLine
        {
            Threshold = threshold,
            TruePositives = truePositives,
            FalsePositives = falsePositives,
            FalseNegatives = falseNegatives,
            TrueNegatives = trueNegatives,
        };
    }
}

/// <summary>The rows that a threshold flags and leaves, and the ratios that follow. A ratio with nothing to divide by is 0.</summary>
public sealed record ThresholdLine
{
    public required double Threshold { get; init; }

    public required int TruePositives { get; init; }

    public required int FalsePositives { get; init; }

    public required int FalseNegatives { get; init; }

    public required int TrueNegatives { get; init; }

    /// <summary>Of the flagged rows, the share that is positive.</summary>
    public double Precision => ConfusionMatrix.Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Of the positive rows, the share that is flagged.</summary>
    public double Recall => ConfusionMatrix.Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Of the negative rows, the share that is not flagged.</summary>
    public double Specificity => ConfusionMatrix.Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    public double F1 => ConfusionMatrix.Ratio(2.0 * TruePositives, (2.0 * TruePositives) + FalsePositives + FalseNegatives);

    public double Accuracy => ConfusionMatrix.Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>Of all rows, the share that is flagged: the work that the threshold makes.</summary>
    public double Flagged => ConfusionMatrix.Ratio(TruePositives + FalsePositives, Total);

    private int Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;
}
