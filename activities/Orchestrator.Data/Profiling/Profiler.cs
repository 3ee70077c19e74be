using System.Data.Common;
using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Profiling;

/// <summary>Profiles a table in two queries: one scan for everything that is an aggregate, one that groups for frequent values and fills histograms between the ends that the first found.</summary>
internal static class Profiler
{
    /// <summary>The shares of <see cref="ColumnProfile.Quantiles"/>.</summary>
    public static readonly double[] Shares = [0.05, 0.25, 0.5, 0.75, 0.95];

    private const int Bins = 20;
    private const int TopValues = 10;

    /// <summary>Above it, exact distinct counts and quantiles cost more than they tell; estimates are within about 2 %.</summary>
    private const long ExactRows = 1_000_000;

    public static async Task<DatasetProfile> ProfileAsync(DuckSession duck, string parquet, IReadOnlyList<ColumnInfo> columns, long rows, CancellationToken cancellation)
    {
        var exact = rows <= ExactRows;
        var table = $"read_parquet({Sql.Text(parquet)})";
        var questions = columns.SelectMany((column, index) => Questions(column, exact).Select(pair => $"{pair.Sql} AS \"{index}.{pair.Name}\""));
        var profiles = (await duck.QueryAsync(
            $"SELECT {string.Join(", ", questions)} FROM {table}",
            row => columns.Select((column, index) => Read(row, column, index, rows, exact)).ToArray(),
            cancellation))[0];

        var top = await duck.QueryAsync(
            string.Join(" UNION ALL ", columns.Select((column, index) => Top(column, index, table))),
            row => (Column: row.GetInt32(0), Value: new ValueCount { Value = row.GetString(1), Count = row.GetInt64(2) }),
            cancellation);
        var histograms = await HistogramsAsync(duck, table, profiles, cancellation);
        return new DatasetProfile
        {
            Rows = rows,
            Columns = [.. profiles.Select((profile, index) => profile with { Top = [.. top.Where(t => t.Column == index).Select(t => t.Value)], Histogram = histograms.GetValueOrDefault(index) })],
        };
    }

    private static bool IsNumeric(ColumnType type) => type is ColumnType.Number or ColumnType.Integer;

    private static IEnumerable<(string Name, string Sql)> Questions(ColumnInfo column, bool exact)
    {
        var name = Sql.Name(column.Name);
        var known = column.Type == ColumnType.Number ? $"(WHERE NOT isnan({name}))" : "";
        var finite = column.Type == ColumnType.Number ? $"FILTER (WHERE isfinite({name}))" : "";
        var filter = known.Length > 0 ? $"FILTER {known}" : "";
        yield return ("nulls", $"count(*) - count({name})");
        yield return ("distinct", exact ? $"count(DISTINCT {name}) {filter}" : $"approx_count_distinct({name}) {filter}");
        yield return ("min", $"CAST(min({name}) {filter} AS VARCHAR)");
        yield return ("max", $"CAST(max({name}) {filter} AS VARCHAR)");
        if (column.Type == ColumnType.Number)
        {
            yield return ("nans", $"count(*) FILTER (WHERE isnan({name}))");
            yield return ("infinities", $"count(*) FILTER (WHERE isinf({name}))");
        }

        if (IsNumeric(column.Type))
        {
            yield return ("mean", $"avg({name}) {finite}");
            yield return ("sd", $"stddev_samp({name}) {finite}");
            yield return ("zeros", $"count(*) FILTER (WHERE {name} = 0)");
            yield return ("low", $"CAST(min({name}) {finite} AS DOUBLE)");
            yield return ("high", $"CAST(max({name}) {finite} AS DOUBLE)");
            var shares = string.Join(", ", Shares.Select(share => share.ToString(CultureInfo.InvariantCulture)));
            yield return ("quantiles", $"CAST({(exact ? "quantile_cont" : "approx_quantile")}({name}, [{shares}]) {finite} AS DOUBLE[])");
        }
    }

    private static ColumnProfile Read(DbDataReader row, ColumnInfo column, int index, long rows, bool exact)
    {
        object? Answer(string name) => row[$"{index}.{name}"] is { } value and not DBNull ? value : null;
        long Whole(string name) => Convert.ToInt64(Answer(name), CultureInfo.InvariantCulture);
        var nulls = Whole("nulls");
        var profile = new ColumnProfile
        {
            Name = column.Name,
            Type = column.Type,
            Count = rows - nulls,
            Nulls = nulls,
            Distinct = Whole("distinct"),
            Estimated = exact ? null : true,
            Min = Answer("min") as string,
            Max = Answer("max") as string,
        };
        if (column.Type == ColumnType.Number)
        {
            var nans = Whole("nans");
            profile = profile with { Count = profile.Count - nans, NaNs = nans > 0 ? nans : null, Infinities = Whole("infinities") is > 0 and var infinities ? infinities : null };
        }

        return !IsNumeric(column.Type) ? profile : profile with
        {
            Mean = Answer("mean") as double?,
            StandardDeviation = Answer("sd") as double?,
            Zeros = Whole("zeros"),
            Quantiles = (Answer("quantiles") as System.Collections.IEnumerable)?.Cast<double>().ToArray(),
            // The counts are filled in by the second query.
            Histogram = Answer("low") is double low && Answer("high") is double high && high > low && double.IsFinite(high - low) ? new Histogram { From = low, To = high, Counts = [] } : null,
        };
    }

    private static string Top(ColumnInfo column, int index, string table)
    {
        var name = Sql.Name(column.Name);
        return $"(SELECT {index}, CAST({name} AS VARCHAR), \"orc$n\" FROM (SELECT {name}, count(*) AS \"orc$n\" FROM {table} WHERE {name} IS NOT NULL GROUP BY {name}) ORDER BY 3 DESC, 2 LIMIT {TopValues})";
    }

    private static async Task<Dictionary<int, Histogram>> HistogramsAsync(DuckSession duck, string table, ColumnProfile[] profiles, CancellationToken cancellation)
    {
        var wanted = profiles.Select((profile, index) => (profile, index)).Where(pair => pair.profile.Histogram is not null).ToArray();
        if (wanted.Length == 0)
        {
            return [];
        }

        var questions = wanted.SelectMany(pair => Enumerable.Range(0, Bins).Select(bin => Bin(pair.profile, bin)));
        var counts = (await duck.QueryAsync(
            $"SELECT {string.Join(", ", questions)} FROM {table}",
            row => Enumerable.Range(0, row.FieldCount).Select(row.GetInt64).ToArray(),
            cancellation))[0];
        return wanted.Select((pair, place) => (pair.index, Histogram: (pair.profile.Histogram ?? throw new InvalidOperationException("filtered above")) with { Counts = counts[(place * Bins)..((place + 1) * Bins)] }))
            .ToDictionary(pair => pair.index, pair => pair.Histogram);
    }

    private static string Bin(ColumnProfile profile, int bin)
    {
        var (low, high) = (profile.Histogram?.From ?? 0, profile.Histogram?.To ?? 0);
        var name = Sql.Name(profile.Name);
        var from = Sql.Number(low + ((high - low) * bin / Bins));
        return bin == Bins - 1
            ? $"count(*) FILTER (WHERE {name} >= {from} AND {name} <= {Sql.Number(high)})"
            : $"count(*) FILTER (WHERE {name} >= {from} AND {name} < {Sql.Number(low + ((high - low) * (bin + 1) / Bins))})";
    }
}
