using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// Brings the write-ahead log to the disk, beside the writer: at once when somebody waits for that, and otherwise a bounded time after a commit. One sync answers
/// everybody whose commit it covers.
/// </summary>
/// <remarks>
/// It is the sync that SQLite makes itself after each commit under <c>synchronous=FULL</c> (sqlite.org/pragma.html#pragma_synchronous), of the same file, made by our own hand so
/// that the next commit need not wait for it. Frames of the log carry checksums over all before them: whatever part of an unsynced tail a power cut leaves, recovery takes
/// whole transactions from its beginning and nothing after the first gap. A checkpoint syncs the log before and the database after it copies, also under NORMAL, and a log that
/// starts again from its beginning syncs its new header, so nothing here has to know of either.
/// </remarks>
internal sealed class WalSync : IAsyncDisposable
{
    private readonly string database;
    private readonly TimeSpan within;
    private readonly Action<long>? onSynced;
    private readonly Lock gate = new();
    // A thread of its own: a sync blocks for as long as the disk takes, and the pool has few threads.
    private readonly Thread thread;
    private readonly AutoResetEvent wake = new(initialState: false);
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<WriteOperation> waiting = [];
    private long? unsyncedSince;
    private bool closing;
    private volatile StorageException? broken;
    private SafeFileHandle? log;

    public WalSync(string database, DatabaseOptions options)
    {
        this.database = database;
        within = options.SyncWithin;
        onSynced = options.OnSynced;
        thread = new Thread(Run) { IsBackground = true, Name = "orc log sync" };
        thread.Start();
    }

    /// <summary>
    /// A sync that failed may have lost what it was to keep, and a second one would not tell: the operating system forgets. So nothing more is stored by this process.
    /// </summary>
    /// <exception cref="StorageException">A sync has failed.</exception>
    public void ThrowIfBroken()
    {
        if (broken is { } error)
        {
            throw error;
        }
    }

    /// <summary>A group was committed.</summary>
    /// <param name="wanting">Those of it that are answered once it is on the disk.</param>
    public void AfterCommit(IEnumerable<WriteOperation> wanting)
    {
        bool news;
        lock (gate)
        {
            var before = (waiting.Count, unsyncedSince);
            waiting.AddRange(wanting);
            unsyncedSince ??= Stopwatch.GetTimestamp();
            news = before != (waiting.Count, unsyncedSince);
        }

        if (news)
        {
            wake.Set();
        }
    }

    /// <summary>Syncs what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            closing = true;
        }

        wake.Set();
        await over.Task;
        log?.Dispose();
        wake.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            List<WriteOperation> served;
            TimeSpan? left;
            lock (gate)
            {
                left = waiting.Count > 0 || (closing && unsyncedSince is not null) ? TimeSpan.Zero : unsyncedSince is { } since ? within - Stopwatch.GetElapsedTime(since) : null;
                if (left is null && closing)
                {
                    break;
                }

                served = waiting;
                if (left <= TimeSpan.Zero)
                {
                    waiting = [];
                    unsyncedSince = null;
                }
            }

            if (left <= TimeSpan.Zero)
            {
                Sync(served);
            }
            else
            {
                // In whole milliseconds, rounded up: less than one would not wait at all.
                wake.WaitOne(left is { } time ? (int)Math.Ceiling(time.TotalMilliseconds) : Timeout.Infinite);
            }
        }

        over.SetResult();
    }

    private void Sync(List<WriteOperation> served)
    {
        try
        {
            ThrowIfBroken();
            // There from the first commit to the end of the last connection, and the same file all the time. SQLite keeps no lock on it that closing it here could undo.
            log ??= File.OpenHandle($"{database}-wal", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var length = onSynced is null ? 0 : RandomAccess.GetLength(log);
            RandomAccess.FlushToDisk(log);
            onSynced?.Invoke(length);
            served.ForEach(operation => operation.Complete());
        }
#pragma warning disable CA1031 // Whatever it is, who waits must hear of it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            broken ??= error as StorageException ?? StorageErrors.Io(database, $"its log could not be synced: {error.Message}", error);
            served.ForEach(operation => operation.Fail(broken));
        }
    }
}
