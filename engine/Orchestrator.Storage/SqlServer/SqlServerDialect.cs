using System.Data;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.SqlServer;

/// <summary>SQL Server 2017 or newer, and Azure's databases.</summary>
internal sealed class SqlServerDialect : ServerDialect
{
    private const int OldestVersion = 14;

    /// <summary>As long a text as fits into a column that is not <c>max</c>: parameters of one size share one plan.</summary>
    private const int PlainText = 4000;

    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(500), Latest = TimeSpan.FromSeconds(4);

    private readonly SqlConnectionStringBuilder settings;

    private SqlServerDialect(SqlConnectionStringBuilder settings) => this.settings = settings;

    public override Dialect Dialect => Dialect.SqlServer;

    public override string DisplayName => $"sqlserver://{settings.DataSource}/{settings.InitialCatalog}";

    /// <summary>Readers see the state at their first statement and hold nobody up; needs ALLOW_SNAPSHOT_ISOLATION, see <see cref="CheckServerAsync"/>.</summary>
    public override IsolationLevel Snapshot => IsolationLevel.Snapshot;

    public override string LockForMigrations => """
        DECLARE @answer int;
        EXEC @answer = sp_getapplock @Resource = N'orc migrations', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 60000;
        IF @answer < 0 THROW 51000, N'another program is changing the schema and did not finish within a minute', 1;
        """;

    public override SqlStatement ListColumns { get; } = new("""
        SELECT t.name AS [table], c.name AS [column],
               CASE WHEN y.name = N'varbinary' THEN N'Bytes' WHEN y.name = N'float' THEN N'Real' WHEN y.name = N'bigint' THEN N'Integer' ELSE N'Text' END AS kind,
               CASE WHEN c.is_identity = 1 THEN 1 ELSE 0 END AS is_numbered
        FROM sys.tables t
        JOIN sys.columns c ON c.object_id = t.object_id
        JOIN sys.types y ON y.user_type_id = c.user_type_id
        WHERE t.schema_id = SCHEMA_ID() AND c.is_computed = 0
        ORDER BY t.name, c.column_id
        """);

    public static SqlServerDialect Create(string location) => new(SqlServerUrl.Parse(location));

    public static async Task<OrcDatabase> OpenAsync(string location, DatabaseOptions options, CancellationToken cancellation) =>
        await ServerDatabase.OpenAsync(Create(location), () => new NoWakeUps(Soonest, Latest), options, cancellation);

    public override DbConnection CreateConnection() => new SqlConnection(settings.ConnectionString);

    /// <summary>A text with several statements is one command whose counts are added up: what prepares the way must not be counted, so it is a SELECT.</summary>
    public override IReadOnlyList<PositionalStatement> ToPositional(string text) => [new PositionalStatement(text, PositionalText.UsedIn(text))];

    public override DbParameter CreateParameter(int position, object? value, ColumnKind kind) => new SqlParameter
    {
        ParameterName = FormattableString.Invariant($"@p{position}"),
        SqlDbType = (value is null ? kind : RowStatement.Of(value)) switch
        {
            ColumnKind.Integer => SqlDbType.BigInt,
            ColumnKind.Real => SqlDbType.Float,
            ColumnKind.Bytes => SqlDbType.VarBinary,
            _ => SqlDbType.NVarChar,
        },
        Size = value switch
        {
            string { Length: <= PlainText } => PlainText,
            string or byte[] => -1,
            null when kind is ColumnKind.Text or ColumnKind.Unknown => PlainText,
            null when kind is ColumnKind.Bytes => -1,
            _ => 0,
        },
        Value = value ?? DBNull.Value,
    };

    public override string Clean(string text) => text;

    public override ServerTrouble Explain(Exception error, string statement, TimeSpan busyTimeout) => SqlServerErrors.Explain(error, DisplayName, statement, busyTimeout);

