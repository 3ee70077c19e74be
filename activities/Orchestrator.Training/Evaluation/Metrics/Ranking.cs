namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>How well scores put the rows of one class before those of another.</summary>
public static class Ranking
{
    /// <summary>The area under the ROC curve: how often a random positive row has a higher score than a random negative one.</summary>
    /// <param name="positives">n labels, true for the positive class.</param>
    /// <param name="scores">n scores, higher means more surely positive; any monotone scale. A tie between a positive and a negative counts one half.</param>
    /// <param name="weights">n weights ≥ 0; empty: every row counts once.</param>
    /// <returns>0..1; 0.5 is chance. <see cref="double.NaN"/> when one of the classes has no row (or no weight): there is nothing to compare.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a score is NaN.</exception>
    /// <remarks>
    /// The Mann-Whitney form, U / (n₊·n₋), which equals the trapezoidal area: Hanley and McNeil, Radiology 143 (1982), p. 29.
    /// Tests compare with <c>sklearn.metrics.roc_auc_score</c>.
    /// </remarks>
    public static double RocAuc(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default) =>
        new PreparedRocAuc(new RankedRows(positives, scores)).Evaluate(weights);

    /// <summary>Average precision, the usual summary of the precision-recall curve ("PR-AUC").</summary>
    /// <param name="positives">n labels, true for the positive class.</param>
    /// <param name="scores">n scores, higher means more surely positive. Rows with equal scores enter together.</param>
    /// <param name="weights">n weights ≥ 0; empty: every row counts once.</param>
    /// <returns>0..1; chance is the share of positives. <see cref="double.NaN"/> when there is no positive row.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a score is NaN.</exception>
    /// <remarks>
    /// AP = Σₖ (Rₖ − Rₖ₋₁)·Pₖ over the distinct scores from high to low, without interpolation (the trapezoid is too kind: Davis and Goadrich, ICML 2006).
    /// Tests compare with <c>sklearn.metrics.average_precision_score</c>.
    /// </remarks>
    public static double AveragePrecision(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default) =>
        new PreparedAveragePrecision(new RankedRows(positives, scores)).Evaluate(weights);

    /// <summary>The macro average of the one-vs-rest areas under the ROC curve, for any number of classes.</summary>
    /// <param name="labels">n class indices, 0..K−1.</param>
    /// <param name="probabilities">n rows of K probabilities.</param>
    /// <param name="classCount">K ≥ 2.</param>
    /// <returns>0..1, or <see cref="double.NaN"/> when no class has both rows of its own and rows of others. Classes without rows are left out of the mean.</returns>
    /// <remarks>Equal to <c>sklearn.metrics.roc_auc_score(multi_class="ovr", average="macro")</c> where all classes occur; that function refuses the rest.</remarks>
    public static double RocAucOneVsRest(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities, int classCount) =>
        PrepareOneVsRest(labels, probabilities, classCount).Evaluate();

    /// <summary>The ROC curve, from (0, 0) to (1, 1), without the points that lie on a straight line between others.</summary>
    /// <returns>Empty when one of the classes has no row.</returns>
    /// <inheritdoc cref="RocAuc" path="/param"/>
    public static IReadOnlyList<RocPoint> RocCurve(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores)
    {
        var steps = Steps(new RankedRows(positives, scores));
        var (allTrue, allFalse) = steps[^1] is var last ? (last.TruePositives, last.FalsePositives) : default;
        if (allTrue == 0 || allFalse == 0)
        {
            return [];
        }

        var curve = new List<RocPoint>();
        for (var i = 0; i < steps.Count; i++)
        {
            if (i > 0 && i < steps.Count - 1 && IsStraight(steps[i - 1], steps[i], steps[i + 1]))
            {
                continue;
            }

            curve.Add(new RocPoint(steps[i].FalsePositives / allFalse, steps[i].TruePositives / allTrue, steps[i].Threshold));
        }

        return curve;
    }

    /// <summary>The precision-recall curve by rising recall, one point for each distinct score.</summary>
    /// <returns>Empty when there is no positive row. There is no point at recall 0, where precision is not defined.</returns>
    /// <inheritdoc cref="RocAuc" path="/param"/>
    public static IReadOnlyList<PrecisionRecallPoint> PrecisionRecallCurve(ReadOnlySpan<bool> positives, ReadOnlySpan<double> scores)
    {
        var steps = Steps(new RankedRows(positives, scores));
        var all = steps[^1].TruePositives;
        return all == 0
            ? []
            : [.. steps.Skip(1).Select(step => new PrecisionRecallPoint(step.TruePositives / all, step.TruePositives / (step.TruePositives + step.FalsePositives), step.Threshold))];
    }

    internal static PreparedMetric PrepareOneVsRest(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities, int classCount) =>
        new PreparedAverage([.. Enumerable.Range(0, classCount).Select(k => new PreparedRocAuc(new RankedRows(
            [.. labels.Select(label => label == k)], [.. probabilities.Select(row => row[k])])))]);

    /// <summary>How many rows of each class are flagged when the threshold falls through the scores; the first step flags none.</summary>
    private static List<Step> Steps(RankedRows ranked)
    {
        var steps = new List<Step> { new(0, 0, double.PositiveInfinity) };
        for (var tie = ranked.TieEnds.Length - 1; tie >= 0; tie--)
        {
            var start = tie == 0 ? 0 : ranked.TieEnds[tie - 1];
            var (truePositives, falsePositives) = (steps[^1].TruePositives, steps[^1].FalsePositives);
            for (var place = start; place < ranked.TieEnds[tie]; place++)
            {
                truePositives += ranked.Positive[place];
                falsePositives += 1 - ranked.Positive[place];
            }

            steps.Add(new Step(truePositives, falsePositives, ranked.Scores[start]));
        }

        return steps;
    }

    private static bool IsStraight(Step before, Step here, Step after) =>
        (here.TruePositives - before.TruePositives) * (after.FalsePositives - here.FalsePositives)
        == (after.TruePositives - here.TruePositives) * (here.FalsePositives - before.FalsePositives);

    private readonly record struct Step(double TruePositives, double FalsePositives, double Threshold);
}

/// <summary>What happens when every row with a score of at least <paramref name="Threshold"/> is flagged.</summary>
/// <param name="FalsePositiveRate">0..1, of the negative rows.</param>
/// <param name="TruePositiveRate">0..1, of the positive rows.</param>
/// <param name="Threshold">In the unit of the scores; +∞ for the point that flags nothing.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);

/// <summary>What happens when every row with a score of at least <paramref name="Threshold"/> is flagged.</summary>
/// <param name="Recall">0..1, of the positive rows.</param>
/// <param name="Precision">0..1, of the flagged rows.</param>
/// <param name="Threshold">In the unit of the scores.</param>
public readonly record struct PrecisionRecallPoint(double Recall, double Precision, double Threshold);
