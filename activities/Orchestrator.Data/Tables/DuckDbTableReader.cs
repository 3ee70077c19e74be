using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Sources;
using DuckDBDataReader = DuckDB.NET.Data.DuckDBDataReader;

namespace Orchestrator.Data.Tables;

/// <summary>Reads rows into memory by column, through DuckDB.</summary>
internal sealed class DuckDbTableReader : ITableReader
{
    public async Task<Table> ReadAsync(string path, IReadOnlyList<string>? columns, CancellationToken cancellation)
    {
        using var scratch = new ScratchFolder();
        using var duck = DuckSession.Open(scratch.Path, DuckSession.FoldersOf(path), threads: 1);
        var source = await ParquetSource.OpenAsync(duck, path, cancellation);
        var names = source.Columns.Select(column => column.Name).ToArray();
        var chosen = columns is null
            ? source.Columns
            : [.. columns.Select(name => source.Columns.FirstOrDefault(column => column.Name == name) ?? throw DataErrors.ColumnMissing(name, names))];
        return await ReadAsync(duck, source, chosen, cancellation);
    }

    public async Task<Table> ReadSourceAsync(string path, CancellationToken cancellation)
    {
        using var scratch = new ScratchFolder();
        var source = await SourceReader.ReadAsync(Path.GetFullPath(path), new SourceOptions(), scratch.Path, cancellation);
        using var duck = DuckSession.Open(scratch.Path, DuckSession.FoldersOf(source.Files), threads: 1);
        return await ReadAsync(duck, source, source.Columns, cancellation);
    }

    private static async Task<Table> ReadAsync(DuckSession duck, SourceTable source, IReadOnlyList<ColumnInfo> columns, CancellationToken cancellation)
    {
        if (source.Rows > Array.MaxLength)
        {
            throw DataErrors.TooManyRows(source.Rows);
        }

        var count = (int)source.Rows;
        var sinks = columns.Select(column => new Sink(column, count)).ToArray();
        var row = 0;
        var list = string.Join(", ", columns.Select(Expression));
        try
        {
            if (columns.Count > 0)
            {
                await duck.ReadAsync(
                    $"SELECT {list} FROM ({source.Select})",
                    reader =>
                    {
                        for (var i = 0; i < sinks.Length; i++)
                        {
                            sinks[i].Take(reader, i, row);
                        }

                        row++;
                    },
                    cancellation);
            }
        }
        catch (QueryException wrong)
        {
            throw DataErrors.ReadDiffers(source.Path, wrong.Message.Split('\n')[0]);
        }

        return columns.Count > 0 && row != count
            ? throw DataErrors.ReadDiffers(source.Path, string.Create(CultureInfo.InvariantCulture, $"{count} rows at first, then {row}"))
            : new Table { RowCount = count, Columns = [.. sinks.Select(sink => sink.ToColumn())] };
    }

    // One SQL type for all numbers, so that each value is read without a look at its type.
    private static string Expression(ColumnInfo column) => column.Type switch
    {
        ColumnType.Text => Sql.Name(column.Name),
        ColumnType.Date or ColumnType.Timestamp => $"epoch({Sql.Name(column.Name)})",
        _ => $"CAST({Sql.Name(column.Name)} AS DOUBLE)",
    };

    private sealed class Sink(ColumnInfo column, int rows)
    {
        private readonly double[] numbers = column.Type == ColumnType.Text ? [] : new double[rows];
        private readonly string?[] texts = column.Type == ColumnType.Text ? new string?[rows] : [];

        // Texts of a table repeat; one object for each different text saves most of their memory. Ids do not repeat, and stop being remembered.
        private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);

        public void Take(DuckDBDataReader reader, int ordinal, int row)
        {
            if (row >= rows)
            {
                return;
            }

            if (column.Type != ColumnType.Text)
            {
                numbers[row] = reader.IsDBNull(ordinal) ? double.NaN : reader.GetDouble(ordinal);
            }
            else if (!reader.IsDBNull(ordinal))
            {
                var text = reader.GetString(ordinal);
                texts[row] = known.TryGetValue(text, out var same) || (known.Count < 10_000 && known.TryAdd(text, text) && known.TryGetValue(text, out same)) ? same : text;
            }
        }

        public TableColumn ToColumn() => column.Type == ColumnType.Text
            ? new TextColumn { Name = column.Name, Type = column.Type, Values = texts }
            : new NumberColumn { Name = column.Name, Type = column.Type, Values = numbers };
    }
}
