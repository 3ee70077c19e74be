using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Sources;

/// <summary>Reads a JSON lines file once: each line is an object, its members are columns; a member that a line lacks is missing there.</summary>
internal static class JsonLinesSource
{
    public static async Task<SourceTable> ReadAsync(string path, FileStamp stamp, SourceOptions options, string workingDirectory, CancellationToken cancellation)
    {
        var text = await Transcoding.ToUtf8Async(path, options.Encoding, workingDirectory, cancellation);
        using var buffer = new TextBuffer(text, options.Encoding);
        await buffer.FillAsync(cancellation);
        var columns = new Columns(path);
        var rows = 0L;
        while (!(buffer.Final && buffer.Data.IsEmpty))
        {
            var end = buffer.Data.IndexOf((byte)'\n');
            if (end < 0 && !buffer.Final)
            {
                await buffer.FillAsync(cancellation);
                continue;
            }

            var length = end < 0 ? buffer.Data.Length : end + 1;
            if (buffer.Data[..length].IndexOfAnyExcept(" \t\r\n"u8) >= 0)
            {
                columns.AddRow(buffer.Data[..length], buffer.Line);
                rows++;
            }

            buffer.Take(length, lines: 1);
        }

        if (rows == 0)
        {
            throw DataErrors.FileEmpty(path);
        }

        ColumnNames.Check(path, [.. columns.All.Select(column => column.Name)]);
        return new SourceTable
        {
            Path = path,
            Stamp = stamp,
            Columns = [.. columns.All.Select(column => new ColumnInfo { Name = column.Name, Type = column.Type })],
            Rows = rows,
            Select = Select(text, columns.All),
            Files = [text],
            Notes = [.. columns.Notes, .. columns.All.Select(column => column.Note).OfType<string>()],
        };
    }

    private static string Select(string text, IReadOnlyList<ColumnGuess> columns)
    {
        var types = string.Join(", ", columns.Select(column => $"{Sql.Text(column.Name)}: {Sql.Text(column.Type is ColumnType.Date or ColumnType.Timestamp ? "VARCHAR" : Sql.TypeOf(column.Type))}"));
        var list = string.Join(", ", columns.Select(column => column.Type switch
        {
            ColumnType.Date => $"CAST({Sql.Name(column.Name)} AS DATE) AS {Sql.Name(column.Name)}",
            ColumnType.Timestamp => $"CAST(CAST({Sql.Name(column.Name)} AS TIMESTAMPTZ) AS TIMESTAMP) AS {Sql.Name(column.Name)}",
            _ => Sql.Name(column.Name),
        }));
        return $"SELECT {list} FROM read_json({Sql.Text(text)}, format = 'newline_delimited', columns = {{{types}}}, maximum_object_size = {TextBuffer.MostBytesOfARow + 1024})";
    }

    private sealed class Columns(string path)
    {
        private readonly Dictionary<string, ColumnGuess> byName = new(StringComparer.Ordinal);
        private readonly HashSet<string> inThisRow = new(StringComparer.Ordinal);
        private readonly HashSet<string> nested = new(StringComparer.Ordinal);

        public List<ColumnGuess> All { get; } = [];

        public IEnumerable<string> Notes => nested.Select(name => $"column \"{name}\" has lists or objects in it; they are kept as their JSON text");

        public void AddRow(ReadOnlySpan<byte> line, long number)
        {
            inThisRow.Clear();
            try
            {
                var reader = new Utf8JsonReader(line);
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                {
                    throw DataErrors.BadJsonLine(path, number, "it does not begin with {");
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString() ?? "";
                    if (!inThisRow.Add(name))
                    {
                        throw DataErrors.BadJsonLine(path, number, $"member \"{name}\" appears twice");
                    }

                    reader.Read();
                    AddValue(ref reader, line, name, number);
                }

                if (reader.Read())
                {
                    throw DataErrors.BadJsonLine(path, number, "something follows the object");
                }
            }
            catch (JsonException wrong)
            {
                throw DataErrors.BadJsonLine(path, number, $"{wrong.Message.Split(" LineNumber", 2)[0]} (byte {wrong.BytePositionInLine} of the line)");
            }
        }

        private void AddValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, string name, long number)
        {
            if (!byName.TryGetValue(name, out var column))
            {
                column = new ColumnGuess(name);
                byName.Add(name, column);
                All.Add(column);
            }

            switch (reader.TokenType)
            {
                case JsonTokenType.Null:
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    column.AddKnown(ColumnType.Boolean, reader.ValueSpan, number);
                    break;
                case JsonTokenType.Number:
                    column.AddKnown(reader.TryGetInt64(out _) ? ColumnType.Integer : ColumnType.Number, reader.ValueSpan, number);
                    break;
                case JsonTokenType.String:
                    column.AddKnown(ColumnType.Text, reader.ValueSpan, number);
                    break;
                default:
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    nested.Add(name);
                    column.AddKnown(ColumnType.Text, line[start..(int)reader.BytesConsumed], number);
                    break;
            }
        }
    }
}
