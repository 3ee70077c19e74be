namespace Orchestrator.Data.Sources;

/// <summary>One record of a CSV file, found in a buffer: where its fields lie. Reused from record to record.</summary>
internal sealed class CsvRecord(byte delimiter)
{
    private const byte Quote = (byte)'"';

    private readonly List<(int Start, int Length)> fields = [];

    public int Count => fields.Count;

    /// <summary>Bytes of the record with its line end.</summary>
    public int Length { get; private set; }

    /// <summary>Line ends inside quotes, and the one that ends the record.</summary>
    public int Lines { get; private set; }

    /// <summary>What is wrong with the last field that was looked at; null when nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>A field's bytes, without the quotes around it; quotes inside are still doubled.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> data, int index) => data.Slice(fields[index].Start, fields[index].Length);

    /// <summary>Finds the record at the start of <paramref name="data"/>. False: its end is not in the data yet (or <see cref="Problem"/> says why not).</summary>
    /// <param name="final">True: nothing comes after the data.</param>
    public bool TryRead(ReadOnlySpan<byte> data, bool final)
    {
        fields.Clear();
        Lines = 0;
        Problem = null;
        var at = 0;
        while (true)
        {
            var next = at < data.Length && data[at] == Quote ? Quoted(data, at, final) : Plain(data, at, final);
            if (next < 0)
            {
                return false;
            }

            if (next == data.Length)
            {
                Length = next;
                return true;
            }

            if (data[next] == delimiter)
            {
                at = next + 1;
                // A delimiter that ends the data so far: the next field has not arrived.
                if (at == data.Length && !final)
                {
                    return false;
                }

                continue;
            }

            return EndOfLine(data, next, final);
        }
    }

    private bool EndOfLine(ReadOnlySpan<byte> data, int at, bool final)
    {
        if (data[at] == (byte)'\r')
        {
            if (at + 1 == data.Length && !final)
            {
                return false;
            }

            at += at + 1 < data.Length && data[at + 1] == (byte)'\n' ? 1 : 0;
        }

        Length = at + 1;
        Lines++;
        return true;
    }

    private int Plain(ReadOnlySpan<byte> data, int start, bool final)
    {
        var length = data[start..].IndexOfAny(stackalloc byte[] { delimiter, (byte)'\n', (byte)'\r', Quote });
        if (length < 0)
        {
            if (!final)
            {
                return -1;
            }

            length = data.Length - start;
        }
        else if (data[start + length] == Quote)
        {
            Problem = "a quote inside a value that does not begin with one";
            return -1;
        }

        fields.Add((start, length));
        return start + length;
    }

    private int Quoted(ReadOnlySpan<byte> data, int start, bool final)
    {
        var at = start + 1;
        while (true)
        {
            var found = data[at..].IndexOf(Quote);
            if (found < 0 || (at + found + 1 == data.Length && !final))
            {
                Problem = found < 0 && final ? "a quote is opened and never closed" : null;
                return -1;
            }

            at += found + 1;
            if (at < data.Length && data[at] == Quote)
            {
                at++;
                continue;
            }

            break;
        }

        if (at < data.Length && data[at] != delimiter && data[at] is not ((byte)'\n' or (byte)'\r'))
        {
            Problem = "text follows the closing quote";
            return -1;
        }

        fields.Add((start + 1, at - start - 2));
        Lines += data.Slice(start, at - start).Count((byte)'\n');
        return at;
    }
}
