using System.Text;

namespace Orchestrator.Runtime.Logs;

/// <summary>Reads a log that may still grow, or not exist yet, from where it stopped before.</summary>
internal sealed class LogFileReader(string path) : IDisposable
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private readonly List<byte> unfinished = [];
    private FileStream? file;
    private LogLine previous = LogFormat.Unstamped;

    public IEnumerable<LogLine> ReadNew(bool includeUnfinished)
    {
        if ((file ??= TryOpen()) is not { } opened)
        {
            yield break;
        }

        int count;
        while ((count = opened.Read(buffer)) > 0)
        {
            foreach (var text in Cut(buffer.AsSpan(0, count)))
            {
                yield return previous = LogFormat.Parse(text, previous);
            }
        }

        if (includeUnfinished && unfinished.Count > 0)
        {
            // A process that was killed while it wrote its last line.
            var text = Encoding.UTF8.GetString([.. unfinished]);
            unfinished.Clear();
            yield return previous = LogFormat.Parse(text, previous);
        }
    }

    public void Dispose() => file?.Dispose();

    private List<string> Cut(ReadOnlySpan<byte> chunk)
    {
        var lines = new List<string>();
        while (chunk.IndexOf((byte)'\n') is >= 0 and var end)
        {
            unfinished.AddRange(chunk[..end]);
            lines.Add(Encoding.UTF8.GetString([.. unfinished]));
            unfinished.Clear();
            chunk = chunk[(end + 1)..];
        }

        unfinished.AddRange(chunk);
        return lines;
    }

    private FileStream? TryOpen()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
