namespace Orchestrator.Training.Evaluation.Resampling;

/// <summary>The standard normal distribution, to about 1e-14.</summary>
internal static class NormalDistribution
{
    /// <summary>The probability of a value up to <paramref name="z"/>.</summary>
    public static double Cdf(double z) => z < 0 ? UpperTail(-z) : 1 - UpperTail(z);

    /// <summary>The z with <see cref="Cdf"/>(z) = <paramref name="probability"/>; −∞ at 0 and +∞ at 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a probability.</exception>
    public static double Quantile(double probability)
    {
        if (probability is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "not a probability");
        }

        if (probability is 0 or 1)
        {
            return probability == 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (probability > 0.5)
        {
            return -Quantile(1 - probability);
        }

        // Bisection first, since Newton's steps from afar overshoot in the tail; then Newton doubles the digits.
        double low = -40, high = 0;
        for (var i = 0; i < 12; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Cdf(middle) < probability ? (middle, high) : (low, middle);
        }

        var z = (low + high) / 2;
        for (var i = 0; i < 6; i++)
        {
            z -= (Cdf(z) - probability) / Density(z);
        }

        return z;
    }

    /// <summary>The probability that χ² with one degree of freedom is at least <paramref name="value"/>.</summary>
    public static double ChiSquaredTail(double value) => value <= 0 ? 1 : 2 * UpperTail(Math.Sqrt(value));

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>P(Z > z) for z ≥ 0: the series around zero where it converges fast, the continued fraction beyond (Abramowitz and Stegun 26.2.11 and 26.2.14).</summary>
    private static double UpperTail(double z)
    {
        if (z < 3)
        {
            double term = z, sum = z;
            for (var k = 1; k < 200 && term > sum * 1e-17; k++)
            {
                term *= z * z / ((2 * k) + 1);
                sum += term;
            }

            return 0.5 - (Density(z) * sum);
        }

        var fraction = z;
        for (var k = 120; k >= 1; k--)
        {
            fraction = z + (k / fraction);
        }

        return Density(z) / fraction;
    }
}
