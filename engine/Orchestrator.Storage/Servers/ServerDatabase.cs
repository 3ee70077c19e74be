using System.Data.Common;
using System.Diagnostics;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.Servers;

/// <summary>A database on a server: pooled connections, short transactions, many processes on many machines.</summary>
internal sealed class ServerDatabase : OrcDatabase
{
    private readonly ServerDialect dialect;
    private readonly ServerWrites writes;
    private readonly DatabaseOptions options;
    private readonly SemaphoreSlim readers;
    private volatile bool closed;

    private ServerDatabase(ServerDialect dialect, IWakeUps wakeUps, DatabaseOptions options)
    {
        this.dialect = dialect;
        this.options = options;
        WakeUps = wakeUps;
        writes = new ServerWrites(dialect, options);
        readers = new SemaphoreSlim(options.Readers, options.Readers);
    }

    public override Dialect Dialect => dialect.Dialect;

    public override string DisplayName => dialect.DisplayName;

    public override IWakeUps WakeUps { get; }

    /// <summary>Owns the dialect from here on, also when it cannot be opened.</summary>
    public static async Task<ServerDatabase> OpenAsync(ServerDialect dialect, Func<IWakeUps> wakeUps, DatabaseOptions options, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Readers, 1);
        try
        {
            await CheckAsync(dialect, options, cancellation);
        }
        catch
        {
            await dialect.DisposeAsync();
            throw;
        }

        var database = new ServerDatabase(dialect, wakeUps(), options);
        try
        {
            if (!options.OnlyLooks)
            {
                await database.MigrateAsync(options.Migrations, cancellation);
                await database.writes.ForgetReceiptsAsync(cancellation);
            }

            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <remarks>
    /// Every write waits for the server's disk, whatever is asked for: programs outlive a crash of their server, and one that remembered a step which the server has
    /// forgotten would find its run in another state than it knows, and give it up.
    /// </remarks>
    public override Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, CancellationToken cancellation) =>
        writes.WriteWholeAsync(operation, cancellation);

    internal override Task<T> WriteGuardedAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, Durability durability, Settlement<T>? settle, CancellationToken cancellation) =>
        writes.WriteGuardedAsync(operation, settle, cancellation);

    public override async Task<T> ReadAsync<T>(Func<IReadSession, CancellationToken, Task<T>> operation, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(closed, typeof(OrcDatabase));
        await readers.WaitAsync(cancellation);
        try
        {
            var started = Stopwatch.GetTimestamp();
            for (var failures = 1; ; failures++)
            {
                await using var link = new ServerTransaction(dialect, dialect.Snapshot);
                var session = new ServerSession(dialect, link, statements: null, options.BusyTimeout, eager: true);
                try
                {
                    return await operation(session, cancellation);
                }
                catch (Exception) when (session.Trouble is { Kind: TroubleKind.Conflict or TroubleKind.ConnectionLost } && Stopwatch.GetElapsedTime(started) < options.BusyTimeout)
                {
                    // Reading changes nothing, so it may be done again; a server that restarts is away for seconds.
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1000, 10 << Math.Min(failures, 7))), TimeProvider.System, cancellation);
                }
                finally
                {
                    session.Close();
                }
            }
        }
        finally
        {
            readers.Release();
        }
    }

    /// <summary>Looks first without the lock, so that a start on a database that is up to date waits for nobody.</summary>
    public override async Task<IReadOnlyList<MigrationStatus>> MigrateAsync(IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        var migrator = new Migrator(DisplayName, [.. ServerTables.Migrations, .. sets], options.Time);
        if (!await ReadAsync(migrator.IsNeededAsync, cancellation))
        {
            return [];
        }

        // Each statement sees what is current: the list of applied steps is read after the lock was got.
        return await writes.WriteGuardedAsync(
            async (session, token) =>
            {
                await session.ExecuteAsync(dialect.LockForMigrations, cancellation: token);
                return await migrator.ApplyAsync(session, token);
            },
            // What is stored after a commit without an answer is found by looking again, and applying nothing is harmless.
            settle: (_, _) => Task.FromResult<(bool, IReadOnlyList<MigrationStatus>?)>((false, null)),
            cancellation);
    }

    /// <summary>Servers check their own pages; what is asked here is whether they answer.</summary>
    public override async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation)
    {
        _ = await ReadAsync((session, token) => session.FindAsync<int>("SELECT 1", null, token), cancellation);
        return [];
    }

    public override async ValueTask DisposeAsync()
    {
        if (closed)
        {
            return;
        }

        await writes.DisposeAsync();
        closed = true;
        for (var i = 0; i < options.Readers; i++)
        {
            await readers.WaitAsync();
        }

        await WakeUps.DisposeAsync();
        await dialect.DisposeAsync();
    }

    /// <summary>For what is not a statement of a store: loading rows.</summary>
    internal ServerDialect Server => dialect;

    private static async Task CheckAsync(ServerDialect dialect, DatabaseOptions options, CancellationToken cancellation)
    {
        try
        {
            await dialect.CheckServerAsync(cancellation);
        }
        catch (Exception error) when (error is DbException or IOException or TimeoutException)
        {
            // Not tried again: whoever starts the program learns at once that the address or the password is wrong.
            var trouble = dialect.Explain(error, "open", options.BusyTimeout);
            // What is asked here no server misunderstands: a driver that says so did not come to an agreement with it, for example on TLS.
            throw trouble.Kind == TroubleKind.ConnectionLost || trouble.Explanation.Kind == StorageErrorKind.Defect
                ? StorageErrors.CannotConnect(dialect.DisplayName, error.Message, error)
                : trouble.Explanation;
        }
    }
}
