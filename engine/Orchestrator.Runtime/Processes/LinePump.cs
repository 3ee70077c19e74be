using System.Text;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Processes;

/// <summary>
/// Reads what a process prints, line by line, on a thread of its own: reads of pipes block, and two per process would starve the thread pool.
/// Reading keeps pace with the printing, so a program that prints without end is never stored, only passed on.
/// </summary>
internal sealed class LinePump
{
    /// <summary>Lines longer than this come in pieces, so that one endless line needs no endless memory.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private readonly Stream stream;
    private readonly Action<string> onLine;
    private readonly byte[] pending = new byte[MaxLineBytes];
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int length;

    private LinePump(Stream stream, Action<string> onLine)
    {
        this.stream = stream;
        this.onLine = onLine;
    }

    /// <summary>Completes when everybody who had the other end has closed it.</summary>
    public Task Done => done.Task;

    /// <param name="name">Names the thread, for debuggers.</param>
    public static LinePump Start(string name, Stream stream, Action<string> onLine)
    {
        var pump = new LinePump(stream, onLine);
        new Thread(pump.Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = name }.Start();
        return pump;
    }

    private void Run()
    {
        try
        {
            var buffer = new byte[64 * 1024];
            int count;
            while ((count = stream.Read(buffer)) > 0)
            {
                Cut(buffer.AsSpan(0, count));
            }

            if (length > 0)
            {
                Emit();
            }
        }
        catch (Exception closed) when (StorageFaults.IsStorage(closed) || closed is ObjectDisposedException)
        {
            // Whoever owned the process gave it up.
        }
        finally
        {
            done.SetResult();
        }
    }

    private void Cut(ReadOnlySpan<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            var end = chunk.IndexOf((byte)'\n');
            var part = end < 0 ? chunk : chunk[..end];
            if (part.Length > MaxLineBytes - length)
            {
                part = part[..(MaxLineBytes - length)];
                end = -1;
            }

            part.CopyTo(pending.AsSpan(length));
            length += part.Length;
            chunk = chunk[(part.Length + (end < 0 ? 0 : 1))..];
            if (end >= 0 || length == MaxLineBytes)
            {
                Emit();
            }
        }
    }

    private void Emit()
    {
        // A piece of a long line may end inside a character; its first bytes wait for the rest.
        var whole = length == MaxLineBytes ? WholeCharacters(pending) : length;
        onLine(Encoding.UTF8.GetString(pending, 0, whole));
        pending.AsSpan(whole, length - whole).CopyTo(pending);
        length -= whole;
    }

    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.Length - 1;
        while (start > bytes.Length - 4 && (bytes[start] & 0xC0) == 0x80)
        {
            start--;
        }

        var needed = bytes[start] switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
        return needed > bytes.Length - start ? start : bytes.Length;
    }
}
