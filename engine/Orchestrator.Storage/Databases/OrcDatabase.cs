using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.PostgreSql;
using Orchestrator.Storage.Servers;
using Orchestrator.Storage.Sqlite;
using Orchestrator.Storage.SqlServer;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.Databases;

/// <summary>A database: one queue of writes that are committed in groups, and reads beside it. Safe to use from many threads; several processes may open the same one.</summary>
public abstract class OrcDatabase : IAsyncDisposable
{
    private protected OrcDatabase()
    {
    }

    /// <summary>Opens a database, makes it when it is not there, and brings its schema up to date.</summary>
    /// <param name="url"><c>sqlite:PATH</c> (a relative path counts from the current folder), <c>postgres://USER:PASSWORD@HOST/NAME</c>, <c>sqlserver://USER:PASSWORD@HOST/NAME</c>, or after <c>postgres:</c> and <c>sqlserver:</c> a connection string of the driver.</param>
    /// <param name="options">Null: the defaults, and no migrations.</param>
    /// <param name="cancellation">Ends the waiting for a lock.</param>
    /// <exception cref="StorageException">The URL, the file, its folder or its schema is not usable; its kind and code say why.</exception>
    public static async Task<OrcDatabase> OpenAsync(string url, DatabaseOptions? options = null, CancellationToken cancellation = default)
    {
        TypeConversions.Register();
        var target = DatabaseUrl.Parse(url);
        return target.Dialect switch
        {
            Dialect.Sqlite when options is { ReadOnly: true } => await UnwritableDatabase.OpenFileAsync(target.Location, options, cancellation),
            Dialect.Sqlite => await SqliteDatabase.OpenFileAsync(target.Location, options ?? new DatabaseOptions(), cancellation),
            Dialect.PostgreSql => await PostgreSqlDialect.OpenAsync(target.Location, options ?? new DatabaseOptions(), cancellation),
            Dialect.SqlServer => await SqlServerDialect.OpenAsync(target.Location, options ?? new DatabaseOptions(), cancellation),
            _ => throw StorageErrors.UnknownUrl(url),
        };
    }

    public abstract Dialect Dialect { get; }

    /// <summary>For messages: the file's full path, or server and name. Never a password.</summary>
    public abstract string DisplayName { get; }

    /// <summary>How processes on this database hear of each other's work.</summary>
    public virtual IWakeUps WakeUps => NoWakeUps.Local;

    /// <summary>
    /// Runs an operation in a write transaction, as if nobody else wrote, and answers when it is on the disk. On SQLite, operations that wait together share one transaction and one sync;
    /// each keeps its own fate: if it throws, its writes alone are undone and its caller gets the exception.
    /// </summary>
    /// <param name="operation">Awaits the session's methods and nothing else: others' writes wait for it. A server may undo it because of others, or lose the connection; then it is run again from the start, so it keeps nothing outside but its answer.</param>
    /// <param name="cancellation">Looked at until the operation starts; and handed to it.</param>
    /// <exception cref="StorageException">The database could not store it; nothing of it is stored.</exception>
    public Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => WriteAsync(operation, Durability.Synced, cancellation);

    /// <summary>The same, and the caller says whether the answer waits for the disk.</summary>
    public abstract Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, CancellationToken cancellation);

    /// <summary>
    /// The same for operations each of whose changes is one conditional statement that checks what it replaces: on servers many of them run at once, each statement sees
    /// what is current, and rows are locked from the change to the commit only. On SQLite there is no difference.
    /// </summary>
    /// <param name="settle">Finds out, should the answer of a commit be lost, whether it is stored; null: the kit keeps a receipt with the transaction.</param>
    internal virtual Task<T> WriteGuardedAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, Settlement<T>? settle, CancellationToken cancellation) =>
        WriteAsync(operation, durability, cancellation);

    internal Task<T> WriteGuardedAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Settlement<T>? settle, CancellationToken cancellation) =>
        WriteGuardedAsync(operation, Durability.Synced, settle, cancellation);

    /// <summary>Runs an operation against a consistent snapshot, beside the writers. May be run again when the connection to a server is lost.</summary>
    public abstract Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation);

    /// <summary>Applies what is missing of a set, under the database's lock: several processes may start together.</summary>
    /// <exception cref="StorageException">An applied migration was edited, the database is newer than the program, or a migration fails. Nothing of this call is applied then.</exception>
    /// <returns>The steps that this call applied; empty when another process did, or nothing was missing.</returns>
    public abstract Task<IReadOnlyList<MigrationStatus>> MigrateAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation);

    /// <summary>Which steps of these sets are applied to a database and which are not. Changes nothing.</summary>
    /// <exception cref="StorageException">The URL or the database is not usable.</exception>
    public static async Task<IReadOnlyList<MigrationStatus>> ListMigrationsAsync(string url, IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        await using var database = await OpenAsync(url, new DatabaseOptions { OnlyLooks = true }, cancellation);
        return await database.ListMigrationsAsync(sets, cancellation);
    }

    /// <summary>The same of an open one.</summary>
    public Task<IReadOnlyList<MigrationStatus>> ListMigrationsAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation) =>
        ReadAsync(new Migrator(DisplayName, sets, TimeProvider.System).ListAsync, cancellation);

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
