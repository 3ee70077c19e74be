using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>Connections that read, beside the writer and each other. Made when they are first needed, kept until the end.</summary>
internal sealed class SqliteReaders(SqliteConnections connections, int limit) : IAsyncDisposable
{
    private readonly ConcurrentBag<SqliteConnection> idle = [];
    private readonly SemaphoreSlim room = new(limit, limit);
    private volatile bool closed;

    public async Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation)
    {
        await room.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(closed, typeof(OrcDatabase));
            if (!idle.TryTake(out var connection))
            {
                connection = await connections.OpenReaderAsync(cancellation);
            }

            var session = new SqliteSession(connection, connections, prepared: null);
            try
            {
                // One snapshot for all statements of the operation; it is taken at the first of them.
                SqliteConnections.Execute(connection, "BEGIN");
                return await operation(session, cancellation);
            }
            finally
            {
                session.Close();
                await GiveBackAsync(connection);
            }
        }
        catch (SqliteException error)
        {
            throw connections.Explain(error, "read");
        }
        finally
        {
            room.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        closed = true;
        while (idle.TryTake(out var connection))
        {
            await connection.DisposeAsync();
        }
    }

    private async Task GiveBackAsync(SqliteConnection connection)
    {
        var code = raw.sqlite3_get_autocommit(connection.Handle) == 0 ? raw.sqlite3_exec(connection.Handle, "ROLLBACK") : raw.SQLITE_OK;
        if (closed || code != raw.SQLITE_OK)
        {
            await connection.DisposeAsync();
        }
        else
        {
            idle.Add(connection);
        }
    }
}
