using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Servers;

namespace Orchestrator.Storage.PostgreSql;

/// <summary>PostgreSQL 13 or newer.</summary>
internal sealed class PostgreSqlDialect : ServerDialect
{
    private const int OldestVersion = 13;

    private readonly NpgsqlDataSource source;
    private readonly NpgsqlConnectionStringBuilder settings;

    private PostgreSqlDialect(NpgsqlConnectionStringBuilder settings)
    {
        this.settings = settings;
        source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public override Dialect Dialect => Dialect.PostgreSql;

    public override string DisplayName => $"postgres://{settings.Host}:{settings.Port}/{settings.Database}{(settings.SearchPath is { } path ? $" (schema {path})" : "")}";

    public override IsolationLevel Snapshot => IsolationLevel.RepeatableRead;

    /// <summary>One lock per schema: two homes in one database do not wait for each other.</summary>
    public override string LockForMigrations => "SELECT pg_advisory_xact_lock(hashtext('orc migrations'), hashtext(current_schema()))";

    public override SqlStatement ListColumns { get; } = new("""
        SELECT table_name AS "table", column_name AS "column",
               CASE WHEN data_type = 'bytea' THEN 'Bytes' WHEN data_type = 'double precision' THEN 'Real' WHEN data_type = 'bigint' THEN 'Integer' ELSE 'Text' END AS kind,
               CASE WHEN is_identity = 'YES' THEN 1 ELSE 0 END AS is_numbered
        FROM information_schema.columns
        WHERE table_schema = current_schema()
        ORDER BY table_name, ordinal_position
        """);

    public static async Task<OrcDatabase> OpenAsync(string location, DatabaseOptions options, CancellationToken cancellation)
    {
        var dialect = new PostgreSqlDialect(PostgreSqlUrl.Parse(location));
        return await ServerDatabase.OpenAsync(dialect, () => new PostgreSqlWakeUps(dialect.source, options), options, cancellation);
    }

    public override DbConnection CreateConnection() => source.CreateConnection();

    public override IReadOnlyList<PositionalStatement> ToPositional(string text) =>
        [.. PositionalText.Split(text).Select(part => new PositionalStatement(PositionalText.ToDollars(part), PositionalText.UsedIn(part)))];

    public override DbParameter CreateParameter(int position, object? value, ColumnKind kind) => (value, kind) switch
    {
        (long number, _) => new NpgsqlParameter<long> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint },
        (double number, _) => new NpgsqlParameter<double> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Double },
        (string text, _) => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
        (byte[] bytes, _) => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
        (_, ColumnKind.Integer) => Null(NpgsqlDbType.Bigint),
        (_, ColumnKind.Real) => Null(NpgsqlDbType.Double),
        (_, ColumnKind.Text) => Null(NpgsqlDbType.Text),
        (_, ColumnKind.Bytes) => Null(NpgsqlDbType.Bytea),
        // Nothing was ever written here: the server finds the type from where the value goes.
        _ => new NpgsqlParameter { Value = DBNull.Value },
    };

    public override string Clean(string text) => TextCleaning.Clean(text);

    public override ServerTrouble Explain(Exception error, string statement, TimeSpan busyTimeout) => PostgreSqlErrors.Explain(error, DisplayName, statement, busyTimeout);

    public override async Task CheckServerAsync(CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        if (connection.PostgreSqlVersion.Major < OldestVersion)
        {
            throw StorageErrors.ServerNotUsable(DisplayName, $"it is PostgreSQL {connection.PostgreSqlVersion}, and {OldestVersion} is the oldest that will do", "use a newer server");
        }

        await using var command = new NpgsqlCommand("SELECT current_setting('server_encoding'), current_schema()", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetString(0) is var encoding and not "UTF8")
        {
            throw StorageErrors.ServerNotUsable(DisplayName, $"its text is {encoding}", "create a database with ENCODING 'UTF8' (TEMPLATE template0)");
        }

        if (await reader.IsDBNullAsync(1, cancellation))
        {
            throw StorageErrors.ServerNotUsable(DisplayName, $"none of its schemas in the search path \"{settings.SearchPath}\" exists", "create the schema, or name one that exists in search_path");
        }
    }

    public override async Task<long> LoadAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        var columns = string.Join(", ", table.Columns.Select(Quote));
        await using var import = await ((NpgsqlConnection)connection).BeginBinaryImportAsync($"COPY {Quote(table.Name)} ({columns}) FROM STDIN (FORMAT binary)", cancellation);
        var types = table.Kinds.Select(kind => kind switch
        {
            ColumnKind.Integer => NpgsqlDbType.Bigint,
            ColumnKind.Real => NpgsqlDbType.Double,
            ColumnKind.Bytes => NpgsqlDbType.Bytea,
            _ => NpgsqlDbType.Text,
        }).ToArray();
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            await import.StartRowAsync(cancellation);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] is { } value)
                {
                    await import.WriteAsync(value, types[i], cancellation);
                }
                else
                {
                    await import.WriteNullAsync(cancellation);
                }
            }
        }

        return (long)await import.CompleteAsync(cancellation);
    }

    public override string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override string? RestartNumbers(TableShape table) => table.NumberedBy is not { } column ? null
        : $"SELECT setval(pg_get_serial_sequence('{Quote(table.Name)}', '{column}'), GREATEST(COALESCE(MAX({Quote(column)}), 0), 1), MAX({Quote(column)}) IS NOT NULL) FROM {Quote(table.Name)}";

    public override ValueTask DisposeAsync() => source.DisposeAsync();

    private static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };
}
