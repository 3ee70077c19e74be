using System.Text.Unicode;

namespace Orchestrator.Data.Sources;

/// <summary>
/// A text file as a window that moves over it: at most a few megabytes in memory whatever the file's size. Whoever reads takes a record from <see cref="Data"/>
/// or asks for more; a record that does not fit is refused.
/// </summary>
internal sealed class TextBuffer : IDisposable
{
    /// <summary>The most bytes of one row. DuckDB is given the same limit.</summary>
    public const int MostBytesOfARow = 2 * 1024 * 1024;

    private readonly string path;
    private readonly string encoding;
    private readonly FileStream file;
    private readonly byte[] buffer = new byte[2 * MostBytesOfARow];
    private int start;
    private int end;
    private long consumed;

    public TextBuffer(string path, string encoding)
    {
        this.path = path;
        this.encoding = encoding;
        file = SourceFiles.Open(path);
    }

    /// <summary>What has been read and not taken.</summary>
    public ReadOnlySpan<byte> Data => buffer.AsSpan(start, end - start);

    /// <summary>True: nothing comes after <see cref="Data"/>.</summary>
    public bool Final { get; private set; }

    /// <summary>The line at the start of <see cref="Data"/>, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Reads more. Refuses when a whole row's worth is there already.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        if (end - start > MostBytesOfARow)
        {
            throw DataErrors.LineTooLong(path, Line, MostBytesOfARow);
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        var read = await file.ReadAsync(buffer.AsMemory(end), cancellation);
        Final = read == 0;
        end += read;
        if (consumed == 0 && Data.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            // The byte order mark that some editors write is not part of the first name.
            start += 3;
            consumed += 3;
        }
    }

    /// <summary>Takes a record, after checking that it is text.</summary>
    public void Take(int bytes, int lines)
    {
        var record = buffer.AsSpan(start, bytes);
        if (record.Contains((byte)0))
        {
            var at = record.IndexOf((byte)0);
            throw DataErrors.NulByte(path, Line + record[..at].Count((byte)'\n'), consumed + at);
        }

        if (!Utf8.IsValid(record))
        {
            Utf8.ToUtf16(record, new char[record.Length], out var valid, out _, replaceInvalidSequences: false);
            throw DataErrors.WrongEncoding(path, encoding, Line + record[..valid].Count((byte)'\n'), consumed + valid, record[valid]);
        }

        start += bytes;
        consumed += bytes;
        Line += lines;
    }

    public void Dispose() => file.Dispose();
}
