using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Sqlite;

/// <summary>A SQLite file: one writing connection behind a queue, several reading ones.</summary>
internal sealed class SqliteDatabase : OrcDatabase
{
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private readonly SqliteConnections connections;
    private readonly TimeProvider time;

    private SqliteDatabase(SqliteConnections connections, SqliteWriter writer, SqliteReaders readers, TimeProvider time)
    {
        this.connections = connections;
        this.writer = writer;
        this.readers = readers;
        this.time = time;
    }

    public override Dialect Dialect => Dialect.Sqlite;

    public override string DisplayName => connections.Path;

    public static async Task<SqliteDatabase> OpenFileAsync(string path, DatabaseOptions options, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Readers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SyncWithin, TimeSpan.Zero);
        if (!options.OnlyLooks && !File.Exists(path))
        {
            await NewFile.MakeAsync(path, async draft => await (await OpenFileAsync(path, draft, options, cancellation)).DisposeAsync());
        }

        return await OpenFileAsync(path, path, options, cancellation);
    }

    /// <param name="name">What it is called to people.</param>
    /// <param name="file">Where it is.</param>
    private static async Task<SqliteDatabase> OpenFileAsync(string name, string file, DatabaseOptions options, CancellationToken cancellation)
    {
        var connections = new SqliteConnections(name, options.BusyTimeout, syncsEachCommit: options.SyncWithin == TimeSpan.Zero) { File = file };
        var connection = await connections.OpenWriterAsync(cancellation);
        var database = new SqliteDatabase(connections, new SqliteWriter(connection, connections, options), new SqliteReaders(connections, options.Readers), options.Time);
        try
        {
            await database.MigrateAsync(options.Migrations, cancellation);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public override Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, CancellationToken cancellation) =>
        writer.WriteAsync(operation, durability, cancellation);

    public override Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => readers.ReadAsync(operation, cancellation);

    public override async Task<IReadOnlyList<MigrationStatus>> MigrateAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        var migrator = new Migrator(DisplayName, sets, time);
        return sets.Count > 0 && await ReadAsync(migrator.IsNeededAsync, cancellation) ? await WriteAsync(migrator.ApplyAsync, cancellation) : [];
    }

    public override Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation) => FindDamageAsync(this, cancellation);

    internal static async Task<IReadOnlyList<string>> FindDamageAsync(OrcDatabase database, CancellationToken cancellation)
    {
        try
        {
            var lines = await database.ReadAsync((session, token) => session.QueryAsync<string>("PRAGMA integrity_check(100)", null, token), cancellation);
            return lines is ["ok"] ? [] : lines;
        }
        catch (StorageException damaged) when (damaged.Kind is StorageErrorKind.Corrupted)
        {
            return [damaged.Message];
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await readers.DisposeAsync();
        // Last, because the last connection to close folds the write-ahead log into the file.
        await writer.DisposeAsync();
    }
}
