using Microsoft.Data.SqlClient;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.SqlServer;

/// <summary>What SQL Server's error numbers (learn.microsoft.com/sql/relational-databases/errors-events) mean for a transaction and for a user.</summary>
internal static class SqlServerErrors
{
    /// <summary>From this severity on the server ends the connection.</summary>
    private const byte EndsConnection = 20;

    public static ServerTrouble Explain(Exception error, string database, string statement, TimeSpan busyTimeout) => error switch
    {
        SqlException { Class: >= EndsConnection } gone => Lost(gone, database),
        SqlException answered => Answered(answered, database, statement, busyTimeout),
        IOException or TimeoutException => Lost(error, database),
        _ => Lasting(StorageErrors.WrongStatement(statement, error.Message, error)),
    };

    private static ServerTrouble Answered(SqlException error, string database, string statement, TimeSpan busyTimeout) => error.Number switch
    {
        // Chosen as the victim of a deadlock; update conflict of a snapshot; a page lock that could not be got in order.
        1205 or 3960 or 3961 or 41302 or 41305 or 41325 => Conflict(StorageErrors.ServerBusy(database, busyTimeout, error.Message, error)),
        // Lock request time-out.
        1222 => Lasting(StorageErrors.ServerBusy(database, busyTimeout, error.Message, error)),
        // -2: no answer in time, the driver gave up on the statement; the others: the socket, the name, the handshake.
        -2 or -1 or 2 or 20 or 53 or 64 or 121 or 233 or 258 or 10053 or 10054 or 10060 or 10061 or 11001 => Lost(error, database),
        // Shutting down, starting up, fail-over of Azure's database and of availability groups, and its limits.
        6005 or 922 or 983 or 976 or 4221 or 40197 or 40501 or 40613 or 49918 or 49919 or 49920 or 10928 or 10929 => Lost(error, database),
        4060 => Lasting(StorageErrors.NoSuchDatabase(database, error.Message, error)),
        18452 or 18456 or 18470 or 18487 or 18488 or 229 or 230 or 262 or 916 => Lasting(StorageErrors.AccessDenied(database, error.Message, error)),
        2601 or 2627 => new ServerTrouble(TroubleKind.Duplicate, StorageErrors.Constraint(statement, error.Message, error)),
        547 or 515 => Lasting(StorageErrors.Constraint(statement, error.Message, error)),
        // A text longer than its column; a key longer than its index.
        2628 or 8152 or 1946 => Lasting(StorageErrors.NotStorable(database, statement, error.Message, error)),
        1101 or 1105 or 9002 => Lasting(StorageErrors.DiskFull(database, error)),
        3906 or 3908 => Lasting(StorageErrors.ReadOnly(database, error)),
        823 or 824 or 825 => Lasting(StorageErrors.Corrupted(database, error.Message, error)),
        _ => Lasting(StorageErrors.WrongStatement(statement, error.Message, error)),
    };

    private static ServerTrouble Lost(Exception error, string database) => new(TroubleKind.ConnectionLost, StorageErrors.ConnectionLost(database, error.Message, error));

    private static ServerTrouble Conflict(StorageException explanation) => new(TroubleKind.Conflict, explanation);

    private static ServerTrouble Lasting(StorageException explanation) => new(TroubleKind.Lasting, explanation);
}
