using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation.Resampling;

/// <summary>How a bootstrap is drawn.</summary>
internal sealed record BootstrapOptions
{
    /// <summary>How many resamples; more make the interval's ends steadier, in proportion to the square root.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>The same seed gives the same resamples on every machine.</summary>
    public long Seed { get; init; }

    /// <summary>For each row the unit it belongs to, 0..G−1; units are drawn whole (a cluster bootstrap). Null: every row is a unit.</summary>
    public int[]? Units { get; init; }

    public CancellationToken Cancellation { get; init; }
}

/// <summary>The values that metrics take on resamples of the same rows, drawn jointly: in one resample every metric sees the same rows.</summary>
/// <param name="Observed">Per metric, its value on the rows themselves.</param>
/// <param name="Replicates">Per metric, its value on each resample; NaN where a resample left it undefined.</param>
/// <param name="Jackknife">Per metric, its value without each block of units.</param>
internal sealed record BootstrapSample(double[] Observed, double[][] Replicates, double[][] Jackknife);

/// <summary>Draws rows with replacement, the same rows for every metric (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 6 and 14).</summary>
internal static class Bootstrap
{
    /// <summary>Leaving out blocks instead of single rows keeps the jackknife linear for large data; its skewness, all that it is needed for, stays an unbiased guess.</summary>
    private const int MostJackknifeBlocks = 400;

    /// <param name="metrics">The metrics, each prepared on the same n rows in the same order.</param>
    /// <param name="rows">n ≥ 1.</param>
    /// <param name="options">How to draw.</param>
    public static BootstrapSample Draw(IReadOnlyList<PreparedMetric> metrics, int rows, BootstrapOptions options)
    {
        var unitCount = options.Units is { Length: > 0 } units ? units.Max() + 1 : rows;
        var replicates = metrics.Select(_ => new double[options.Resamples]).ToArray();
        ForEach(options.Resamples, rows, unitCount, (resample, weights, unitWeights) =>
        {
            DrawWeights(new SeededRandom(options.Seed, resample), weights, unitWeights, options.Units);
            EvaluateAll(metrics, weights, replicates, resample);
        }, options.Cancellation);

        var blocks = Math.Min(unitCount, MostJackknifeBlocks);
        var jackknife = metrics.Select(_ => new double[blocks]).ToArray();
        ForEach(blocks, rows, unitCount: 0, (block, weights, _) =>
        {
            for (var row = 0; row < weights.Length; row++)
            {
                weights[row] = (options.Units?[row] ?? row) % blocks == block ? 0 : 1;
            }

            EvaluateAll(metrics, weights, jackknife, block);
        }, options.Cancellation);

        return new BootstrapSample([.. metrics.Select(metric => metric.Evaluate())], replicates, jackknife);
    }

    private static void DrawWeights(SeededRandom random, double[] weights, double[] unitWeights, int[]? units)
    {
        var drawn = units is null ? weights : unitWeights;
        Array.Clear(drawn);
        for (var i = 0; i < drawn.Length; i++)
        {
            drawn[random.NextIndex(drawn.Length)]++;
        }

        for (var row = 0; units is not null && row < weights.Length; row++)
        {
            weights[row] = unitWeights[units[row]];
        }
    }

    private static void EvaluateAll(IReadOnlyList<PreparedMetric> metrics, double[] weights, double[][] into, int index)
    {
        for (var i = 0; i < metrics.Count; i++)
        {
            into[i][index] = metrics[i].Evaluate(weights);
        }
    }

    private static void ForEach(int count, int rows, int unitCount, Action<int, double[], double[]> body, CancellationToken cancellation) =>
        Parallel.For(
            0,
            count,
            new ParallelOptions { CancellationToken = cancellation },
            () => (Weights: new double[rows], Units: new double[unitCount]),
            (index, _, buffers) =>
            {
                body(index, buffers.Weights, buffers.Units);
                return buffers;
            },
            _ => { });
}
