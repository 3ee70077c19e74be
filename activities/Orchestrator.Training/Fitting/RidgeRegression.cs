using Orchestrator.Training.Features;
using Orchestrator.Training.Models;

namespace Orchestrator.Training.Fitting;

/// <summary>Least squares with an L2 penalty, by the normal equations and a Cholesky factorisation: exact, and the same on every machine.</summary>
/// <remarks>
/// Minimises Σ (yᵢ − b − xᵢ·w)² / n + l2·‖w‖² over standardised slots. Time n·p² + p³/3 and memory p² for n rows and p slots.
/// ML.NET's own linear trainer (SDCA 5.0.1) answers infinite weights on a table of one feature, which is why this is here.
/// </remarks>
internal static class RidgeRegression
{
    /// <param name="encoder">Over the table.</param>
    /// <param name="rows">The rows to learn from, at least one.</param>
    /// <param name="labels">One per row of the table, finite.</param>
    /// <param name="l2">Above 0.</param>
    public static LinearModel Fit(RowEncoder encoder, int[] rows, double[] labels, double l2)
    {
        var p = encoder.SlotCount;
        var labelMean = rows.Average(row => labels[row]);
        var means = new double[p];
        var products = new double[p][];
        var target = new double[p];
        for (var i = 0; i < p; i++)
        {
            products[i] = new double[i + 1];
        }

        var slots = new float[p];
        foreach (var row in rows)
        {
            encoder.Write(row, slots);
            Accumulate(slots, labels[row] - labelMean, means, products, target);
        }

        Center(rows.Length, means, products, target, l2);
        var weights = Solve(products, target);
        return new LinearModel { Bias = labelMean - weights.Zip(means, (weight, mean) => weight * mean).Sum(), Weights = weights };
    }

    private static void Accumulate(float[] slots, double label, double[] sums, double[][] products, double[] target)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            var x = (double)slots[i];
            sums[i] += x;
            target[i] += x * label;
            var line = products[i];
            for (var j = 0; j <= i; j++)
            {
                line[j] += x * slots[j];
            }
        }
    }

    /// <summary>Turns sums into means, covariances and covariances with the label (whose mean is 0), and adds the penalty.</summary>
    private static void Center(int n, double[] means, double[][] products, double[] target, double l2)
    {
        for (var i = 0; i < means.Length; i++)
        {
            means[i] /= n;
            target[i] /= n;
            for (var j = 0; j <= i; j++)
            {
                products[i][j] = products[i][j] / n - means[i] * means[j];
            }

            products[i][i] += l2;
        }
    }

    /// <summary>Solves A·w = t for a positive definite A whose lower half is given; overwrites both.</summary>
    private static double[] Solve(double[][] a, double[] t)
    {
        for (var i = 0; i < t.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i][j];
                for (var k = 0; k < j; k++)
                {
                    sum -= a[i][k] * a[j][k];
                }

                // Rounding may push a pivot of columns that say the same below 0; the smallest that helps keeps them apart.
                a[i][j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / a[j][j];
            }

            for (var k = 0; k < i; k++)
            {
                t[i] -= a[i][k] * t[k];
            }

            t[i] /= a[i][i];
        }

        for (var i = t.Length - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < t.Length; k++)
            {
                t[i] -= a[k][i] * t[k];
            }

            t[i] /= a[i][i];
        }

        return t;
    }
}
