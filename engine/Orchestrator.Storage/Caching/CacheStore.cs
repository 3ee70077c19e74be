using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Caching;

internal sealed class CacheStore(OrcDatabase database) : ICacheStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(CacheStore).Assembly, "", "caching");
    private static readonly SqlStatement PutEntry = Sql["put_entry"];

    public Task<CacheEntry?> FindAsync(string key, DateTimeOffset now, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<CacheEntry>(Sql["find_entry"], new { key, now }, token), cancellation);

    public Task<IReadOnlyList<CacheEntry>> FindAllAsync(IReadOnlyCollection<string> keys, DateTimeOffset now, CancellationToken cancellation) => keys.Count == 0
        ? Task.FromResult<IReadOnlyList<CacheEntry>>([])
        : database.ReadAsync((session, token) => session.QueryAsync<CacheEntry>(Sql["find_entries"], new { keys = JsonSerializer.Serialize(keys, OrcJson.Options), now }, token), cancellation);

    public Task<CacheEntry?> FindLatestAsync(string pipeline, TaskName task, int? item, DateTimeOffset before, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<CacheEntry>(Sql["find_latest_entry"], new { pipeline, task, item = item ?? -1, before }, token), cancellation);

    public Task PutAsync(IReadOnlyList<CacheEntry> entries, CancellationToken cancellation) =>
        database.WriteAsync((session, token) => PutAsync(session, entries, token), cancellation);

    public Task<int> ForgetAsync(string? pipeline, TaskName? task, CancellationToken cancellation) =>
        database.WriteAsync((session, token) => session.ExecuteAsync(Sql["forget_entries"], new { pipeline, task }, token), cancellation);

    /// <summary>The same inside another store's operation.</summary>
    public static Task PutAsync(IWriteSession session, IReadOnlyList<CacheEntry> entries, CancellationToken cancellation) => session.ExecuteRowsAsync(
        PutEntry,
        entries.Select(entry => new object?[] { entry.Key, entry.Parts, entry.Outputs, entry.RunId, entry.Task, entry.AttemptId, entry.CreatedAt, entry.ExpiresAt }),
        cancellation);
}
