using System.Globalization;
using System.Runtime.CompilerServices;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.Copying;

/// <summary>Copies one table and reads it back.</summary>
internal sealed class TableCopy(IReadSession source, ServerSession target, ServerDialect dialect, ServerTransaction link, TableShape table)
{
    /// <summary>Rows in memory at once.</summary>
    private const int Page = 2000;

    public async Task<CopiedTable> RunAsync(CancellationToken cancellation)
    {
        var sent = new RowsChecksum();
        await dialect.LoadAsync(link.Connection, link.Transaction, table, ReadSourceAsync(sent, cancellation), cancellation);
        var stored = new RowsChecksum();
        var columns = string.Join(", ", table.Columns.Select(dialect.Quote));
        await foreach (var row in ServerDialect.ReadAsync(link.Connection, link.Transaction, $"SELECT {columns} FROM {dialect.Quote(table.Name)}", cancellation))
        {
            stored.Add(row);
        }

        if (stored.ToString() != sent.ToString())
        {
            throw StorageErrors.CopyDiffers($"of {table.Name}, {sent} was sent and {stored} was read back (rows, checksum)");
        }

        if (dialect.RestartNumbers(table) is { } restart)
        {
            _ = await target.FindAsync<object>(restart, null, cancellation);
        }

        return new CopiedTable { Name = table.Name, Rows = sent.Rows, Checksum = sent.Checksum };
    }

    private async IAsyncEnumerable<object?[]> ReadSourceAsync(RowsChecksum checksum, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var columns = string.Join(", ", table.Columns.Select(column => $"\"{column}\""));
        var key = await source.QueryAsync<string>("SELECT name FROM pragma_table_info(@table) WHERE pk > 0 ORDER BY pk", new { table = table.Name }, cancellation);
        var order = string.Join(", ", key.Select(column => $"\"{column}\""));
        // A page begins after the last key of the page before: the hundredth page costs what the first one did.
        var after = string.Join(", ", key.Select((_, i) => $"@k{i.ToString(CultureInfo.InvariantCulture)}"));
        Dictionary<string, object?>? last = null;
        while (true)
        {
            var rows = await source.QueryAsync<object>(
                $"SELECT {columns} FROM \"{table.Name}\" {(last is null ? "" : $"WHERE ({order}) > ({after})")} ORDER BY {order} LIMIT {Page.ToString(CultureInfo.InvariantCulture)}", last, cancellation);
            foreach (var row in rows.Cast<IDictionary<string, object?>>())
            {
                var values = table.Columns.Select((column, i) => ToKind(row[column], table.Kinds[i])).ToArray();
                checksum.Add(values);
                yield return values;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            var end = (IDictionary<string, object?>)rows[^1];
            last = key.Select((column, i) => (Name: $"k{i.ToString(CultureInfo.InvariantCulture)}", Value: end[column])).ToDictionary(one => one.Name, one => one.Value);
        }
    }

    /// <summary>SQLite keeps what it is given; a column of another database has one kind.</summary>
    private object? ToKind(object? value, ColumnKind kind) => (value, kind) switch
    {
        (null or DBNull, _) => null,
        (long number, ColumnKind.Real) => (double)number,
        (string text, _) => dialect.Clean(text),
        _ => value,
    };
}
