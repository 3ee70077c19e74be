using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation;

/// <summary>How a model does on the parts of the data that one column makes.</summary>
/// <param name="Column">The column.</param>
/// <param name="Slices">Its values or ranges, in order.</param>
internal sealed record SliceTable(string Column, IReadOnlyList<Slice> Slices);

/// <summary>One part.</summary>
/// <param name="Name">The value or range.</param>
/// <param name="Rows">How many.</param>
/// <param name="Headline">The main metric of all rows on this part, with its interval; not finite where it is not defined.</param>
/// <param name="Metrics">All metrics that are defined on the part.</param>
/// <param name="Share">Classification in two classes: the share of positives. Regression: the mean of the label.</param>
internal sealed record Slice(string Name, int Rows, HeadlineInterval Headline, IReadOnlyList<MetricValue> Metrics, double? Share);

/// <summary>Cuts rows into slices and measures each.</summary>
internal static class Slicing
{
    /// <summary>A text column with more values shows the most frequent ones and the rest together: a table of hundreds of lines answers nobody.</summary>
    private const int MostValues = 12;

    /// <summary>A numeric column with no more values than this is a code or a count, and each value is a slice.</summary>
    private const int MostDistinctNumbers = 8;

    private static readonly double[] Quartiles = [0.25, 0.5, 0.75];

    public static SliceTable Measure(string column, Table table, ScoredRows scored, long seed, CancellationToken cancellation)
    {
        var values = table.Find(column) ?? throw new ArgumentException($"The table has no column {column}.", nameof(column));
        return new SliceTable(column, [.. Cut(values, table.RowCount).Select(part => Measure(part.Name, scored.Take(part.Rows), scored.Headline, seed, cancellation))]);
    }

    /// <summary>The slices of a column with their rows; every row is in one of them, and none is empty.</summary>
    internal static IReadOnlyList<(string Name, int[] Rows)> Cut(TableColumn column, int rowCount)
    {
        var rows = Enumerable.Range(0, rowCount);
        return column switch
        {
            TextColumn { Values: var texts } => ByValue(rows, row => texts[row]),
            NumberColumn { Type: ColumnType.Boolean, Values: var truths } => ByValue(rows, row => double.IsNaN(truths[row]) ? null : truths[row] != 0 ? "true" : "false"),
            NumberColumn { Values: var numbers } => ByNumber(rows, numbers),
            _ => throw new ArgumentOutOfRangeException(nameof(column), column.GetType().Name, "not a kind of column"),
        };
    }

    private static Slice Measure(string name, ScoredRows rows, MetricInfo headline, long seed, CancellationToken cancellation) => new(
        name,
        rows.Count,
        HeadlineInterval.Of(rows, headline, seed, cancellation),
        rows.Measure(),
        rows switch
        {
            ClassScores { IsBinary: true } classes => classes.Labels.Average(),
            ValueScores values => values.Actual.Average(),
            _ => null,
        });

    private static List<(string Name, int[] Rows)> ByValue(IEnumerable<int> rows, Func<int, string?> valueOf)
    {
        var groups = rows.GroupBy(valueOf).Select(group => (Value: group.Key, Rows: group.ToArray())).ToArray();
        var named = groups.Where(group => group.Value is not null).OrderByDescending(group => group.Rows.Length).ThenBy(group => group.Value, StringComparer.Ordinal).ToArray();
        var slices = named.Take(MostValues).Select(group => (Name: group.Value ?? "", group.Rows)).OrderBy(slice => slice.Name, StringComparer.Ordinal).ToList();
        if (named.Length > MostValues)
        {
            slices.Add(($"{named.Length - MostValues} other values", [.. named.Skip(MostValues).SelectMany(group => group.Rows).Order()]));
        }

        slices.AddRange(groups.Where(group => group.Value is null).Select(group => ("(missing)", group.Rows)));
        return slices;
    }

    private static IReadOnlyList<(string Name, int[] Rows)> ByNumber(IEnumerable<int> rows, double[] numbers)
    {
        double[] known = [.. numbers.Where(number => !double.IsNaN(number)).Order()];
        double[] distinct = [.. known.Distinct()];
        if (distinct.Length <= MostDistinctNumbers)
        {
            var byValue = rows.GroupBy(row => numbers[row]).OrderBy(group => double.IsNaN(group.Key) ? double.PositiveInfinity : group.Key);
            return [.. byValue.Select(group => (double.IsNaN(group.Key) ? "(missing)" : Text(group.Key), group.ToArray()))];
        }

        // Equal quartiles of a lumpy column would make empty slices; only distinct edges cut.
        double[] edges = [.. Quartiles.Select(share => known[(int)Math.Ceiling(share * known.Length) - 1]).Distinct().Where(edge => edge < known[^1])];
        var parts = rows.GroupBy(row => double.IsNaN(numbers[row]) ? edges.Length + 1 : edges.Count(edge => numbers[row] > edge)).OrderBy(group => group.Key);
        return [.. parts.Select(group => (NameOf(group.Key, edges), group.ToArray()))];
    }

    private static string NameOf(int part, double[] edges) => part switch
    {
        _ when part > edges.Length => "(missing)",
        0 => $"≤ {Text(edges[0])}",
        _ when part == edges.Length => $"> {Text(edges[^1])}",
        _ => $"{Text(edges[part - 1])} – {Text(edges[part])}",
    };

    private static string Text(double number) => Math.Abs(number) < 1e6 ? number.ToString("0.####", CultureInfo.InvariantCulture) : Numbers.Format(number);
}
