using Orchestrator.Storage.Faults;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Orchestrator.Storage.Databases;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// The single writer. A loop takes the operations that are waiting, runs each in a savepoint of one transaction and commits once. Who asked for no more is answered then;
/// the others when <see cref="WalSync"/> has synced the log, which it does beside the next group. Nobody waits to make a group larger: groups grow by themselves
/// while the commit before them is under way. Whoever finds nobody writing writes on its own thread: a step that meets no other costs no change of threads.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    /// <summary>How long the loop may hold the lock group after group before it lets other processes in.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it lets them in; more than the interval at which they ask.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    private static readonly AsyncLocal<SqliteWriter?> Current = new();

    private readonly SqliteConnection connection;
    private readonly SqliteConnections connections;
    private readonly Dictionary<SqlStatement, SqliteStatement> prepared = [];
    private readonly Channel<WriteOperation> queue;
    private readonly int batchSize;
    private readonly ILogger logger;
    private readonly WalSync? sync;
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteOperation> batch = [];
    private long turnStarted = Stopwatch.GetTimestamp();

    /// <summary>1 while somebody writes. Whoever makes it 1 owns the connection, the batch and the turn until it makes it 0.</summary>
    private int writing;
    private int isClosed;

    public SqliteWriter(SqliteConnection connection, SqliteConnections connections, DatabaseOptions options)
    {
        this.connection = connection;
        this.connections = connections;
        batchSize = options.BatchSize;
        logger = options.Logger;
        sync = options.SyncWithin == TimeSpan.Zero ? null : new WalSync(connections.File, options);
        queue = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
    }

    public async Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, CancellationToken cancellation)
    {
        if (Current.Value == this)
        {
            throw new InvalidOperationException("a write was started inside a write operation, which would wait for itself: use the operation's session");
        }

        var waiting = new WriteOperation<T>(operation, cancellation) { Durability = durability };
        try
        {
            await queue.Writer.WriteAsync(waiting, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(OrcDatabase), $"the database {connections.Path} is closed");
        }

        // Usually over when it returns. When it waits for the lock of another process it goes on by itself, and this caller may give up; closing waits for it.
        _ = WriteWaitingAsync(untilDone: waiting);
        return await waiting.WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isClosed, 1) != 0)
        {
            await over.Task;
            return;
        }

        queue.Writer.Complete();
        await WriteWaitingAsync(untilDone: null);
        await over.Task;
        if (sync is not null)
        {
            await sync.DisposeAsync();
        }

        foreach (var statement in prepared.Values)
        {
            statement.Dispose();
        }

        await connection.DisposeAsync();
    }

    /// <summary>Writes what is waiting, unless somebody does. With an operation of one's own, only until that is written: the rest goes on without its caller.</summary>
    private async Task WriteWaitingAsync(WriteOperation? untilDone)
    {
        // Looked at again after each time it was let go: an operation that came in between was seen by nobody else.
        while (!queue.Reader.Completion.IsCompleted && queue.Reader.Count > 0 && Interlocked.CompareExchange(ref writing, 1, 0) == 0)
        {
            try
            {
                Current.Value = this;
                while (await WriteGroupAsync() && untilDone is not { IsTaken: true })
                {
                    await LetOthersInAsync();
                }
            }
            finally
            {
                // A full fence, as the exchange above: who came too late to be let in is seen in the queue now.
                Interlocked.Exchange(ref writing, 0);
            }

            if (untilDone is { IsTaken: true } && queue.Reader.Count > 0)
            {
                _ = Task.Run(() => WriteWaitingAsync(untilDone: null));
                break;
            }
        }

        if (Volatile.Read(ref isClosed) == 1 && queue.Reader.Completion.IsCompleted && Volatile.Read(ref writing) == 0)
        {
            over.TrySetResult();
        }
    }

    /// <returns>False: nothing was waiting.</returns>
    private async Task<bool> WriteGroupAsync()
    {
        while (batch.Count < batchSize && queue.Reader.TryRead(out var operation))
        {
            operation.IsTaken = true;
            batch.Add(operation);
        }

        if (batch.Count == 0)
        {
            return false;
        }

        await CommitAsync(batch);
        batch.Clear();
        if (queue.Reader.Count == 0)
        {
            turnStarted = Stopwatch.GetTimestamp();
        }

        return true;
    }

    /// <summary>SQLite's lock is not fair: without a pause another process may ask in vain for as long as this queue is never empty.</summary>
    private async Task LetOthersInAsync()
    {
        if (Stopwatch.GetElapsedTime(turnStarted) > Turn)
        {
            await Task.Delay(Pause, TimeProvider.System);
            turnStarted = Stopwatch.GetTimestamp();
        }
    }

    private async Task CommitAsync(List<WriteOperation> batch)
    {
        try
        {
            sync?.ThrowIfBroken();
            // Not cancelled by closing: what was accepted is stored first, and the waiting has its own end.
            await connections.ExecutePatientlyAsync(connection, "BEGIN IMMEDIATE", CancellationToken.None);
            FaultPoints.Reached("write-begun");
            foreach (var operation in batch)
            {
                // Asked here and not for the whole group before: callers may give up while others of the group run.
                if (operation.TryStart())
                {
                    await (batch.Count == 1 ? RunAloneAsync(operation) : RunInSavepointAsync(operation));
                }
            }

            FaultPoints.Reached("write-done");
            await connections.ExecutePatientlyAsync(connection, "COMMIT", CancellationToken.None);
            FaultPoints.Reached("write-committed");
            Answer(batch);
        }
#pragma warning disable CA1031 // Whatever it is, the callers must hear of it and the loop must go on for the next ones.
        catch (Exception error)
#pragma warning restore CA1031
        {
            RollBack();
            var reason = error is SqliteException sqlite ? connections.Explain(sqlite, "commit") : error;
            LogGroupFailed(logger, batch.Count, reason);
            batch.ForEach(operation => operation.Fail(reason));
        }
    }

    private void Answer(List<WriteOperation> batch)
    {
        if (sync is null)
        {
            batch.ForEach(operation => operation.Complete());
            return;
        }

        foreach (var operation in batch)
        {
            if (operation.Durability == Durability.Deferred)
            {
                operation.Complete();
            }
        }

        sync.AfterCommit(batch.Where(operation => operation.Durability != Durability.Deferred));
    }

    /// <summary>A group of one needs no savepoint: undoing it is undoing the transaction.</summary>
    private async Task RunAloneAsync(WriteOperation operation)
    {
        var session = new SqliteSession(connection, connections, prepared);
        try
        {
            await operation.RunAsync(session);
        }
#pragma warning disable CA1031 // The operation's own error goes to its caller.
        catch (Exception error)
#pragma warning restore CA1031
        {
            operation.Refuse(error);
            RollBack();
            // The commit that follows ends an empty transaction.
            SqliteConnections.Execute(connection, "BEGIN");
        }
        finally
        {
            session.Close();
        }
    }

    private async Task RunInSavepointAsync(WriteOperation operation)
    {
        SqliteConnections.Execute(connection, "SAVEPOINT operation");
        var session = new SqliteSession(connection, connections, prepared);
        try
        {
            await operation.RunAsync(session);
            session.Close();
            SqliteConnections.Execute(connection, "RELEASE operation");
        }
        catch (Exception error)
        {
            session.Close();
            // A full disk or a failing one may undo the whole transaction (sqlite.org/lang_transaction.html, 3.1): then nobody's writes are left.
            if (raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                throw;
            }

            operation.Refuse(error);
            SqliteConnections.Execute(connection, "ROLLBACK TO operation; RELEASE operation");
        }
    }

    private void RollBack()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        }
    }

    [LoggerMessage(5101, LogLevel.Warning, "A group of {Count} writes could not be stored")]
    private static partial void LogGroupFailed(ILogger logger, int count, Exception error);
}
