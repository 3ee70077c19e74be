namespace Orchestrator.Server.Documents;

/// <summary>A part of a list.</summary>
public sealed record Page<T>
{
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Ask again with this as <c>cursor</c>, and the same filters, for what comes after; absent: this is the end.</summary>
    public string? Next { get; init; }

    /// <param name="found">One more than were asked for, when there are more.</param>
    /// <param name="limit">How many were asked for.</param>
    /// <param name="cursor">The cursor behind an item.</param>
    /// <param name="document">The document of an item.</param>
    internal static Page<T> Of<TRow>(IReadOnlyList<TRow> found, int limit, Func<TRow, string> cursor, Func<TRow, T> document) => new()
    {
        Items = [.. found.Take(limit).Select(document)], Next = found.Count > limit ? cursor(found[limit - 1]) : null,
    };
}
