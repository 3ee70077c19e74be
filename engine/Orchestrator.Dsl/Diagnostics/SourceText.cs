using System.Text;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>A text that a person wrote, with the name under which messages show it.</summary>
public sealed class SourceText
{
    private int[]? lineStarts;

    /// <param name="name">A path as the user gave it, or words in angle brackets when there is no file.</param>
    /// <param name="text">The text in UTF-16, without byte order mark.</param>
    public SourceText(string name, string text)
    {
        Name = name;
        Text = text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text;
    }

    public string Name { get; }

    public string Text { get; }

    /// <summary>The first byte that is not text in the file's encoding, as an offset into the file; null when all of it is.</summary>
    public int? FirstBadByte { get; private init; }

    /// <summary>Reads a file: UTF-8 with or without byte order mark, or UTF-16 with one.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SourceText Load(string path) => FromBytes(path, File.ReadAllBytes(path));

    /// <summary>Decodes a file's bytes. Bytes that are no text become U+FFFD, and <see cref="FirstBadByte"/> says where the first was.</summary>
    public static SourceText FromBytes(string name, ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.Unicode.Preamble))
        {
            return new SourceText(name, Encoding.Unicode.GetString(bytes));
        }

        if (bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))
        {
            return new SourceText(name, Encoding.BigEndianUnicode.GetString(bytes));
        }

        var bad = System.Text.Unicode.Utf8.IsValid(bytes) ? (int?)null : FindBadByte(bytes);
        return new SourceText(name, Encoding.UTF8.GetString(bytes)) { FirstBadByte = bad };
    }

    /// <summary>The place of a character. Both numbers start at 1; the column counts UTF-16 units, as editors do.</summary>
    public (int Line, int Column) PositionOf(int offset)
    {
        var index = LineIndexOf(offset);
        return (index + 1, offset - LineStarts[index] + 1);
    }

    /// <summary>A line without its end.</summary>
    /// <param name="line">1 for the first.</param>
    public string Line(int line)
    {
        var start = LineStarts[line - 1];
        var end = line < LineStarts.Length ? LineStarts[line] : Text.Length;
        return Text[start..end].TrimEnd('\r', '\n');
    }

    /// <summary>How many lines there are; a text that ends with a line end has an empty last one.</summary>
    public int LineCount => LineStarts.Length;

    /// <summary>Where a line starts, as an offset.</summary>
    /// <param name="line">1 for the first.</param>
    public int StartOfLine(int line) => LineStarts[line - 1];

    public SourceSpan Span(int start, int end) => new(this, start, end);

    public SourceSpan Whole => new(this, 0, Text.Length);

    private int[] LineStarts => lineStarts ??= FindLineStarts(Text);

    private int LineIndexOf(int offset)
    {
        var found = Array.BinarySearch(LineStarts, offset);
        return found >= 0 ? found : ~found - 1;
    }

    private static int[] FindLineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                starts.Add(i + 1);
            }
        }

        return [.. starts];
    }

    private static int FindBadByte(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return at;
            }

            at += length;
        }

        return bytes.Length;
    }
}
