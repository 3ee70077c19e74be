using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Splitting;

/// <summary>
/// Gives each row a part, in a table <c>parts (file_row_number, orc$part)</c> of the session. Chance is MD5 over the seed and the row's position or group: it is the
/// same in every version of DuckDB, on every machine and for any number of threads, which DuckDB's own random and hash functions do not promise.
/// </summary>
internal sealed class SplitQuery(DuckSession duck, string parquet, SplitPlan plan)
{
    private readonly string rows = Sql.Rows(parquet);
    private readonly string column = plan.Column is { } known ? Sql.Name(known.Name) : "NULL";

    /// <summary>The rows of each part, in the plan's order.</summary>
    public async Task<IReadOnlyList<long>> AssignAsync(CancellationToken cancellation)
    {
        await RefuseNullsAsync(cancellation);
        await (plan.Strategy switch
        {
            SplitStrategy.Random => RandomAsync(cancellation),
            SplitStrategy.Stratified => StratifiedAsync(cancellation),
            SplitStrategy.Time => TimeAsync(cancellation),
            SplitStrategy.Group => GroupAsync(cancellation),
            var other => throw new InvalidOperationException($"no split by {other}"),
        });
        var counts = await duck.QueryAsync("SELECT \"orc$part\", count(*) FROM parts GROUP BY \"orc$part\"", row => (Part: row.GetInt32(0), Rows: row.GetInt64(1)), cancellation);
        return [.. plan.Parts.Select((part, index) => counts.FirstOrDefault(count => count.Part == index).Rows is > 0 and var found
            ? found
            : throw DataErrors.SplitPartEmpty(part.Name, plan.Rows, part.Fraction))];
    }

    private async Task RefuseNullsAsync(CancellationToken cancellation)
    {
        if (plan.Column is not { } known)
        {
            return;
        }

        var missing = known.Type == ColumnType.Number ? $"({column} IS NULL OR isnan({column}))" : $"{column} IS NULL";
        var (count, first) = (await duck.QueryAsync(
            $"SELECT count(*), coalesce(min(file_row_number), 0) FROM {rows} WHERE {missing}", row => (row.GetInt64(0), row.GetInt64(1)), cancellation))[0];
        if (count > 0)
        {
            var input = plan.Strategy switch { SplitStrategy.Stratified => "column to stratify by", SplitStrategy.Time => "time column", _ => "group column" };
            throw DataErrors.SplitNulls(input, known.Name, count, first + 1);
        }
    }

    private Task RandomAsync(CancellationToken cancellation)
    {
        var quotas = plan.Quotas(plan.Rows);
        return CreateAsync($"SELECT file_row_number, {PartOf("place", Ends(quotas))} FROM (SELECT file_row_number, row_number() OVER (ORDER BY {Chance("file_row_number")}, file_row_number) AS place FROM {rows})", cancellation);
    }

    private async Task StratifiedAsync(CancellationToken cancellation)
    {
        var classes = await duck.QueryAsync(
            $"SELECT CAST({column} AS VARCHAR), count(*) FROM {rows} GROUP BY {column} ORDER BY {column}", row => (Value: row.GetString(0), Rows: row.GetInt64(1)), cancellation);
        var quotas = Strata.Quotas([.. classes.Select(one => one.Rows)], plan.Quotas(plan.Rows)[..^1]);
        for (var c = 0; c < classes.Count; c++)
        {
            if (Array.FindIndex(quotas[c], quota => quota <= 0) is >= 0 and var empty)
            {
                throw DataErrors.SplitClassEmpty(plan.Column?.Name ?? "", classes[c].Value, classes[c].Rows, plan.Parts[empty].Name);
            }
        }

        var ends = quotas.Select((quota, c) => $"({c + 1}, {string.Join(", ", Ends(quota).Select(Sql.Number))})");
        var names = string.Join(", ", Enumerable.Range(0, plan.Parts.Count - 1).Select(i => $"end{i}"));
        await CreateAsync(
            $"SELECT file_row_number, {PartOf("place", [.. Enumerable.Range(0, plan.Parts.Count - 1).Select(i => $"end{i}")])} FROM ("
            + $"SELECT file_row_number, dense_rank() OVER (ORDER BY {column}) AS class, row_number() OVER (PARTITION BY {column} ORDER BY {Chance("file_row_number")}, file_row_number) AS place FROM {rows}) "
            + $"JOIN (VALUES {string.Join(", ", ends)}) AS quotas(class, {names}) USING (class)",
            cancellation);
    }

    private async Task TimeAsync(CancellationToken cancellation)
    {
        var quotas = plan.Quotas(plan.Rows);
        var distinct = (await duck.QueryAsync($"SELECT count(DISTINCT {column}) FROM {rows}", row => row.GetInt64(0), cancellation))[0];
        if (distinct < plan.Parts.Count)
        {
            throw DataErrors.SplitTooFew(plan.Column?.Name ?? "", distinct == 1 ? "time" : "times", distinct, plan.Parts.Count);
        }

        // Rows of one time are never divided: all of them go where the latest of them (counted from the end) would go.
        await CreateAsync(
            $"SELECT file_row_number, {PartOf("place", Ends(quotas))} FROM (SELECT file_row_number, rank() OVER (ORDER BY {column} DESC) AS place FROM {rows})", cancellation);
    }

    private async Task GroupAsync(CancellationToken cancellation)
    {
        var quotas = plan.Quotas(plan.Rows);
        var distinct = (await duck.QueryAsync($"SELECT count(DISTINCT {column}) FROM {rows}", row => row.GetInt64(0), cancellation))[0];
        if (distinct < plan.Parts.Count)
        {
            throw DataErrors.SplitTooFew(plan.Column?.Name ?? "", distinct == 1 ? "group" : "groups", distinct, plan.Parts.Count);
        }

        // Groups in an order of chance; a group belongs to the part in which its middle row falls, so that a large one is not always one too many.
        await CreateAsync(
            $"WITH groups AS (SELECT {column} AS \"orc$g\", count(*) AS \"orc$n\" FROM {rows} GROUP BY {column}), "
            + $"placed AS (SELECT \"orc$g\", sum(\"orc$n\") OVER (ORDER BY {Chance("CAST(\"orc$g\" AS VARCHAR)")}, \"orc$g\") - \"orc$n\" / 2.0 AS \"orc$place\" FROM groups) "
            + $"SELECT file_row_number, {PartOf("\"orc$place\"", Ends(quotas))} FROM {rows} JOIN placed ON {column} = \"orc$g\"",
            cancellation);
    }

    private Task CreateAsync(string select, CancellationToken cancellation) => duck.ExecuteAsync($"CREATE TEMP TABLE parts AS {select}", cancellation);

    private string Chance(string value) => $"md5_number_lower(concat('{plan.Seed.ToString(CultureInfo.InvariantCulture)}:', {value}))";

    /// <summary>The places at which parts end, but for the last.</summary>
    private static long[] Ends(long[] quotas)
    {
        var sum = 0L;
        return [.. quotas[..^1].Select(quota => sum += quota)];
    }

    private static string PartOf(string place, long[] ends) => PartOf(place, [.. ends.Select(Sql.Number)]);

    private static string PartOf(string place, string[] ends) =>
        $"CAST(CASE {string.Join(" ", ends.Select((end, index) => $"WHEN {place} <= {end} THEN {index}"))} ELSE {ends.Length} END AS INTEGER) AS \"orc$part\"";
}
