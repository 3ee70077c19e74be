namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>How far predicted probabilities are from what happened.</summary>
public static class Probabilities
{
    /// <summary>Probabilities are kept this far from 0 and 1 before a logarithm is taken, so one sure mistake costs 34.5 and not infinity.</summary>
    public const double Clip = 1e-15;

    /// <summary>Log loss (cross entropy): the mean of −ln of the probability given to the class that happened.</summary>
    /// <param name="labels">n class indices, 0..K−1.</param>
    /// <param name="probabilities">n rows of K probabilities, taken as they are (not made to sum to 1) and clipped to [<see cref="Clip"/>, 1 − <see cref="Clip"/>].</param>
    /// <param name="weights">n weights ≥ 0; empty: every row counts once.</param>
    /// <returns>≥ 0, in nats; lower is better. <see cref="double.NaN"/> for no rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <remarks>Tests compare with <c>sklearn.metrics.log_loss</c>, which clips at the machine epsilon 2.2e-16 instead.</remarks>
    public static double LogLoss(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities, ReadOnlySpan<double> weights = default) =>
        PrepareLogLoss(labels, probabilities).Evaluate(weights);

    /// <summary>Brier score: the mean squared distance of the probabilities from what happened.</summary>
    /// <param name="labels">n class indices, 0..K−1.</param>
    /// <param name="probabilities">n rows of K probabilities.</param>
    /// <param name="weights">n weights ≥ 0; empty: every row counts once.</param>
    /// <returns>
    /// Lower is better. Two classes: (p₁ − y)², 0..1, and 0.25 for always saying one half. More: Σₖ (pₖ − yₖ)², 0..2, as Brier defined it
    /// (Monthly Weather Review 78, 1950, eq. 2). <see cref="double.NaN"/> for no rows.
    /// </returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Brier(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities, ReadOnlySpan<double> weights = default) =>
        PrepareBrier(labels, probabilities).Evaluate(weights);

    /// <summary>The reliability curve: in each bin of equal width, what was predicted on average and how often it happened.</summary>
    /// <param name="happened">n outcomes.</param>
    /// <param name="probabilities">n predicted probabilities of the outcome, 0..1.</param>
    /// <param name="bins">How many bins of equal width, 1 or more. A bin includes its lower edge; the last also its upper.</param>
    /// <returns>The bins that have rows, ascending.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a probability is outside 0..1.</exception>
    public static IReadOnlyList<CalibrationBin> CalibrationCurve(IReadOnlyList<bool> happened, IReadOnlyList<double> probabilities, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        CheckLengths(happened.Count, probabilities.Count);
        var counts = new int[bins];
        var predicted = new double[bins];
        var seen = new int[bins];
        for (var row = 0; row < happened.Count; row++)
        {
            if (probabilities[row] is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"{probabilities[row]} is not a probability.", nameof(probabilities));
            }

            var bin = Math.Min(bins - 1, (int)(probabilities[row] * bins));
            counts[bin]++;
            predicted[bin] += probabilities[row];
            seen[bin] += happened[row] ? 1 : 0;
        }

        return
        [
            .. Enumerable.Range(0, bins).Where(bin => counts[bin] > 0)
                .Select(bin => new CalibrationBin(bin / (double)bins, (bin + 1) / (double)bins, counts[bin], predicted[bin] / counts[bin], seen[bin] / (double)counts[bin])),
        ];
    }

    /// <summary>Expected calibration error: the mean distance between what was predicted and how often it happened, weighted by the bins' rows.</summary>
    /// <param name="curve">From <see cref="CalibrationCurve"/>.</param>
    /// <returns>0..1, lower is better; <see cref="double.NaN"/> for an empty curve. It depends on the number of bins, so compare only equal ones.</returns>
    /// <remarks>ECE = Σ (n_b / n)·|mean predicted − share happened|: Naeini, Cooper and Hauskrecht, AAAI 2015, eq. 3.</remarks>
    public static double ExpectedCalibrationError(IReadOnlyList<CalibrationBin> curve) =>
        curve.Count == 0 ? double.NaN : curve.Sum(bin => bin.Count * Math.Abs(bin.MeanPredicted - bin.ShareHappened)) / curve.Sum(bin => (double)bin.Count);

    internal static PreparedMetric PrepareLogLoss(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities)
    {
        CheckLengths(labels.Count, probabilities.Count);
        return new PreparedMean([.. labels.Select((label, row) => -Math.Log(Math.Clamp(probabilities[row][label], Clip, 1 - Clip)))]);
    }

    internal static PreparedMetric PrepareBrier(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities)
    {
        CheckLengths(labels.Count, probabilities.Count);
        return new PreparedMean([.. labels.Select((label, row) => SquaredDistance(label, probabilities[row]))]);
    }

    private static double SquaredDistance(int label, double[] probabilities)
    {
        if (probabilities.Length == 2)
        {
            var miss = probabilities[1] - label;
            return miss * miss;
        }

        var sum = 0.0;
        for (var k = 0; k < probabilities.Length; k++)
        {
            var miss = probabilities[k] - (k == label ? 1 : 0);
            sum += miss * miss;
        }

        return sum;
    }

    private static void CheckLengths(int labels, int predictions)
    {
        if (labels != predictions)
        {
            throw new ArgumentException($"There are {labels} labels and {predictions} predictions; each row needs both.", nameof(predictions));
        }
    }
}

/// <summary>One bin of a reliability curve.</summary>
/// <param name="From">Lower edge, inclusive.</param>
/// <param name="To">Upper edge, exclusive, but for the last bin.</param>
/// <param name="Count">Rows in it, ≥ 1.</param>
/// <param name="MeanPredicted">The mean predicted probability of its rows.</param>
/// <param name="ShareHappened">The share of its rows where the outcome happened.</param>
public readonly record struct CalibrationBin(double From, double To, int Count, double MeanPredicted, double ShareHappened);
