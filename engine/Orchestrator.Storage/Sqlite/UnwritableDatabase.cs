using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Sqlite;

/// <summary>A SQLite file that is only looked at, in a folder that nothing can be written into.</summary>
internal sealed class UnwritableDatabase : OrcDatabase
{
    private readonly SqliteConnections connections;
    private readonly SqliteReaders readers;

    private UnwritableDatabase(SqliteConnections connections, SqliteReaders readers)
    {
        this.connections = connections;
        this.readers = readers;
    }

    public override Dialect Dialect => Dialect.Sqlite;

    public override string DisplayName => connections.Path;

    /// <exception cref="StorageException">There is none, its log cannot be read (ORC6420), its schema is an older (ORC6421) or a newer one.</exception>
    public static async Task<UnwritableDatabase> OpenFileAsync(string path, DatabaseOptions options, CancellationToken cancellation)
    {
        var connections = new SqliteConnections(path, options.BusyTimeout, syncsEachCommit: false, readOnly: true);
        var database = new UnwritableDatabase(connections, new SqliteReaders(connections, options.Readers));
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
        throw StorageErrors.ReadOnly(DisplayName, null);

    public override Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => readers.ReadAsync(operation, cancellation);

    public override async Task<IReadOnlyList<MigrationStatus>> MigrateAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation) =>
        sets.Count > 0 && await ReadAsync(new Migrator(DisplayName, sets, TimeProvider.System).IsNeededAsync, cancellation) ? throw StorageErrors.SchemaOfAnotherVersion(DisplayName) : [];

    public override Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation) => SqliteDatabase.FindDamageAsync(this, cancellation);

    public override ValueTask DisposeAsync() => readers.DisposeAsync();
}
