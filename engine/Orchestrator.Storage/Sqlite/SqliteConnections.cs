using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>Opens connections and speaks the few words of SQLite that are not SQL of a store.</summary>
internal sealed class SqliteConnections(string path, TimeSpan busyTimeout, bool syncsEachCommit, bool readOnly = false)
{
    /// <summary>"ORC1" in the file's header: tells our databases from those of other programs.</summary>
    private const int ApplicationId = 0x4F524331;

    /// <summary>The file's layout as a whole, in the header's user_version. Raised only when migrations cannot express a change.</summary>
    private const int Format = 1;

    /// <summary>For messages.</summary>
    public string Path { get; } = path;

    /// <summary>The file: another one than <see cref="Path"/> while it is made.</summary>
    public string File { get; init; } = path;

    public TimeSpan BusyTimeout { get; } = busyTimeout;

    /// <summary>The one connection that writes. Makes the folder and the file when they are not there.</summary>
    public async Task<SqliteConnection> OpenWriterAsync(CancellationToken cancellation)
    {
        MakeFolder();
        var connection = await OpenAsync(SqliteOpenMode.ReadWriteCreate, cancellation);
        try
        {
            await AdoptAsync(connection, cancellation);
            return connection;
        }
        catch (Exception error)
        {
            await connection.DisposeAsync();
            throw error is SqliteException sqlite ? Explain(sqlite, "open") : error;
        }
    }

    public async Task<SqliteConnection> OpenReaderAsync(CancellationToken cancellation)
    {
        // Read-write mode, because a reader may have to recover the write-ahead log; query_only keeps it from writing rows.
        var connection = readOnly ? await OpenUnwritableAsync(cancellation) : await OpenAsync(SqliteOpenMode.ReadWrite, cancellation);
        Execute(connection, "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000");
        return connection;
    }

    /// <summary>
    /// A file in a folder that cannot be written. SQLite reads its log when the log's shared memory is there, or can be read; without a log the file alone is all, and SQLite must be told
    /// that nobody changes it. A log that cannot be read holds commits, and a state without them would be a lie.
    /// </summary>
    private async Task<SqliteConnection> OpenUnwritableAsync(CancellationToken cancellation)
    {
        if (!System.IO.File.Exists(File))
        {
            throw StorageErrors.CannotOpen(Path, "there is no such file", null);
        }

        if (new FileInfo($"{Path}-wal") is not { Exists: true, Length: > 0 })
        {
            return await OpenAsync(SqliteOpenMode.ReadOnly, cancellation, $"file:{Uri.EscapeDataString(Path).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1");
        }

        var connection = await OpenAsync(SqliteOpenMode.ReadOnly, cancellation);
        try
        {
            _ = Read(connection, "SELECT COUNT(*) FROM sqlite_master");
            return connection;
        }
        catch (SqliteException unreadable) when (unreadable.SqliteErrorCode is raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY)
        {
            await connection.DisposeAsync();
            throw StorageErrors.LogUnreadable(Path, unreadable);
        }
    }

    /// <summary>Runs statements without results and without a command object. Throws what SQLite said.</summary>
    public static void Execute(SqliteConnection connection, string statements)
    {
        var code = raw.sqlite3_exec(connection.Handle, statements);
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, connection.Handle);
        }
    }

    /// <summary>
    /// Runs statements, waiting while another process has the lock. SQLite's own waiting sleeps the thread in growing steps up to 100 ms and the driver's in steps
    /// of 150 ms; a busy writer lets go for about a millisecond at a time, so this one asks more often.
    /// </summary>
    public async Task ExecutePatientlyAsync(SqliteConnection connection, string statements, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var code = raw.sqlite3_exec(connection.Handle, statements);
            if (code == raw.SQLITE_OK)
            {
                return;
            }

            var waited = Stopwatch.GetElapsedTime(started);
            if (code is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) || waited >= BusyTimeout)
            {
                SqliteException.ThrowExceptionForRC(code, connection.Handle);
            }

            // The system's clock on purpose: the other process lives in real time, also when this one is tested with a clock of its own.
            await Task.Delay(waited < TimeSpan.FromSeconds(2) ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellation);
        }
    }

    public StorageException Explain(SqliteException error, string statement) => SqliteErrors.Explain(error, Path, statement, BusyTimeout);

    private async Task<SqliteConnection> OpenAsync(SqliteOpenMode mode, CancellationToken cancellation, string? source = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source ?? File,
            Mode = mode,
            // Connections live as long as the database object; a pool of the driver would keep files open after it.
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            await connection.OpenAsync(cancellation);
            raw.sqlite3_extended_result_codes(connection.Handle, 0);
            return connection;
        }
        catch (SqliteException error)
        {
            await connection.DisposeAsync();
            throw Explain(error, "open");
        }
    }

    /// <summary>Checks that the file is ours, or empty and so becomes ours, and sets how it is written.</summary>
    private async Task AdoptAsync(SqliteConnection connection, CancellationToken cancellation)
    {
        // The first look reads the header: not a database, or damaged, shows here, before anything is written.
        await ExecutePatientlyAsync(connection, "SELECT COUNT(*) FROM sqlite_master", cancellation);
        var application = Read(connection, "PRAGMA application_id");
        if (application != ApplicationId && (application != 0 || Read(connection, "SELECT COUNT(*) FROM sqlite_master") > 0))
        {
            throw StorageErrors.ForeignDatabase(Path);
        }

        if (Read(connection, "PRAGMA user_version") is var format and > Format)
        {
            throw StorageErrors.NewerDatabase(Path, $"its format is {format}, and this version knows {Format}");
        }

        // NORMAL: a commit writes the log and does not wait for the disk; WalSync does, for all who want that, beside the next commit. Checkpoints sync by themselves.
        // Checkpoints every 4000 pages (16 MB) rather than 1000: fewer pauses under load.
        await ExecutePatientlyAsync(connection, $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {(syncsEachCommit ? "FULL" : "NORMAL")}; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000", cancellation);
        if (application == 0)
        {
            await ExecutePatientlyAsync(connection, "BEGIN IMMEDIATE", cancellation);
            Execute(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Format}; COMMIT");
        }
    }

    private static long Read(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are the constants above.
        command.CommandText = query;
#pragma warning restore CA2100
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private void MakeFolder()
    {
        var folder = System.IO.Path.GetDirectoryName(Path);
        try
        {
            if (!string.IsNullOrEmpty(folder))
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception error) when (DiskProbe.IsReadOnly(error))
        {
            throw StorageErrors.ReadOnly(Path, error);
        }
        catch (IOException error)
        {
            throw DiskProbe.IsFull(error) ? StorageErrors.DiskFull(Path, error) : StorageErrors.CannotOpen(Path, error.Message, error);
        }
    }
}
