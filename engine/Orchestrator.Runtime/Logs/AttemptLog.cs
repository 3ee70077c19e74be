using System.Globalization;
using System.Text;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Logs;

/// <summary>
/// Writes the log of one attempt. Any thread may write; each message goes to the file at once, in one piece, so followers see it and a kill loses nothing.
/// </summary>
/// <remarks>
/// A log never fails an attempt: when the disk is full, lines are dropped and counted. Beyond the size limit lines are dropped too, and when the log is
/// closed it says how many and shows the last ones, since those usually tell why a program failed.
/// </remarks>
public sealed class AttemptLog : IDisposable
{
    private const int MaxTailLine = 500;

    private readonly Lock gate = new();
    private readonly StringBuilder text = new();
    private readonly Queue<string> tail = new();
    private readonly string path;
    private readonly TimeProvider time;
    private readonly AttemptLogOptions options;
    private readonly long maxBytes;
    private FileStream? file;
    private long written;
    private long dropped;
    private bool closed;
    private volatile SecretMask? mask;
    private long lastWrite;

    internal AttemptLog(string path, TimeProvider time, AttemptLogOptions options, long maxBytes)
    {
        this.path = path;
        this.time = time;
        this.options = options;
        this.maxBytes = maxBytes;
    }

    /// <summary>The last lines that came in, oldest first, masked and printable; also those that the limit dropped.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (gate)
            {
                return [.. tail.TakeLast(options.TailLines)];
            }
        }
    }

    /// <summary>From now on covers secrets in every line.</summary>
    internal void Hide(SecretMask secrets) => mask = secrets;

    /// <summary>When the last message came in, as a time stamp of the log's clock; 0 when none has.</summary>
    public long LastWrite => Volatile.Read(ref lastWrite);

    /// <summary>Writes one message, which may have several lines. After <see cref="Dispose"/> it does nothing: a straggler must not write into a closed log.</summary>
    public void Write(LogSeverity severity, string message)
    {
        Volatile.Write(ref lastWrite, time.GetTimestamp());
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            Remember(message);
            if (written >= maxBytes)
            {
                dropped++;
                return;
            }

            Append(severity, message);
            if (written >= maxBytes)
            {
                Append(LogSeverity.Warning, string.Create(CultureInfo.InvariantCulture, $"this log has reached its limit of {maxBytes:N0} bytes (limits.log of the task, or the setting {SettingNames.TaskLog}); what follows is dropped"));
            }
        }
    }

    /// <summary>Closes the log. Safe to call twice.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            closed = true;
            if (dropped > 0)
            {
                var last = string.Join('\n', tail.TakeLast((int)Math.Min(dropped, options.EndLines)));
                Append(LogSeverity.Warning, string.Create(CultureInfo.InvariantCulture, $"{dropped:N0} messages were dropped; the last lines were:\n{last}"));
            }

            file?.Dispose();
        }
    }

    private void Append(LogSeverity severity, string message)
    {
        text.Clear();
        LogFormat.Append(text, time.GetUtcNow(), severity, message, options.MaxLineLength, mask);
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        try
        {
            file ??= OpenFile();
            file.Write(bytes);
            written += bytes.Length;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            dropped++;
        }
    }

    private FileStream OpenFile()
    {
        FileNames.CreatePrivateFolder(Path.GetDirectoryName(path)!);

        // Unbuffered: one message is one write. Appending keeps what an earlier process wrote for the same attempt.
        return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
    }

    /// <summary>Covered before it is cut, so that no piece of a secret stands at the cut.</summary>
    private string TailLine(ReadOnlySpan<char> line)
    {
        if (mask is not { } secrets)
        {
            return LogFormat.Printable(line[..Math.Min(line.Length, MaxTailLine)].ToString());
        }

        var covered = secrets.Apply(LogFormat.Printable(line.ToString()));
        return covered[..Math.Min(covered.Length, MaxTailLine)];
    }

    private void Remember(string message)
    {
        foreach (var line in message.AsSpan().TrimEnd().EnumerateLines())
        {
            tail.Enqueue(TailLine(line));
            if (tail.Count > options.EndLines)
            {
                tail.Dequeue();
            }
        }
    }
}
