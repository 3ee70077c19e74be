using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Profiling;
using Orchestrator.Data.Validation;

namespace Orchestrator.Data.Inspection;

/// <summary>Rules that hold on a table as it is, loose enough to hold on its next delivery: ends rounded outward, row count halved.</summary>
internal static class ProposedRules
{
    /// <summary>A text of more values than this is no closed set.</summary>
    private const int LargestSet = 10;

    public static IReadOnlyList<Expectation> For(DatasetProfile profile, IReadOnlySet<string> leftOut, string? label)
    {
        var rules = new List<Expectation> { new() { RowCount = new Bounds { Min = Math.Max(1, RoundDown(profile.Rows / 2.0)) } } };
        rules.AddRange(profile.Columns.Where(column => !leftOut.Contains(column.Name)).Select(column => ForColumn(column, column.Name == label)).OfType<Expectation>());
        return rules;
    }

    private static Expectation? ForColumn(ColumnProfile column, bool isLabel)
    {
        var rule = new Expectation { Column = column.Name };
        if (column.Nulls == 0 && column.NaNs is null)
        {
            rule = rule with { NotNull = true };
        }

        var small = column.Distinct <= LargestSet && column.Distinct == column.Top.Count;
        rule = column.Type switch
        {
            // A set of texts is closed only if each of its values is common; a rare one says that more may come.
            ColumnType.Text when small && (isLabel || column.Top[^1].Count >= 0.001 * column.Count) =>
                rule with { InSet = [.. column.Top.Select(top => (Scalar)top.Value).OrderBy(value => value.Text, StringComparer.Ordinal)] },
            ColumnType.Integer when isLabel && small =>
                rule with { InSet = [.. column.Top.Select(top => long.Parse(top.Value, CultureInfo.InvariantCulture)).Order().Select(value => (Scalar)value)] },
            ColumnType.Number or ColumnType.Integer when column.Histogram is { } histogram && column.Infinities is null => rule with { Between = Around(histogram.From, histogram.To) },
            _ => rule,
        };
        return rule.Rules().Any() ? rule : null;
    }

    /// <summary>A range with a quarter of its width to spare on each side, at numbers a person would write; never across zero.</summary>
    internal static Bounds Around(double low, double high)
    {
        var spare = (high - low) / 4;
        var min = low >= 0 ? Math.Max(0, RoundDown(low - spare)) : RoundDown(low - spare);
        var max = high <= 0 ? Math.Min(0, -RoundDown(-(high + spare))) : -RoundDown(-(high + spare));
        return new Bounds { Min = new Scalar(min), Max = new Scalar(max) };
    }

    /// <summary>The next number below with two digits that are not zero.</summary>
    internal static double RoundDown(double number)
    {
        if (number == 0 || !double.IsFinite(number))
        {
            return 0;
        }

        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(number))) - 1;
        // A power of ten below one is exact only as a divisor.
        return exponent >= 0
            ? Math.Floor(number / Math.Pow(10, exponent)) * Math.Pow(10, exponent)
            : Math.Floor(number * Math.Pow(10, -exponent)) / Math.Pow(10, -exponent);
    }
}
