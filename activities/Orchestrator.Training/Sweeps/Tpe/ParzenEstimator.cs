namespace Orchestrator.Training.Sweeps.Tpe;

/// <summary>
/// A density over some dimensions, made of one kernel per observed point and a prior kernel over everything. A kernel is a product over the dimensions:
/// a normal cut off at the range, on a grid its cells' masses, or for a choice a table of probabilities.
/// </summary>
/// <remarks>Bergstra et al. 2011; the bandwidths, weights and clippings are those of Optuna 5 (Watanabe, arXiv 2304.11127).</remarks>
internal sealed class ParzenEstimator
{
    private const int FlatWeights = 25;
    private const double PriorWeight = 1;

    private readonly Dimension[] dimensions;
    private readonly int kernels;
    private readonly double[] logWeights;
    private readonly double[] cumulativeWeights;

    // By dimension, then kernel. For a choice the centre is the observed index (-1: the prior) and the width is not used.
    private readonly double[][] centres;
    private readonly double[][] widths;
    private readonly double[][] logNorms;

    /// <param name="dimensions">The dimensions to model together.</param>
    /// <param name="columns">Which coordinate of a point each dimension is.</param>
    /// <param name="points">The observed points, the oldest first.</param>
    public ParzenEstimator(Dimension[] dimensions, int[] columns, IReadOnlyList<double[]> points)
    {
        this.dimensions = dimensions;
        kernels = points.Count + 1;
        (logWeights, cumulativeWeights) = Weigh(points.Count);
        centres = new double[dimensions.Length][];
        widths = new double[dimensions.Length][];
        logNorms = new double[dimensions.Length][];
        for (var d = 0; d < dimensions.Length; d++)
        {
            var dimension = dimensions[d];
            centres[d] = new double[kernels];
            for (var k = 0; k < points.Count; k++)
            {
                centres[d][k] = points[k][columns[d]];
            }

            centres[d][^1] = dimension.IsChoice ? -1 : 0.5 * (dimension.Low + dimension.High);
            widths[d] = dimension.IsChoice ? [] : Bandwidths(dimension, centres[d]);
            logNorms[d] = dimension.IsChoice ? [] : LogNorms(dimension, centres[d], widths[d]);
        }
    }

    /// <summary>Draws a point: a kernel by weight, then each coordinate from that kernel.</summary>
    public void Draw(DeterministicRandom random, Span<double> point)
    {
        var place = random.NextDouble() * cumulativeWeights[^1];
        var kernel = Array.BinarySearch(cumulativeWeights, place);
        kernel = Math.Min(kernel < 0 ? ~kernel : kernel + 1, kernels - 1);
        for (var d = 0; d < dimensions.Length; d++)
        {
            point[d] = dimensions[d].IsChoice ? DrawChoice(random, d, kernel) : DrawNumber(random, d, kernel);
        }
    }

    /// <summary>The logarithm of the density (on grids and choices: probability) at a point.</summary>
    /// <param name="point">One coordinate per dimension.</param>
    /// <param name="scratch">Room for <see cref="KernelCount"/> numbers, overwritten.</param>
    public double LogDensity(ReadOnlySpan<double> point, Span<double> scratch)
    {
        logWeights.CopyTo(scratch);
        for (var d = 0; d < dimensions.Length; d++)
        {
            AddLogDensity(d, point[d], scratch);
        }

        var highest = double.NegativeInfinity;
        foreach (var term in scratch[..kernels])
        {
            highest = Math.Max(highest, term);
        }

        var sum = 0.0;
        foreach (var term in scratch[..kernels])
        {
            // Below e^-40 of the largest a kernel changes no digit.
            sum += term > highest - 40 ? Math.Exp(term - highest) : 0;
        }

        return highest + Math.Log(sum);
    }

    /// <summary>How many kernels: the observations and the prior.</summary>
    public int KernelCount => kernels;

    /// <summary>Weight 1 for the newest 25, rising linearly from 1/n before them, and the prior's; normalised.</summary>
    private static (double[] Logs, double[] Cumulative) Weigh(int observations)
    {
        var weights = new double[observations + 1];
        var ramp = observations - FlatWeights;
        for (var i = 0; i < observations; i++)
        {
            var start = 1.0 / observations;
            weights[i] = i >= ramp ? 1 : ramp == 1 ? start : start + (1 - start) * i / (ramp - 1);
        }

        weights[^1] = PriorWeight;
        var sum = weights.Sum();
        var logs = new double[weights.Length];
        var cumulative = new double[weights.Length];
        var running = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            logs[i] = Math.Log(weights[i] / sum);
            cumulative[i] = running += weights[i] / sum;
        }

