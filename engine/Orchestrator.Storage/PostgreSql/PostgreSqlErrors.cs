using System.Net.Sockets;
using Npgsql;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.PostgreSql;

/// <summary>What PostgreSQL's error codes (postgresql.org/docs/current/errcodes-appendix.html) mean for a transaction and for a user.</summary>
internal static class PostgreSqlErrors
{
    public static ServerTrouble Explain(Exception error, string database, string statement, TimeSpan busyTimeout) => error switch
    {
        PostgresException answered => Answered(answered, database, statement, busyTimeout),
        // No answer at all: the socket ended, or nothing came in time. After a timeout the driver breaks the connection.
        NpgsqlException { InnerException: TimeoutException or IOException or SocketException } or IOException or TimeoutException => Lost(error, database),
        NpgsqlException { IsTransient: true } => Lost(error, database),
        _ => Lasting(StorageErrors.WrongStatement(statement, error.Message, error)),
    };

    private static ServerTrouble Answered(PostgresException error, string database, string statement, TimeSpan busyTimeout) => error.SqlState switch
    {
        // serialization_failure, deadlock_detected: undone because of others.
        "40001" or "40P01" => Conflict(StorageErrors.ServerBusy(database, busyTimeout, error.MessageText, error)),
        // lock_not_available; query_canceled (a statement's time was over).
        "55P03" or "57014" => Lasting(StorageErrors.ServerBusy(database, busyTimeout, error.MessageText, error)),
        // statement_completion_unknown and the other transaction_rollback codes leave nothing behind, bar the first.
        "40003" => Lost(error, database),
        // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout; too_many_connections.
        "57P01" or "57P02" or "57P03" or "57P05" or "53300" => Lost(error, database),
        // idle_in_transaction_session_timeout: the server gave up on this session.
        "25P03" => Lost(error, database),
        // read_only_sql_transaction: after a fail-over the pool may still lead to what is now the standby.
        "25006" => Lasting(StorageErrors.ReadOnly(database, error)),
        "53100" => Lasting(StorageErrors.DiskFull(database, error)),
        "58030" => Lasting(StorageErrors.Io(database, error.MessageText, error)),
        "28000" or "28P01" or "42501" => Lasting(StorageErrors.AccessDenied(database, error.MessageText, error)),
        "3D000" => Lasting(StorageErrors.NoSuchDatabase(database, error.MessageText, error)),
        // string_data_right_truncation; program_limit_exceeded (a key too long for its index).
        "22001" or "54000" => Lasting(StorageErrors.NotStorable(database, statement, error.MessageText, error)),
        "XX001" or "XX002" => Lasting(StorageErrors.Corrupted(database, error.MessageText, error)),
        var state when state.StartsWith("08", StringComparison.Ordinal) => Lost(error, database),
        var state when state.StartsWith("40", StringComparison.Ordinal) => Conflict(StorageErrors.ServerBusy(database, busyTimeout, error.MessageText, error)),
        "23505" => new ServerTrouble(TroubleKind.Duplicate, StorageErrors.Constraint(statement, error.MessageText, error)),
        var state when state.StartsWith("23", StringComparison.Ordinal) => Lasting(StorageErrors.Constraint(statement, error.MessageText, error)),
        _ => Lasting(StorageErrors.WrongStatement(statement, error.MessageText, error)),
    };

    private static ServerTrouble Lost(Exception error, string database) => new(TroubleKind.ConnectionLost, StorageErrors.ConnectionLost(database, error.Message, error));

    private static ServerTrouble Conflict(StorageException explanation) => new(TroubleKind.Conflict, explanation);

    private static ServerTrouble Lasting(StorageException explanation) => new(TroubleKind.Lasting, explanation);
}
