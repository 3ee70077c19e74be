using Orchestrator.Training.Sweeps.Tpe;

namespace Orchestrator.Training.Fitting;

/// <summary>
/// Divides rows into parts by a hash of the row's number: the same rows for the same data on every machine, whatever the seed, so that trials of a sweep
/// are scored on the same rows. Within each class the shares are kept.
/// </summary>
internal static class Holdout
{
    /// <summary>Takes a share of the rows away, at least one of each class and at most all but one.</summary>
    /// <param name="labels">One label per row; for regression an empty array's worth of classes, see <paramref name="byClass"/>.</param>
    /// <param name="byClass">True: keep the shares of classes.</param>
    /// <param name="fraction">Above 0 and below 1.</param>
    public static (int[] Others, int[] Held) Split(double[] labels, bool byClass, double fraction)
    {
        var held = Groups(labels, byClass)
            .SelectMany(rows => rows.Take(Math.Clamp((int)Math.Round(fraction * rows.Length), 1, Math.Max(1, rows.Length - 1))))
            .ToHashSet();
        return Partition(labels.Length, held.Contains);
    }

    /// <summary>Divides the rows into parts of the same size; for each part the other rows and its own.</summary>
    public static IEnumerable<(int[] Others, int[] Held)> Folds(double[] labels, bool byClass, int count)
    {
        var part = new int[labels.Length];
        var next = 0;
        foreach (var row in Groups(labels, byClass).SelectMany(rows => rows))
        {
            part[row] = next++ % count;
        }

        return Enumerable.Range(0, count).Select(fold => Partition(labels.Length, row => part[row] == fold));
    }

    private static IEnumerable<int[]> Groups(double[] labels, bool byClass) => Enumerable.Range(0, labels.Length)
        .GroupBy(row => byClass ? labels[row] : 0)
        .OrderBy(group => group.Key)
        .Select(group => group.OrderBy(row => DeterministicRandom.Mix((ulong)row + 1)).ThenBy(row => row).ToArray());

    private static (int[] Others, int[] Held) Partition(int count, Func<int, bool> isHeld)
    {
        var rest = new List<int>(count);
        var held = new List<int>();
        for (var row = 0; row < count; row++)
        {
            (isHeld(row) ? held : rest).Add(row);
        }

        return ([.. rest], [.. held]);
    }
}
