using Dapper;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Sqlite;

/// <summary>One operation on one connection. SQLite answers at once or blocks; there is nothing to await in it, so these methods end before they return.</summary>
internal sealed class SqliteSession(SqliteConnection connection, SqliteConnections connections, Dictionary<SqlStatement, SqliteStatement>? prepared) : IWriteSession
{
    private bool closed;

    public Dialect Dialect => Dialect.Sqlite;

    public Task<IReadOnlyList<T>> QueryAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        Run(sql, args, command => (IReadOnlyList<T>)connection.Query<T>(command).AsList(), cancellation);

    public Task<T?> FindAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        Run(sql, args, command => connection.QueryFirstOrDefault<T>(command), cancellation);

    public Task<int> ExecuteAsync(SqlStatement sql, object? args = null, CancellationToken cancellation = default) =>
        Run(sql, args, command => connection.Execute(command), cancellation);

    public Task<IReadOnlyList<int>> ExecuteRowsAsync(SqlStatement sql, IEnumerable<object?[]> rows, CancellationToken cancellation = default)
    {
        Enter(cancellation);
        if (prepared is null)
        {
            throw new InvalidOperationException("a read session cannot write");
        }

        try
        {
            if (!prepared.TryGetValue(sql, out var statement))
            {
                prepared.Add(sql, statement = new SqliteStatement(connection, sql.For(Dialect.Sqlite)));
            }

            List<int>? unchanged = null;
            var position = 0;
            foreach (var row in rows)
            {
                if (statement.Execute(row) == 0)
                {
                    (unchanged ??= []).Add(position);
                }

                position++;
            }

            return Task.FromResult<IReadOnlyList<int>>(unchanged ?? (IReadOnlyList<int>)[]);
        }
        catch (SqliteException error)
        {
            throw connections.Explain(error, sql.Name);
        }
    }

    /// <summary>From now on the session refuses: its transaction is somebody else's.</summary>
    public void Close() => closed = true;

    private Task<T> Run<T>(SqlStatement sql, object? args, Func<CommandDefinition, T> run, CancellationToken cancellation)
    {
        Enter(cancellation);
        try
        {
            return Task.FromResult(run(new CommandDefinition(sql.For(Dialect.Sqlite), args)));
        }
        catch (SqliteException error)
        {
            throw connections.Explain(error, sql.Name);
        }
    }

    private void Enter(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (closed)
        {
            throw new InvalidOperationException("the session's operation has ended; await every call inside the operation");
        }
    }
}
