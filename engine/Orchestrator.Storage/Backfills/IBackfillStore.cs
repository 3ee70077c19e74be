using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Backfills;

/// <summary>Backfills. Which item has which run is decided in the transaction that accepts the run (<see cref="Schedules.BackfillCause"/>), so that a kill loses and doubles nothing.</summary>
public interface IBackfillStore
{
    /// <summary>Stores a plan as it was shown; its definition must be stored.</summary>
    /// <param name="backfill">What is planned.</param>
    /// <param name="items">Its dates.</param>
    /// <param name="also">Written in the same transaction; null: nothing.</param>
    /// <param name="cancellation">Ends the waiting for the writer.</param>
    Task AddAsync(BackfillInfo backfill, IReadOnlyList<BackfillItem> items, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);

    Task<BackfillInfo?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>Those whose identifier starts with a text, newest first, at most 10: what people type.</summary>
    Task<IReadOnlyList<BackfillInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<BackfillInfo>> ListAsync(BackfillFilter filter, CancellationToken cancellation);

    Task<IReadOnlyList<string>> ListRunningAsync(CancellationToken cancellation);

    Task<IReadOnlyList<BackfillItem>> ListItemsAsync(string id, CancellationToken cancellation);

    /// <summary>Items behind a position, in order.</summary>
    Task<IReadOnlyList<BackfillItem>> ListItemsAsync(string id, int after, int limit, CancellationToken cancellation);

    /// <summary>How far its items are, without reading them all.</summary>
    Task<IReadOnlyList<BackfillCount>> CountItemsAsync(string id, CancellationToken cancellation);

    /// <summary>The items to start next, in order.</summary>
    Task<IReadOnlyList<BackfillItem>> ListNextAsync(string id, int limit, CancellationToken cancellation);

    /// <summary>Its runs that have not ended.</summary>
    Task<IReadOnlyList<RunId>> ListUnfinishedAsync(string id, CancellationToken cancellation);

    /// <summary>False: it was in none of the statuses that it may come from.</summary>
    Task<bool> SetStatusAsync(string id, string status, IReadOnlyList<string> from, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    Task<bool> SetStatusAsync(string id, string status, IReadOnlyList<string> from, DateTimeOffset now, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);

    /// <summary>Marks a running backfill as done when nothing is left of it. False: something is.</summary>
    Task<bool> FinishAsync(string id, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Gives items whose runs failed or were cancelled another try, and lets the backfill run again. Answers how many.</summary>
    Task<int> RetryAsync(string id, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);
}
