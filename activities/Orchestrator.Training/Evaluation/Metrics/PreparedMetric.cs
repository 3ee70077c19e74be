namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>
/// A metric over fixed rows, sorted and summed up beforehand so that it can be evaluated thousands of times under other row weights:
/// that is what a bootstrap, a jackknife and a weighted metric have in common.
/// </summary>
/// <remarks>Evaluating costs one pass over the rows, allocates nothing per row, keeps no state, and may be called from several threads.</remarks>
internal abstract class PreparedMetric
{
    /// <summary>The metric's value.</summary>
    /// <param name="weights">One weight ≥ 0 per row, such as how often a resample drew it; empty: every row counts once.</param>
    /// <returns><see cref="double.NaN"/> where the metric is not defined: no weight at all, or (for rankings) no weight in one of the classes.</returns>
    public abstract double Evaluate(ReadOnlySpan<double> weights = default);

    private protected static double WeightOf(ReadOnlySpan<double> weights, int row) => weights.IsEmpty ? 1 : weights[row];
}

/// <summary>A metric that is a mean over rows: of a loss, of a hit, of a squared error.</summary>
/// <param name="losses">One per row; <see cref="double.NaN"/>: the row has no say in this metric.</param>
/// <param name="root">True: the square root of the mean.</param>
internal sealed class PreparedMean(double[] losses, bool root = false) : PreparedMetric
{
    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        double sum = 0, total = 0;
        for (var row = 0; row < losses.Length; row++)
        {
            var loss = losses[row];
            if (!double.IsNaN(loss))
            {
                var weight = WeightOf(weights, row);
                sum += weight * loss;
                total += weight;
            }
        }

        var mean = total > 0 ? sum / total : double.NaN;
        return root ? Math.Sqrt(mean) : mean;
    }
}

/// <summary>The unweighted mean of other metrics; those that are not defined are left out of it.</summary>
internal sealed class PreparedAverage(IReadOnlyList<PreparedMetric> parts) : PreparedMetric
{
    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        double sum = 0;
        var defined = 0;
        foreach (var part in parts)
        {
            var value = part.Evaluate(weights);
            if (!double.IsNaN(value))
            {
                sum += value;
                defined++;
            }
        }

        return defined > 0 ? sum / defined : double.NaN;
    }
}
