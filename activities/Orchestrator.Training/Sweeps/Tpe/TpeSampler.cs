namespace Orchestrator.Training.Sweeps.Tpe;

/// <summary>What a sampler knows of a trial when it proposes the next one.</summary>
/// <param name="Point">One coordinate per dimension.</param>
/// <param name="Loss">Lower is better. Null: under way, or failed.</param>
internal readonly record struct PastTrial(double[] Point, double? Loss);

/// <summary>Proposes trials. Pure: the same arguments give the same point.</summary>
/// <remarks>
/// Tree-structured Parzen estimator: splits the ended trials into the best tenth and the rest, models both as densities l and g, draws candidates from l
/// and takes the one where l/g is highest. Defaults and details as in Optuna 5 (multivariate, constant liar), or of its univariate form.
/// Trials under way count among the rest; so do failed ones, which keeps the search away from where it fails.
/// </remarks>
internal sealed class TpeSampler(IReadOnlyList<Dimension> space, SearchMethod method, long seed)
{
    private const double GoodShare = 0.1;
    private const int MostGood = 25;

    private readonly Dimension[] dimensions = [.. space];
    private readonly int startup = method.Kind == SearchMethodKind.Random ? int.MaxValue : method.Startup ?? 10;
    private readonly int candidates = method.Candidates ?? 24;
    private readonly bool joint = method.Multivariate ?? true;
    private readonly bool constantLiar = method.ConstantLiar ?? true;

    /// <summary>The point to try as trial <paramref name="index"/>.</summary>
    /// <param name="history">What is known, by index. Their order decides the weights: the oldest first.</param>
    /// <param name="index">0 for the first trial; picks the random numbers.</param>
    public double[] Propose(IReadOnlyList<PastTrial> history, int index)
    {
        var random = new DeterministicRandom(seed, index);
        var ended = history.Count(trial => trial.Loss is not null);
        if (ended < startup || ended == 0)
        {
            return Array.ConvertAll(dimensions, dimension => DrawUniform(dimension, random));
        }

        var (good, rest) = Split(history, ended);
        var point = new double[dimensions.Length];
        if (joint)
        {
            var columns = Enumerable.Range(0, dimensions.Length).ToArray();
            Pick(dimensions, columns, good, rest, random, point);
        }
        else
        {
            for (var d = 0; d < dimensions.Length; d++)
            {
                Pick([dimensions[d]], [d], good, rest, random, point.AsSpan(d, 1));
            }
        }

        return point;
    }

    private static double DrawUniform(Dimension dimension, DeterministicRandom random) => dimension switch
    {
        { IsChoice: true } => random.NextIndex(dimension.ChoiceCount),
        _ => dimension.Snap(dimension.Low - dimension.Step / 2 + random.NextDouble() * dimension.Width),
    };

    /// <summary>The points of the best tenth (at most 25) and of the others, each the oldest first.</summary>
    private (List<double[]> Good, List<double[]> Others) Split(IReadOnlyList<PastTrial> history, int ended)
    {
        var goodCount = Math.Min((int)Math.Ceiling(GoodShare * ended), MostGood);
        var good = Enumerable.Range(0, history.Count)
            .Where(i => history[i].Loss is not null)
            .OrderBy(i => history[i].Loss)
            .ThenBy(i => i)
            .Take(goodCount)
            .ToHashSet();
        var goodPoints = new List<double[]>(goodCount);
        var restPoints = new List<double[]>(history.Count);
        for (var i = 0; i < history.Count; i++)
        {
            if (good.Contains(i))
            {
                goodPoints.Add(history[i].Point);
            }
            else if (history[i].Loss is not null || constantLiar)
            {
                restPoints.Add(history[i].Point);
            }
        }

        return (goodPoints, restPoints);
    }

    private void Pick(Dimension[] over, int[] columns, List<double[]> good, List<double[]> rest, DeterministicRandom random, Span<double> best)
    {
        var promising = new ParzenEstimator(over, columns, good);
        var others = new ParzenEstimator(over, columns, rest);
        var scratch = new double[Math.Max(promising.KernelCount, others.KernelCount)];
        Span<double> candidate = new double[over.Length];
        var highest = double.NegativeInfinity;
        for (var c = 0; c < candidates; c++)
        {
            promising.Draw(random, candidate);
            var gain = promising.LogDensity(candidate, scratch) - others.LogDensity(candidate, scratch);
            if (c == 0 || gain > highest)
            {
                highest = gain;
                candidate.CopyTo(best);
            }
        }
    }
}
