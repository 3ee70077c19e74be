using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Databases;

/// <summary>A database: one queue of writes that are committed in groups, and reads beside it. Safe to use from many threads; several processes may open the same one.</summary>
public abstract class OrcDatabase : IAsyncDisposable
{
    private protected OrcDatabase()
    {
    }

    /// <summary>Opens a database, makes it when it is not there, and brings its schema up to date.</summary>
    /// <param name="url"><c>sqlite:PATH</c>; a relative path counts from the current folder.</param>
    /// <param name="options">Null: the defaults, and no migrations.</param>
    /// <param name="cancellation">Ends the waiting for a lock.</param>
    /// <exception cref="StorageException">The URL, the file, its folder or its schema is not usable; its kind and code say why.</exception>
    public static async Task<OrcDatabase> OpenAsync(string url, DatabaseOptions? options = null, CancellationToken cancellation = default)
    {
        TypeConversions.Register();
        var target = DatabaseUrl.Parse(url);
        return target.Dialect switch
        {
            Dialect.Sqlite => await SqliteDatabase.OpenFileAsync(target.Location, options ?? new DatabaseOptions(), cancellation),
            _ => throw StorageErrors.UnknownUrl(url),
        };
    }

    public abstract Dialect Dialect { get; }

    /// <summary>For messages: the file's full path, or server and name. Never a password.</summary>
    public abstract string DisplayName { get; }

    /// <summary>
    /// Runs an operation in a write transaction and answers when it is on the disk. Operations that wait together share one transaction and one sync;
    /// each keeps its own fate: if it throws, its writes alone are undone and its caller gets the exception.
    /// </summary>
    /// <param name="operation">Awaits the session's methods and nothing else: everyone's writes wait for it. Not run twice.</param>
    /// <param name="cancellation">Looked at until the operation starts; and handed to it.</param>
    /// <exception cref="StorageException">The database could not store it; nothing of it is stored.</exception>
    public Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => WriteAsync(operation, Durability.Synced, cancellation);

    /// <summary>The same, and the caller says whether the answer waits for the disk.</summary>
    public abstract Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, CancellationToken cancellation);

    /// <summary>Runs an operation against a consistent snapshot, beside the writer.</summary>
    public abstract Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation);

    /// <summary>Applies what is missing of a set, under the database's lock: several processes may start together.</summary>
    /// <exception cref="StorageException">An applied migration was edited, the database is newer than the program, or a migration fails. Nothing of this call is applied then.</exception>
    public abstract Task MigrateAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation);

    /// <summary>Reads the whole database and answers what is damaged; empty when nothing is.</summary>
    public abstract Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation);

    public Task WriteAsync(Func<IWriteSession, CancellationToken, Task> operation, CancellationToken cancellation) => WriteAsync(
        async (session, token) =>
        {
            await operation(session, token);
            return true;
        },
        cancellation);

    /// <summary>Waits for the accepted writes, then closes.</summary>
    public abstract ValueTask DisposeAsync();
}
