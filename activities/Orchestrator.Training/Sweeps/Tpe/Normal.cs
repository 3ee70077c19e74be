namespace Orchestrator.Training.Sweeps.Tpe;

/// <summary>The standard normal distribution.</summary>
internal static class Normal
{
    /// <summary>Natural logarithm of the square root of 2π.</summary>
    public const double LogSqrtTwoPi = 0.91893853320467274178;

    private const double SqrtHalf = 0.70710678118654752440;

    /// <summary>The probability between two points, with full relative precision in both tails.</summary>
    public static double Between(double low, double high) => low > 0
        ? 0.5 * (Erfc(low * SqrtHalf) - Erfc(high * SqrtHalf))
        : 0.5 * (Erfc(-high * SqrtHalf) - Erfc(-low * SqrtHalf));

    /// <summary>The complementary error function, relative error below 1.2e-7: Chebyshev fit of Press et al., Numerical Recipes, erfcc.</summary>
    public static double Erfc(double x)
    {
        var z = Math.Abs(x);
        var t = 1 / (1 + 0.5 * z);
        var series = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806
            + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
        var answer = t * Math.Exp(-z * z + series);
        return x >= 0 ? answer : 2 - answer;
    }
}
