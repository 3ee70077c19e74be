using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Orchestrator.Storage.Databases;
using SQLitePCL;

namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// A statement that stays prepared as long as its connection. Goes past the driver's command, which looks up each parameter by name and makes
/// a reader per execution: on the path that every task of every run takes, that was half of the time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt statement;
    private readonly int[] places;

    /// <summary>What is bound: a parameter keeps its value from row to row, and most values of most rows are those of the row before.</summary>
    private readonly object?[] bound;

    public SqliteStatement(SqliteConnection connection, string text)
    {
        this.connection = connection;
        Check(raw.sqlite3_prepare_v2(connection.Handle, text, out statement, out var rest));
        if (!string.IsNullOrWhiteSpace(rest))
        {
            statement.Dispose();
            throw new ArgumentException($"one statement expected, and after it comes: {rest}", nameof(text));
        }

        // SQLite numbers parameters by their first appearance; rows number them by name.
        places = [.. Enumerable.Range(0, raw.sqlite3_bind_parameter_count(statement)).Select(i => raw.sqlite3_bind_parameter_index(statement, string.Create(CultureInfo.InvariantCulture, $"@p{i}")))];
        bound = new object?[places.Length];
    }

    /// <summary>Runs it with one row of values.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute(object?[] row)
    {
        if (row.Length != places.Length)
        {
            throw new ArgumentException($"{row.Length} values for {places.Length} parameters", nameof(row));
        }

        try
        {
            for (var i = 0; i < places.Length; i++)
            {
                var value = TypeConversions.ToColumn(row[i]);
                if (!IsSame(bound[i], value))
                {
                    Check(Bind(places[i], value));
                    bound[i] = value;
                }
            }

            // total_changes instead of changes: the latter keeps the number of an earlier statement when this one changes nothing.
            var before = raw.sqlite3_total_changes(connection.Handle);
            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
            }

            if (code != raw.SQLITE_DONE)
            {
                Check(code);
            }

            return raw.sqlite3_total_changes(connection.Handle) - before;
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
        }
    }

    public void Dispose() => statement.Dispose();

    /// <summary>Texts by reference: two of the same letters are rare where it is not the same text, and reading them costs as much as binding one.</summary>
    private static bool IsSame(object? bound, object? value) => (ReferenceEquals(bound, value) && value is not byte[]) || (bound is long before && value is long now && before == now);

    private int Bind(int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, place),
        string text => BindText(place, text),
        long number => raw.sqlite3_bind_int64(statement, place, number),
        double number => raw.sqlite3_bind_double(statement, place, number),
        byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
        _ => throw new ArgumentException($"a value of type {value.GetType()} cannot be bound", nameof(value)),
    };

    private int BindText(int place, string text)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (longest <= 512)
        {
            Span<byte> small = stackalloc byte[longest];
            return raw.sqlite3_bind_text(statement, place, small[..Encoding.UTF8.GetBytes(text, small)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            return raw.sqlite3_bind_text(statement, place, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, connection.Handle);
        }
    }
}
