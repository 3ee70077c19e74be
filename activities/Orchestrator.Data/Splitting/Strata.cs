namespace Orchestrator.Data.Splitting;

/// <summary>Shares out the rows of parts among classes.</summary>
internal static class Strata
{
    /// <summary>
    /// Rows of each class in each part, the last part getting the rest. The first part has exactly its total and, in each class, the class's share of it rounded
    /// down or up (largest remainder, Hamilton's method); the next part is shared out in the same way among what is left.
    /// </summary>
    /// <param name="classes">Rows of each class.</param>
    /// <param name="totals">Rows of each part but the last; together at most all rows.</param>
    public static long[][] Quotas(IReadOnlyList<long> classes, IReadOnlyList<long> totals)
    {
        var left = classes.ToArray();
        var quotas = classes.Select(_ => new long[totals.Count + 1]).ToArray();
        for (var part = 0; part < totals.Count; part++)
        {
            var share = LargestRemainder(left, totals[part]);
            for (var c = 0; c < left.Length; c++)
            {
                quotas[c][part] = share[c];
                left[c] -= share[c];
            }
        }

        for (var c = 0; c < left.Length; c++)
        {
            quotas[c][totals.Count] = left[c];
        }

        return quotas;
    }

    private static long[] LargestRemainder(long[] weights, long total)
    {
        var all = weights.Sum();
        var shares = new long[weights.Length];
        var remainders = new (Int128 Remainder, int Class)[weights.Length];
        for (var c = 0; c < weights.Length; c++)
        {
            // In whole numbers: a remainder that rounding error decides would not be the same everywhere.
            var product = (Int128)weights[c] * total;
            shares[c] = (long)(product / all);
            remainders[c] = (product % all, c);
        }

        foreach (var (_, c) in remainders.OrderByDescending(r => r.Remainder).ThenBy(r => r.Class).Take((int)(total - shares.Sum())))
        {
            shares[c]++;
        }

        return shares;
    }
}
