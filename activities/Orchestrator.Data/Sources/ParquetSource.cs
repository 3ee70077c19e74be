using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Sources;

/// <summary>Reads a Parquet file's schema and brings its many types to the few that learning knows.</summary>
internal static class ParquetSource
{
    public static async Task<SourceTable> ReadAsync(string path, string workingDirectory, CancellationToken cancellation)
    {
        using var duck = DuckSession.Open(workingDirectory, DuckSession.FoldersOf(path));
        var source = await OpenAsync(duck, path, cancellation);
        ColumnNames.Check(path, [.. source.Columns.Select(column => column.Name)]);
        return source.Rows > 0 ? source : throw DataErrors.HeaderOnly(path, source.Columns.Count);
    }

    /// <summary>Looks at a file's schema and row count with a session that may read it.</summary>
    public static async Task<SourceTable> OpenAsync(DuckSession duck, string path, CancellationToken cancellation)
    {
        var stamp = SourceFiles.Check(path);
        var notes = new List<string>();
        try
        {
            var relation = $"read_parquet({Sql.Text(path)})";
            var schema = await duck.DescribeAsync(relation, cancellation);
            var rows = (await duck.QueryAsync($"SELECT count(*) FROM {relation}", row => row.GetInt64(0), cancellation))[0];
            var columns = schema.Select(column => new ColumnInfo { Name = column.Name, Type = TypeOf(column.Name, column.Type, notes) }).ToArray();
            return new SourceTable
            {
                Path = path,
                Stamp = stamp,
                Columns = columns,
                Rows = rows,
                Select = $"SELECT {string.Join(", ", columns.Select(column => $"CAST({Sql.Name(column.Name)} AS {Sql.TypeOf(column.Type)}) AS {Sql.Name(column.Name)}"))} FROM {relation}",
                Files = [path],
                Notes = notes,
            };
        }
        catch (QueryException wrong)
        {
            throw DataErrors.ParquetUnreadable(path, wrong.Message.Split('\n')[0]);
        }
    }

    private static ColumnType TypeOf(string name, string type, List<string> notes)
    {
        switch (type)
        {
            case "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER":
                return ColumnType.Integer;
            case "FLOAT" or "DOUBLE" or "UBIGINT" or "HUGEINT" or "UHUGEINT":
            case var _ when type.StartsWith("DECIMAL", StringComparison.Ordinal) && !type.EndsWith("[]", StringComparison.Ordinal):
                return ColumnType.Number;
            case "BOOLEAN":
                return ColumnType.Boolean;
            case "DATE":
                return ColumnType.Date;
            case "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" or "TIMESTAMP WITH TIME ZONE":
                return ColumnType.Timestamp;
            default:
                if (type != "VARCHAR" && !type.StartsWith("ENUM", StringComparison.Ordinal))
                {
                    notes.Add($"column \"{name}\" is of type {type}; it is kept as text");
                }

                return ColumnType.Text;
        }
    }
}
