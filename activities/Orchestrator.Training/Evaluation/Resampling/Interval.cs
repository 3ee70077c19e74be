namespace Orchestrator.Training.Evaluation.Resampling;

/// <summary>How an interval was made.</summary>
internal enum IntervalMethod
{
    Unknown = 0,

    /// <summary>Bias-corrected and accelerated.</summary>
    Bca,

    /// <summary>Plain quantiles of the resamples, where BCa is not defined.</summary>
    Percentile,

    /// <summary>No resample had a value.</summary>
    None,
}

/// <summary>A confidence interval of a statistic, from its resamples.</summary>
internal sealed record Interval
{
    /// <summary>Lower end; NaN for <see cref="IntervalMethod.None"/>.</summary>
    public required double Lower { get; init; }

    public required double Upper { get; init; }

    /// <summary>The standard deviation of the resamples.</summary>
    public required double StandardError { get; init; }

    public required IntervalMethod Method { get; init; }

    /// <summary>The share of resamples in which the statistic was not defined; they are left out.</summary>
    public required double UndefinedShare { get; init; }

    /// <summary>The BCa interval; percentiles where its corrections are not finite.</summary>
    /// <param name="observed">The statistic on the rows themselves.</param>
    /// <param name="replicates">The statistic on each resample; NaN where it is not defined.</param>
    /// <param name="jackknife">The statistic without each block of rows.</param>
    /// <param name="confidence">Above 0 and below 1: 0.95.</param>
    /// <remarks>
    /// Efron, Better Bootstrap Confidence Intervals, JASA 82 (1987); Efron and Tibshirani (1993), eq. 14.9 to 14.15. Resamples equal to the observed value
    /// count half in the bias correction. Quantiles are interpolated linearly between order statistics.
    /// Tests compare with <c>scipy.stats.bootstrap(method="BCa")</c>.
    /// </remarks>
    public static Interval Of(double observed, IReadOnlyList<double> replicates, IReadOnlyList<double> jackknife, double confidence)
    {
        double[] sorted = [.. replicates.Where(double.IsFinite).Order()];
        var undefined = replicates.Count == 0 ? 1 : 1 - (sorted.Length / (double)replicates.Count);
        if (sorted.Length == 0 || !double.IsFinite(observed))
        {
            return new Interval { Lower = double.NaN, Upper = double.NaN, StandardError = double.NaN, Method = IntervalMethod.None, UndefinedShare = undefined };
        }

        var tail = (1 - confidence) / 2;
        var corrected = Corrected(observed, sorted, jackknife, tail);
        var (low, high) = corrected ?? (tail, 1 - tail);
        return new Interval
        {
            Lower = Quantile(sorted, low),
            Upper = Quantile(sorted, high),
            StandardError = StandardDeviation(sorted),
            Method = corrected is null ? IntervalMethod.Percentile : IntervalMethod.Bca,
            UndefinedShare = undefined,
        };
    }

    /// <summary>The probabilities at which BCa reads the resamples; null where it is not defined.</summary>
    private static (double Low, double High)? Corrected(double observed, double[] sorted, IReadOnlyList<double> jackknife, double tail)
    {
        var below = sorted.Count(value => value < observed);
        var equal = sorted.Count(value => value == observed);
        var bias = NormalDistribution.Quantile((below + (equal / 2.0)) / sorted.Length);
        var acceleration = Acceleration(jackknife);
        if (!double.IsFinite(bias) || !double.IsFinite(acceleration))
        {
            return null;
        }

        var low = Probability(NormalDistribution.Quantile(tail));
        var high = Probability(NormalDistribution.Quantile(1 - tail));
        return double.IsFinite(low) && double.IsFinite(high) && low < high ? (low, high) : null;

        double Probability(double z)
        {
            var scale = 1 - (acceleration * (bias + z));
            return scale > 0 ? NormalDistribution.Cdf(bias + ((bias + z) / scale)) : double.NaN;
        }
    }

    private static double Acceleration(IReadOnlyList<double> jackknife)
    {
        if (jackknife.Count < 2 || !jackknife.All(double.IsFinite))
        {
            return double.NaN;
        }

        var mean = jackknife.Average();
        double squares = 0, cubes = 0;
        foreach (var value in jackknife)
        {
            var distance = mean - value;
            squares += distance * distance;
            cubes += distance * distance * distance;
        }

        return squares > 0 ? cubes / (6 * Math.Pow(squares, 1.5)) : 0;
    }

    private static double Quantile(double[] sorted, double probability)
    {
        var position = probability * (sorted.Length - 1);
        var place = (int)Math.Floor(position);
        var next = Math.Min(place + 1, sorted.Length - 1);
        return sorted[place] + ((position - place) * (sorted[next] - sorted[place]));
    }

    private static double StandardDeviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1));
    }
}
