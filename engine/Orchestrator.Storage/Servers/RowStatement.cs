using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Servers;

/// <summary>
/// A statement that is run once per row, as it goes to the server. Remembers what each position has held, so that a null is sent with the type of the column:
/// a statement that is prepared on the server is only used again for the same types.
/// </summary>
internal sealed class RowStatement(ServerDialect dialect, SqlStatement sql)
{
    private readonly ColumnKind[] kinds = new ColumnKind[32];

    public string Name { get; } = sql.Name;

    /// <summary>Sent one after the other for each row; the last one's rows count.</summary>
    public IReadOnlyList<PositionalStatement> Parts { get; } = dialect.ToPositional(sql.For(dialect.Dialect));

    public ColumnKind KindOf(int position, object? value)
    {
        if (position >= kinds.Length)
        {
            return Of(value);
        }

        if (value is not null)
        {
            // Racing writers write the same: a column holds one kind.
            kinds[position] = Of(value);
        }

        return kinds[position];
    }

    public static ColumnKind Of(object? value) => value switch
    {
        null => ColumnKind.Unknown,
        long => ColumnKind.Integer,
        double => ColumnKind.Real,
        string => ColumnKind.Text,
        byte[] => ColumnKind.Bytes,
        _ => throw new ArgumentException($"a value of type {value.GetType()} has no form in a column", nameof(value)),
    };
}

/// <summary>One statement as it is sent.</summary>
/// <param name="Text">With the server's own placeholders.</param>
/// <param name="Values">Which values of a row it takes, in the order of its placeholders.</param>
internal sealed record PositionalStatement(string Text, IReadOnlyList<int> Values);
