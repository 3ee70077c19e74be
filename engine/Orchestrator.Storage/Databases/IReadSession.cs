namespace Orchestrator.Storage.Databases;

/// <summary>
/// A consistent view of the database for the length of one operation. Columns map to properties by name: <c>created_at</c> fills <c>CreatedAt</c>;
/// instants (stored as microseconds since 1970-01-01 UTC), identifiers of Core, <see cref="System.Text.Json.JsonElement"/> and
/// <see cref="Core.Activities.Failure"/> convert both ways; enums are read by name, so write their names. Row types are classes or records with settable (or <c>init</c>) properties, not positional records.
/// </summary>
/// <remarks>Belongs to the operation that got it; not for several threads at once.</remarks>
public interface IReadSession
{
    Dialect Dialect { get; }

    /// <summary>All rows, read before the task ends.</summary>
    /// <param name="sql">With named parameters: <c>@run_id</c>. <c>IN @names</c> takes a list.</param>
    /// <param name="args">An object (anonymous will do) with a property for each parameter.</param>
    /// <exception cref="StorageException">The database said no; its kind says what a caller may do.</exception>
    Task<IReadOnlyList<T>> QueryAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default);

    /// <summary>The first row, or the default of <typeparamref name="T"/> when there is none.</summary>
    Task<T?> FindAsync<T>(SqlStatement sql, object? args = null, CancellationToken cancellation = default);
}
