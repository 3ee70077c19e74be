using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Facts;

/// <summary>Writes facts of one kind to the tables of a family, inside the transaction that ends the attempt.</summary>
public interface IFactHandler
{
    /// <summary>The <see cref="IFact.Kind"/> it takes. One handler per kind.</summary>
    string Kind { get; }

    /// <summary>
    /// Stores one fact. Facts of an attempt arrive in the order they were recorded. Throwing undoes the whole commit, so the attempt has not ended:
    /// throw only when the database fails or the fact cannot be stored at all.
    /// </summary>
    /// <param name="session">The transaction that ends the attempt. Await nothing else.</param>
    /// <param name="context">Whose fact it is.</param>
    /// <param name="fact">As <see cref="Core.Values.OrcJson"/> wrote it.</param>
    /// <param name="cancellation">Cancelled when the program stops.</param>
    Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation);

    /// <summary>
    /// Stores facts of this kind that an attempt recorded one after the other; at least one. For handlers that store many at once faster than one by one:
    /// training leaves thousands of metric points.
    /// </summary>
    async Task ApplyManyAsync(IWriteSession session, FactContext context, IReadOnlyList<JsonElement> facts, CancellationToken cancellation)
    {
        foreach (var fact in facts)
        {
            await ApplyAsync(session, context, fact, cancellation);
        }
    }
}

/// <summary>Whose fact it is, and how that attempt ended.</summary>
public sealed record FactContext
{
    public required AttemptInfo Attempt { get; init; }

    public required AttemptOutcome Outcome { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>The time of the commit.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>How an attempt ended.</summary>
public enum AttemptOutcome
{
    Unknown = 0,
    Succeeded,
    Failed,
}

/// <summary>A fact on its way to its handler.</summary>
public sealed record RecordedFact
{
    /// <summary>The <see cref="IFact.Kind"/>.</summary>
    public required string Kind { get; init; }

    public required JsonElement Value { get; init; }
}
