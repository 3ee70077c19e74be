using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Caching;

/// <summary>The outputs of a task that another run may take over.</summary>
public sealed record CacheEntry
{
    /// <summary>The hash of <see cref="Parts"/>.</summary>
    public required string Key { get; init; }

    /// <summary>What went into the key, for people who ask why a task ran again.</summary>
    public required JsonElement Parts { get; init; }

    public required JsonElement Outputs { get; init; }

    /// <summary>Where the outputs were made.</summary>
    public required RunId RunId { get; init; }

    public required TaskName Task { get; init; }

    public required AttemptId AttemptId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not used from this instant on; null: never too old.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Results of tasks by cache key. Entries are normally written in the commit that ends the attempt.</summary>
public interface ICacheStore
{
    /// <summary>The entry of a key that has not expired at <paramref name="now"/>; null when there is none.</summary>
    Task<CacheEntry?> FindAsync(string key, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>The entries of many keys, in one query; without those that have expired.</summary>
    Task<IReadOnlyList<CacheEntry>> FindAllAsync(IReadOnlyCollection<string> keys, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>The newest entry that a task of a pipeline, or one item of it, made before an instant, expired or not; null when there is none.</summary>
    /// <param name="item">The item; null: the task itself.</param>
    Task<CacheEntry?> FindLatestAsync(string pipeline, TaskName task, int? item, DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Writes entries; one with the same key is replaced.</summary>
    Task PutAsync(IReadOnlyList<CacheEntry> entries, CancellationToken cancellation);

    /// <summary>Forgets the entries that a task of a pipeline made (both null: all) and answers how many there were.</summary>
    Task<int> ForgetAsync(string? pipeline, TaskName? task, CancellationToken cancellation);
}