        return (logs, cumulative);
    }

    /// <summary>
    /// For every observed centre the larger gap to its neighbours, clipped; for the prior the whole range. The range's ends count as neighbours
    /// only for a centre that is alone.
    /// </summary>
    private static double[] Bandwidths(Dimension dimension, double[] centres)
    {
        var observed = centres.Length - 1;
        var order = new int[observed];
        for (var i = 0; i < observed; i++)
        {
            order[i] = i;
        }

        // Stable by the second key, so equal centres keep their age.
        Array.Sort(order, (x, y) => centres[x].CompareTo(centres[y]) is var byCentre and not 0 ? byCentre : x.CompareTo(y));
        var widest = dimension.Width;
        var narrowest = widest / Math.Min(100, 1.0 + centres.Length);
        var widths = new double[centres.Length];
        widths[^1] = widest;
        for (var i = 0; i < observed; i++)
        {
            var here = centres[order[i]];
            var before = i > 0 ? here - centres[order[i - 1]] : observed > 1 ? 0 : here - (dimension.Low - dimension.Step / 2);
            var after = i < observed - 1 ? centres[order[i + 1]] - here : observed > 1 ? 0 : dimension.High + dimension.Step / 2 - here;
            widths[order[i]] = Math.Clamp(Math.Max(before, after), narrowest, widest);
        }

        return widths;
    }

    /// <summary>What the logarithm of each kernel's density subtracts: its width and the mass that the range cuts off. On grids only the mass.</summary>
    private static double[] LogNorms(Dimension dimension, double[] centres, double[] widths)
    {
        var norms = new double[centres.Length];
        for (var k = 0; k < norms.Length; k++)
        {
            var inside = Normal.Between(
                (dimension.Low - dimension.Step / 2 - centres[k]) / widths[k],
                (dimension.High + dimension.Step / 2 - centres[k]) / widths[k]);
            norms[k] = Math.Log(inside) + (dimension.Step > 0 ? 0 : Math.Log(widths[k]) + Normal.LogSqrtTwoPi);
        }

        return norms;
    }

    private double DrawNumber(DeterministicRandom random, int d, int kernel)
    {
        var dimension = dimensions[d];
        if (dimension.Width <= 0)
        {
            return dimension.Low;
        }

        var low = dimension.Low - dimension.Step / 2;
        var high = dimension.High + dimension.Step / 2;
        while (true)
        {
            // The centre is inside the range and the width at most the range, so at least a third of the draws are kept.
            var drawn = centres[d][kernel] + widths[d][kernel] * random.NextNormal();
            if (drawn >= low && drawn <= high)
            {
                return dimension.Snap(drawn);
            }
        }
    }

    private double DrawChoice(DeterministicRandom random, int d, int kernel)
    {
        var count = dimensions[d].ChoiceCount;
        var observed = centres[d][kernel];
        // The table of a kernel is 1/kernels everywhere and 1 more at the observed value.
        var spread = count * PriorWeight / kernels;
        return observed >= 0 && random.NextDouble() * (spread + 1) >= spread ? observed : random.NextIndex(count);
    }

    private void AddLogDensity(int d, double x, Span<double> terms)
    {
        var dimension = dimensions[d];
        if (dimension.IsChoice)
        {
            AddChoice(dimension, centres[d], x, terms);
        }
        else if (dimension.Width > 0)
        {
            if (dimension.Step > 0)
            {
                AddGrid(d, dimension.Step, x, terms);
            }
            else
            {
                AddLine(d, x, terms);
            }
        }
    }

    private void AddChoice(Dimension dimension, double[] observed, double x, Span<double> terms)
    {
        var low = PriorWeight / kernels;
        var sum = dimension.ChoiceCount * low + 1;
        var (hit, miss, prior) = (Math.Log((low + 1) / sum), Math.Log(low / sum), -Math.Log(dimension.ChoiceCount));
        for (var k = 0; k < kernels; k++)
        {
            terms[k] += observed[k] < 0 ? prior : observed[k] == x ? hit : miss;
        }
    }

    private void AddLine(int d, double x, Span<double> terms)
    {
        var (mu, sigma, norm) = (centres[d], widths[d], logNorms[d]);
        for (var k = 0; k < kernels; k++)
        {
            var z = (x - mu[k]) / sigma[k];
            terms[k] -= 0.5 * z * z + norm[k];
        }
    }

    private void AddGrid(int d, double step, double x, Span<double> terms)
    {
        var (mu, sigma, norm) = (centres[d], widths[d], logNorms[d]);
        for (var k = 0; k < kernels; k++)
        {
            var z = (x - mu[k]) / sigma[k];
            var half = 0.5 * step / sigma[k];
            terms[k] += LogCellMass(z, half) - norm[k];
        }
    }

    /// <summary>The logarithm of a standard normal's mass within <paramref name="half"/> of <paramref name="z"/>.</summary>
    private static double LogCellMass(double z, double half)
    {
        // A narrow cell needs no error function: the density at its middle times its width, with the density's curvature. What is left out is of order half⁴.
        if (half < 0.05 && Math.Abs(z) < 8)
        {
            return Math.Log(2 * half) - 0.5 * z * z - Normal.LogSqrtTwoPi + half * half * (z * z - 1) / 6;
        }

        // Far out in the tail the mass itself would vanish: it falls off exponentially from the cell's near edge (Mills' ratio).
        var edge = Math.Abs(z) - half;
        return edge > 8
            ? -0.5 * edge * edge - Normal.LogSqrtTwoPi - Math.Log(edge) + Math.Log(-Math.Exp(-2 * half * (edge + half)) + 1)
            : Math.Log(Normal.Between(z - half, z + half));
    }
}