    public override async Task CheckServerAsync(CancellationToken cancellation)
    {
        if (AppContext.TryGetSwitch("System.Globalization.Invariant", out var isInvariant) && isInvariant)
        {
            // The driver would throw something that only its authors understand.
            throw StorageErrors.NoCultures(DisplayName);
        }

        await using var connection = new SqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellation);
        if (int.TryParse(connection.ServerVersion.Split('.')[0], out var version) && version < OldestVersion && await ReadAsync(connection, "SELECT CAST(SERVERPROPERTY('EngineEdition') AS int)", cancellation) < 5)
        {
            throw StorageErrors.ServerNotUsable(DisplayName, $"its version is {connection.ServerVersion}, and SQL Server 2017 ({OldestVersion}) is the oldest that will do", "use a newer server");
        }

        const string State = "SELECT CAST(snapshot_isolation_state AS int) FROM sys.databases WHERE database_id = DB_ID()";
        if (await ReadAsync(connection, State, cancellation) != 1)
        {
            await AllowSnapshotsAsync(connection, cancellation);
            if (await ReadAsync(connection, State, cancellation) != 1)
            {
                throw StorageErrors.ServerNotUsable(DisplayName, "it does not allow snapshot isolation", "let somebody who may run: ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON");
            }
        }
    }

    public override async Task<long> LoadAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        using var bulk = new SqlBulkCopy((SqlConnection)connection, SqlBulkCopyOptions.KeepIdentity | SqlBulkCopyOptions.KeepNulls | SqlBulkCopyOptions.CheckConstraints, (SqlTransaction)transaction)
        {
            DestinationTableName = Quote(table.Name),
            EnableStreaming = true,
            BulkCopyTimeout = 0,
            BatchSize = 5000,
        };
        foreach (var column in table.Columns)
        {
            bulk.ColumnMappings.Add(column, column);
        }

        // In pieces, because a bulk copy reads from the front to the end without letting anybody await.
        var loaded = 0L;
        using var piece = NewPiece(table);
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            piece.Rows.Add(Array.ConvertAll(row, value => value ?? DBNull.Value));
            if (piece.Rows.Count == 5000)
            {
                loaded += await LoadPieceAsync(bulk, piece, cancellation);
            }
        }

        return loaded + await LoadPieceAsync(bulk, piece, cancellation);
    }

    public override string Quote(string name) => $"[{name.Replace("]", "]]", StringComparison.Ordinal)}]";

    /// <summary>SQL Server counts on from the greatest number that was loaded.</summary>
    public override string? RestartNumbers(TableShape table) => null;

    public override ValueTask DisposeAsync()
    {
        using var connection = new SqlConnection(settings.ConnectionString);
        SqlConnection.ClearPool(connection);
        return ValueTask.CompletedTask;
    }

    private static async Task AllowSnapshotsAsync(SqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            await using var command = new SqlCommand("ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON", connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (SqlException)
        {
            // Not everybody may; what is asked next says whether somebody else did.
        }
    }

    private static async Task<int> ReadAsync(SqlConnection connection, string query, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // The texts are the constants above.
        await using var command = new SqlCommand(query, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellation) is int value ? value : 0;
    }

    private static DataTable NewPiece(TableShape table)
    {
        var piece = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        for (var i = 0; i < table.Columns.Count; i++)
        {
            piece.Columns.Add(table.Columns[i], table.Kinds[i] switch
            {
                ColumnKind.Integer => typeof(long),
                ColumnKind.Real => typeof(double),
                ColumnKind.Bytes => typeof(byte[]),
                _ => typeof(string),
            });
        }

        return piece;
    }

    private static async Task<int> LoadPieceAsync(SqlBulkCopy bulk, DataTable piece, CancellationToken cancellation)
    {
        var count = piece.Rows.Count;
        if (count > 0)
        {
            await bulk.WriteToServerAsync(piece, cancellation);
            piece.Clear();
        }

        return count;
    }
}
