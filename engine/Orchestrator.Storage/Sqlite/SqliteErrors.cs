using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>What SQLite's result codes (sqlite.org/rescode.html) mean for a user.</summary>
internal static class SqliteErrors
{
    public static bool IsBusy(SqliteException error) => error.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public static StorageException Explain(SqliteException error, string database, string statement, TimeSpan busyTimeout) => error.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => StorageErrors.Busy(database, busyTimeout, error),
        raw.SQLITE_FULL => StorageErrors.DiskFull(database, error),
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => StorageErrors.ReadOnly(database, error),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => StorageErrors.Corrupted(database, error.Message, error),
        // SQLite cannot open a file that it cannot make; which of the two it is decides what the user does.
        raw.SQLITE_CANTOPEN when DiskProbe.IsFull(database) => StorageErrors.DiskFull(database, error),
        raw.SQLITE_CANTOPEN when DiskProbe.IsReadOnly(database) => StorageErrors.ReadOnly(database, error),
        raw.SQLITE_CANTOPEN => StorageErrors.CannotOpen(database, error.Message, error),
        // The shared memory beside the log cannot grow on a full disk, and that is an I/O error to SQLite.
        raw.SQLITE_IOERR when DiskProbe.IsFull(database) => StorageErrors.DiskFull(database, error),
        raw.SQLITE_IOERR => StorageErrors.Io(database, $"{error.Message} (extended code {error.SqliteExtendedErrorCode})", error),
        raw.SQLITE_CONSTRAINT => StorageErrors.Constraint(statement, error.Message, error),
        _ => StorageErrors.WrongStatement(statement, error.Message, error),
    };
}
