namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>How far predicted numbers are from the actual ones. All take n actual and n predicted values in the label's unit and, optionally, n weights ≥ 0.</summary>
/// <remarks>For no rows all are <see cref="double.NaN"/>; lengths that differ are an <see cref="ArgumentException"/>. Tests compare with scikit-learn's functions of the same names.</remarks>
public static class RegressionMetrics
{
    /// <summary>Root of the mean squared error, in the label's unit; lower is better. Large errors weigh more than in <see cref="Mae"/>.</summary>
    public static double Rmse(double[] actual, double[] predicted, ReadOnlySpan<double> weights = default) => PrepareRmse(actual, predicted).Evaluate(weights);

    /// <summary>Mean absolute error, in the label's unit; lower is better.</summary>
    public static double Mae(double[] actual, double[] predicted, ReadOnlySpan<double> weights = default) => PrepareMae(actual, predicted).Evaluate(weights);

    /// <summary>Median of the absolute errors, in the label's unit; lower is better. Half of the predictions are nearer than this, whatever the others do.</summary>
    public static double MedianAe(double[] actual, double[] predicted, ReadOnlySpan<double> weights = default) => new PreparedMedianError(actual, predicted).Evaluate(weights);

    /// <summary>The share of the label's variance that the predictions explain: 1 − Σe² / Σ(y − ȳ)².</summary>
    /// <returns>Up to 1; 0 is what the mean of these rows would get; negative is worse than it. <see cref="double.NaN"/> when all labels are equal (scikit-learn says 1 or 0 there).</returns>
    public static double R2(double[] actual, double[] predicted, ReadOnlySpan<double> weights = default) => new PreparedR2(actual, predicted).Evaluate(weights);

    /// <summary>Mean absolute percentage error as a ratio (0.1 is ten percent); lower is better.</summary>
    /// <returns>
    /// Rows whose actual value is 0 have no percentage and are left out; <see cref="double.NaN"/> when that leaves none.
    /// (scikit-learn divides by 2.2e-16 there, which makes one such row outweigh all others.)
    /// </returns>
    public static double Mape(double[] actual, double[] predicted, ReadOnlySpan<double> weights = default) => PrepareMape(actual, predicted).Evaluate(weights);

    internal static PreparedMetric PrepareRmse(double[] actual, double[] predicted) => PrepareMean(actual, predicted, (a, p) => (p - a) * (p - a), root: true);

    internal static PreparedMetric PrepareMae(double[] actual, double[] predicted) => PrepareMean(actual, predicted, (a, p) => Math.Abs(p - a), root: false);

    internal static PreparedMetric PrepareMape(double[] actual, double[] predicted) =>
        PrepareMean(actual, predicted, (a, p) => a == 0 ? double.NaN : Math.Abs((p - a) / a), root: false);

    private static PreparedMean PrepareMean(double[] actual, double[] predicted, Func<double, double, double> loss, bool root)
    {
        CheckLengths(actual, predicted);
        return new PreparedMean([.. actual.Zip(predicted, loss)], root);
    }

    internal static void CheckLengths(double[] actual, double[] predicted)
    {
        if (actual.Length != predicted.Length)
        {
            throw new ArgumentException($"There are {actual.Length} actual and {predicted.Length} predicted values; each row needs both.", nameof(predicted));
        }
    }
}

/// <summary>R² in one pass.</summary>
internal sealed class PreparedR2 : PreparedMetric
{
    private readonly double[] centered;
    private readonly double[] squaredErrors;

    public PreparedR2(double[] actual, double[] predicted)
    {
        RegressionMetrics.CheckLengths(actual, predicted);
        // Sums of squares around the mean of all rows: without it a label far from zero loses its variance to rounding.
        var mean = actual.Length > 0 ? actual.Average() : 0;
        centered = [.. actual.Select(value => value - mean)];
        squaredErrors = [.. actual.Zip(predicted, (a, p) => (p - a) * (p - a))];
    }

    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        double total = 0, sum = 0, squares = 0, errors = 0;
        for (var row = 0; row < centered.Length; row++)
        {
            var weight = WeightOf(weights, row);
            total += weight;
            sum += weight * centered[row];
            squares += weight * centered[row] * centered[row];
            errors += weight * squaredErrors[row];
        }

        var variance = total > 0 ? squares - (sum * sum / total) : 0;
        return variance > 1e-12 * squares ? 1 - (errors / variance) : double.NaN;
    }
}

/// <summary>The median of absolute errors under weights: the lower median's and the upper median's mean, so that equal weights give the plain median.</summary>
internal sealed class PreparedMedianError : PreparedMetric
{
    private readonly double[] errors;
    private readonly int[] rows;

    public PreparedMedianError(double[] actual, double[] predicted)
    {
        RegressionMetrics.CheckLengths(actual, predicted);
        errors = [.. actual.Zip(predicted, (a, p) => Math.Abs(p - a))];
        rows = [.. Enumerable.Range(0, errors.Length)];
        Array.Sort(errors, rows);
    }

    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        var total = 0.0;
        foreach (var row in rows)
        {
            total += WeightOf(weights, row);
        }

        var below = 0.0;
        var lower = double.NaN;
        for (var place = 0; place < rows.Length; place++)
        {
            var weight = WeightOf(weights, rows[place]);
            below += weight;
            if (weight > 0 && double.IsNaN(lower) && below >= total / 2)
            {
                lower = errors[place];
            }

            if (weight > 0 && below > total / 2)
            {
                return (lower + errors[place]) / 2;
            }
        }

        return double.NaN;
    }
}
