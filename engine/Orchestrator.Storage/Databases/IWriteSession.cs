namespace Orchestrator.Storage.Databases;

/// <summary>One operation inside a write transaction. What it writes appears with the commit, all of it or nothing.</summary>
public interface IWriteSession : IReadSession
{
    /// <summary>Runs a statement. A list of objects as <paramref name="args"/> runs it once per object.</summary>
    /// <returns>How many rows it changed.</returns>
    Task<int> ExecuteAsync(SqlStatement sql, object? args = null, CancellationToken cancellation = default);

    /// <summary>Runs one statement once per row, prepared once: the way to write many rows fast.</summary>
    /// <param name="sql">One statement with positional parameters: <c>@p0</c>, <c>@p1</c>, … for the values of a row.</param>
    /// <param name="rows">
    /// Null, bool, int, long, double (NaN is stored as null), string, byte[], <see cref="DateTimeOffset"/>, JsonElement, Failure and identifiers of Core are legal values. Read once, in order.
    /// </param>
    /// <returns>The positions of the rows for which nothing changed, because a condition in the statement did not hold.</returns>
    Task<IReadOnlyList<int>> ExecuteRowsAsync(SqlStatement sql, IEnumerable<object?[]> rows, CancellationToken cancellation = default);
}
