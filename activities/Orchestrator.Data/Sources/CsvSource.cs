using System.Text;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Sources;

/// <summary>
/// Reads a CSV or TSV file once, strictly: every line has as many fields as the header, quotes are closed, the text is in its encoding. DuckDB is then told
/// everything (delimiter, names, types) and guesses nothing.
/// </summary>
internal static class CsvSource
{
    public static async Task<SourceTable> ReadAsync(string path, FileStamp stamp, SourceFormat format, SourceOptions options, string workingDirectory, CancellationToken cancellation)
    {
        var text = await Transcoding.ToUtf8Async(path, options.Encoding, workingDirectory, cancellation);
        using var buffer = new TextBuffer(text, options.Encoding);
        await buffer.FillAsync(cancellation);
        var delimiter = options.Delimiter is { } said ? DelimiterOf(said) : format == SourceFormat.Tsv ? (byte)'\t' : Likely(buffer.Data);
        var record = new CsvRecord(delimiter);
        var notes = new List<string>();
        var columns = await HeaderAsync(path, buffer, record, notes, cancellation);
        var rows = await RowsAsync(path, buffer, record, columns, [.. options.Missing.Select(Encoding.UTF8.GetBytes)], cancellation);
        if (rows == 0)
        {
            throw DataErrors.HeaderOnly(path, columns.Length);
        }

        notes.AddRange(columns.Select(column => column.Note).OfType<string>());
        return new SourceTable
        {
            Path = path,
            Stamp = stamp,
            Columns = [.. columns.Select(column => new ColumnInfo { Name = column.Name, Type = column.Type })],
            Rows = rows,
            Select = Select(text, delimiter, columns, options.Missing),
            Files = [text],
            Notes = notes,
        };
    }

    private static async Task<ColumnGuess[]> HeaderAsync(string path, TextBuffer buffer, CsvRecord record, List<string> notes, CancellationToken cancellation)
    {
        await NextAsync(path, buffer, record, cancellation);
        var names = Enumerable.Range(0, record.Count).Select(i => Unquote(record.Field(buffer.Data, i))).ToArray();
        buffer.Take(record.Length, record.Lines);
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                names[i] = $"column_{i + 1}";
                notes.Add($"column {i + 1} has no name in the header; it is called \"{names[i]}\"");
            }
        }

        ColumnNames.Check(path, names);
        return [.. names.Select(name => new ColumnGuess(name))];
    }

    private static async Task<long> RowsAsync(string path, TextBuffer buffer, CsvRecord record, ColumnGuess[] columns, byte[][] missing, CancellationToken cancellation)
    {
        var rows = 0L;
        var blank = 0L;
        while (await NextAsync(path, buffer, record, cancellation))
        {
            var line = buffer.Line;
            if (columns.Length > 1 && record.Count == 1 && record.Field(buffer.Data, 0).IsEmpty)
            {
                // Blank lines at the end of a file are no rows; one between rows is. (In a file of one column it is a missing value.)
                blank = blank == 0 ? line : blank;
                buffer.Take(record.Length, record.Lines);
                continue;
            }

            if (blank > 0)
            {
                throw DataErrors.Ragged(path, blank, 0, columns.Length);
            }

            if (record.Count == columns.Length)
            {
                Look(buffer, record, columns, missing);
            }

            // Checked before the count is judged: bytes that are no text explain a wrong count better than the count does.
            buffer.Take(record.Length, record.Lines);
            if (record.Count != columns.Length)
            {
                throw DataErrors.Ragged(path, line, record.Count, columns.Length);
            }

            rows++;
        }

        return rows;
    }

    private static void Look(TextBuffer buffer, CsvRecord record, ColumnGuess[] columns, byte[][] missing)
    {
        var data = buffer.Data;
        for (var i = 0; i < columns.Length; i++)
        {
            var field = record.Field(data, i);
            if (!field.IsEmpty && !Means(field, missing))
            {
                columns[i].Add(field, buffer.Line);
            }
        }
    }

    private static bool Means(ReadOnlySpan<byte> field, byte[][] missing)
    {
        foreach (var word in missing)
        {
            if (field.SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> NextAsync(string path, TextBuffer buffer, CsvRecord record, CancellationToken cancellation)
    {
        while (true)
        {
            if (buffer is { Final: true, Data.IsEmpty: true })
            {
                return false;
            }

            if (record.TryRead(buffer.Data, buffer.Final))
            {
                return true;
            }

            if (record.Problem is { } problem)
            {
                throw DataErrors.BrokenQuote(path, buffer.Line, record.Count + 1, problem);
            }

            await buffer.FillAsync(cancellation);
        }
    }

    private static string Select(string text, byte delimiter, ColumnGuess[] columns, IReadOnlyList<string> missing)
    {
        var types = string.Join(", ", columns.Select(column => $"{Sql.Text(column.Name)}: {Sql.Text(column.IsZoned && column.Type == ColumnType.Timestamp ? "TIMESTAMPTZ" : Sql.TypeOf(column.Type))}"));
        var list = string.Join(", ", columns.Select(column => column.IsZoned && column.Type == ColumnType.Timestamp
            ? $"CAST({Sql.Name(column.Name)} AS TIMESTAMP) AS {Sql.Name(column.Name)}"
            : Sql.Name(column.Name)));
        var words = string.Join(", ", missing.Prepend("").Distinct().Select(Sql.Text));
        return $"SELECT {list} FROM read_csv({Sql.Text(text)}, auto_detect = false, header = true, delim = {Sql.Text(((char)delimiter).ToString())}, quote = '\"', escape = '\"', "
            + $"columns = {{{types}}}, nullstr = [{words}], max_line_size = {TextBuffer.MostBytesOfARow + 1024}, strict_mode = true, null_padding = false, ignore_errors = false)";
    }

    private static byte DelimiterOf(string said)
    {
        var text = said is "\\t" or "tab" ? "\t" : said;
        return text is [var only] && char.IsAscii(only) && (only == '\t' || !char.IsControl(only)) && only is not ('"' or ' ') && !char.IsAsciiLetterOrDigit(only)
            ? (byte)only
            : throw DataErrors.BadDelimiter(said);
    }

    /// <summary>The delimiter of the header: the most frequent of four outside quotes, the comma first among equals.</summary>
    private static byte Likely(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> candidates = ",;\t|"u8;
        Span<int> counts = stackalloc int[candidates.Length];
        var quoted = false;
        foreach (var value in data)
        {
            if (value == (byte)'"')
            {
                quoted = !quoted;
            }
            else if (!quoted && value is (byte)'\n' or (byte)'\r')
            {
                break;
            }
            else if (!quoted && candidates.IndexOf(value) is >= 0 and var index)
            {
                counts[index]++;
            }
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        return candidates[best];
    }

    private static string Unquote(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field).Replace("\"\"", "\"", StringComparison.Ordinal);
}
