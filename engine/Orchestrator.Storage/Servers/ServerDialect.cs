using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Servers;

/// <summary>What differs between database servers and is not SQL of a store. Owns the pool of connections.</summary>
internal abstract class ServerDialect : IAsyncDisposable
{
    public abstract Dialect Dialect { get; }

    /// <summary>Server and name, never a password.</summary>
    public abstract string DisplayName { get; }

    /// <summary>The isolation in which all statements of an operation see one state and wait for nobody.</summary>
    public abstract IsolationLevel Snapshot { get; }

    /// <summary>A connection of the pool, not opened yet.</summary>
    public abstract DbConnection CreateConnection();

    /// <summary>The statements of a text, each as it is sent with the values of a row. All but the last one prepare the way: the last one's rows count.</summary>
    public abstract IReadOnlyList<PositionalStatement> ToPositional(string text);

    /// <summary>A parameter for position <paramref name="position"/>. <paramref name="kind"/> is what the column is known to hold, so that a null has a type too.</summary>
    public abstract DbParameter CreateParameter(int position, object? value, ColumnKind kind);

    /// <summary>Makes a text storable: what the server cannot hold is replaced.</summary>
    public abstract string Clean(string text);

    /// <summary>Understands an error of the driver. <paramref name="statement"/> is for the message.</summary>
    public abstract ServerTrouble Explain(Exception error, string statement, TimeSpan busyTimeout);

    /// <summary>Looks whether the server can hold our tables at all. Throws with words when it cannot.</summary>
    public abstract Task CheckServerAsync(CancellationToken cancellation);

    /// <summary>The text that holds all other migrations off until the transaction ends.</summary>
    public abstract string LockForMigrations { get; }

    /// <summary>Writes many rows of whole values fast, inside a transaction.</summary>
    public abstract Task<long> LoadAsync(DbConnection connection, DbTransaction transaction, TableShape table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellation);

    /// <summary>Reads rows as they come, without keeping them.</summary>
    public static async IAsyncEnumerable<object?[]> ReadAsync(DbConnection connection, DbTransaction transaction, string query, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Made of names of our own tables.
        command.CommandText = query;
#pragma warning restore CA2100
        command.Transaction = transaction;
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var row = new object?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = reader.GetValue(i) is var value and not DBNull ? value : null;
            }

            yield return row;
        }
    }

    /// <summary>The tables of the current schema with their columns and what they refer to.</summary>
    public abstract SqlStatement ListColumns { get; }

    public abstract string Quote(string name);

    /// <summary>After rows with numbers of their own were loaded: the next number the server gives is greater than all of them. Null: nothing to do.</summary>
    public abstract string? RestartNumbers(TableShape table);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What a column holds, as far as drivers must know.</summary>
internal enum ColumnKind
{
    Unknown = 0,
    Integer,
    Real,
    Text,
    Bytes,
}

/// <summary>A table as a copy sees it.</summary>
/// <param name="Name">The same in every dialect.</param>
/// <param name="Columns">In the order of the rows.</param>
/// <param name="Kinds">Of the columns.</param>
/// <param name="NumberedBy">The column whose values the database hands out; null: none.</param>
internal sealed record TableShape(string Name, IReadOnlyList<string> Columns, IReadOnlyList<ColumnKind> Kinds, string? NumberedBy);
