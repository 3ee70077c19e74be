using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;
using Orchestrator.Storage.Servers;
using Orchestrator.Storage.Sqlite;

namespace Orchestrator.Storage.Copying;

/// <summary>What a snapshot holds.</summary>
public sealed record SnapshotInfo
{
    /// <summary>The name of the database that it was taken of.</summary>
    public required string Source { get; init; }

    /// <summary>The dialect of that database.</summary>
    public required string Dialect { get; init; }
}

/// <summary>
/// Writes all that a database holds at one moment into a new SQLite file, while others go on writing. Of a SQLite file page by page, by SQLite's own online backup; of a server row by row, from one
/// snapshot of all tables, so that a backup is the same file whatever the database was, and can be opened without a server.
/// </summary>
public static class DatabaseSnapshot
{
    /// <param name="source">Opened with all of <paramref name="sets"/>.</param>
    /// <param name="file">The file to make; there must be none.</param>
    /// <param name="sets">Whose tables are copied.</param>
    /// <param name="cancellation">Stops it; the file is then not whole.</param>
    /// <exception cref="StorageException">The disk is full or fails, or the server is away.</exception>
    public static async Task<SnapshotInfo> WriteAsync(OrcDatabase source, string file, IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        try
        {
            if (source is ServerDatabase server)
            {
                await FromServerAsync(server, file, sets, cancellation);
            }
            else
            {
                // SQLite's backup is one call that cannot be interrupted, so it has a thread of its own.
                await Task.Run(() => FromFile(source.DisplayName, file), cancellation);
            }

            Settle(file);
            return new SnapshotInfo { Source = source.DisplayName, Dialect = source.Dialect.ToString() };
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Explain(error, file, "backup", TimeSpan.Zero);
        }
    }

    /// <summary>Reads a whole file and says what is damaged in it; empty when nothing is.</summary>
    public static IReadOnlyList<string> Check(string file)
    {
        try
        {
            using var connection = Open(file, SqliteOpenMode.ReadOnly);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(10)";
            using var reader = command.ExecuteReader();
            var lines = new List<string>();
            while (reader.Read())
            {
                lines.Add(reader.GetString(0));
            }

            return lines is ["ok"] ? [] : lines;
        }
        catch (SqliteException damaged)
        {
            return [damaged.Message];
        }
    }

    private static void FromFile(string source, string file)
    {
        // A connection of its own: a reader of the database would be kept from other readers for as long.
        using var from = Open(source, SqliteOpenMode.ReadWrite);
        using var to = Open(file, SqliteOpenMode.ReadWriteCreate);
        from.BackupDatabase(to);
    }

    /// <summary>One file without a log beside it, on the disk.</summary>
    private static void Settle(string file)
    {
        using (var connection = Open(file, SqliteOpenMode.ReadWrite))
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = DELETE";
            command.ExecuteNonQuery();
        }

        using var made = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        made.Flush(flushToDisk: true);
    }

    private static async Task FromServerAsync(ServerDatabase source, string file, IReadOnlyList<MigrationSet> sets, CancellationToken cancellation)
    {
        await using (await OrcDatabase.OpenAsync($"sqlite:{file}", new DatabaseOptions { Migrations = sets }, cancellation))
        {
            // Makes the tables.
        }

        await using var link = new ServerTransaction(source.Server, source.Server.Snapshot);
        try
        {
            var session = new ServerSession(source.Server, link, new RowStatements(source.Server), Timeout.InfiniteTimeSpan, eager: true);
            var columns = (await session.QueryAsync<ColumnRow>(source.Server.ListColumns, null, cancellation)).ToLookup(column => column.Table, column => column.Column, StringComparer.Ordinal);
            await using var target = Open(file, SqliteOpenMode.ReadWrite);
            await using var transaction = (SqliteTransaction)await target.BeginTransactionAsync(cancellation);
            foreach (var table in sets.SelectMany(set => set.For(Dialect.Sqlite)).SelectMany(step => CreatedTables.In(step.Text)))
            {
                await LoadAsync(source.Server, link, target, transaction, table, [.. columns[table]], cancellation);
            }

            await transaction.CommitAsync(cancellation);
            await CheckReferencesAsync(target, cancellation);
        }
        catch (Exception error) when (error is System.Data.Common.DbException and not SqliteException || error is IOException or TimeoutException)
        {
            throw source.Server.Explain(error, "backup", TimeSpan.Zero).Explanation;
        }
    }

    private static async Task LoadAsync(ServerDialect server, ServerTransaction link, SqliteConnection target, SqliteTransaction transaction, string table, string[] columns, CancellationToken cancellation)
    {
        if (columns.Length == 0)
        {
            throw StorageErrors.CopyDiffers($"the server has no table {table}");
        }

        await using var insert = target.CreateCommand();
        insert.Transaction = transaction;
        var values = columns.Select((_, i) => insert.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}") })).ToArray();
#pragma warning disable CA2100 // Made of names of our own tables.
        insert.CommandText = $"INSERT INTO \"{table}\" ({string.Join(", ", columns.Select(column => $"\"{column}\""))}) VALUES ({string.Join(", ", values.Select(value => value.ParameterName))})";
#pragma warning restore CA2100
        var query = $"SELECT {string.Join(", ", columns.Select(server.Quote))} FROM {server.Quote(table)}";
        await foreach (var row in ServerDialect.ReadAsync(link.Connection, link.Transaction, query, cancellation))
        {
            for (var i = 0; i < row.Length; i++)
            {
                values[i].Value = row[i] ?? DBNull.Value;
            }

            await insert.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static async Task CheckReferencesAsync(SqliteConnection target, CancellationToken cancellation)
    {
        await using var command = target.CreateCommand();
        command.CommandText = "PRAGMA foreign_key_check";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (await reader.ReadAsync(cancellation))
        {
            throw StorageErrors.CopyDiffers($"a row of {reader.GetString(0)} refers to one of {reader.GetString(2)} that is not there");
        }
    }

    /// <summary>Without the rules between tables: rows of a table may refer to later ones of it. They are checked at the end.</summary>
    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, ForeignKeys = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        return connection;
    }

    private sealed class ColumnRow
    {
        public required string Table { get; init; }

        public required string Column { get; init; }
    }
}
