using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.Copying;

/// <summary>Compares the tables of source and target, which migrations of the same sets made.</summary>
internal sealed class TableShapes(IReadSession source, IReadSession target, ServerDialect dialect)
{
    /// <exception cref="StorageException">A table or a column is on one side only.</exception>
    public async Task<IReadOnlyList<TableShape>> FindAsync(IReadOnlyList<string> tables, CancellationToken cancellation)
    {
        var targets = (await target.QueryAsync<ColumnRow>(dialect.ListColumns, null, cancellation)).ToLookup(column => column.Table, StringComparer.Ordinal);
        var shapes = new List<TableShape>();
        foreach (var table in tables)
        {
            var columns = targets[table].ToList();
            var sources = await source.QueryAsync<string>("SELECT name FROM pragma_table_info(@table)", new { table }, cancellation);
            var missing = sources.Except(columns.Select(column => column.Column), StringComparer.Ordinal).Concat(columns.Select(column => column.Column).Except(sources, StringComparer.Ordinal)).ToList();
            if (missing.Count > 0 || columns.Count == 0)
            {
                throw StorageErrors.CopyDiffers($"the columns of {table} are not the same: {string.Join(", ", missing)}");
            }

            shapes.Add(new TableShape(
                table,
                [.. columns.Select(column => column.Column)],
                [.. columns.Select(column => Enum.Parse<ColumnKind>(column.Kind))],
                columns.Find(column => column.IsNumbered)?.Column));
        }

        return shapes;
    }

    private sealed class ColumnRow
    {
        public required string Table { get; init; }

        public required string Column { get; init; }

        public required string Kind { get; init; }

        public required bool IsNumbered { get; init; }
    }
}
