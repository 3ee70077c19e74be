using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Retention;

/// <summary>
/// Who refers to which file of the artifact store, and the list of those that nobody refers to. Read page by page, so that no snapshot is held for long: what is referred to after a page was read
/// is found by the rules of whoever removes files.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="sets">All tables of the program; those of families are searched, whatever they are.</param>
public sealed class ArtifactReferences(OrcDatabase database, IReadOnlyList<MigrationSet> sets)
{
    private const int Page = 20_000;

    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ArtifactReferences).Assembly, "Retention", "retention");

    /// <summary>The hashes that something refers to.</summary>
    /// <param name="without">Runs that are taken as gone.</param>
    public async Task<HashSet<string>> ListUsedAsync(IReadOnlySet<RunId> without, CancellationToken cancellation)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        await AddUsesAsync(used, without, cancellation);
        await AddCacheAsync(used, without, cancellation);
        foreach (var text in await QueryAsync<string>("list_reused_outputs", null, cancellation))
        {
            used.UnionWith(HashesInText.Find(text));
        }

        used.UnionWith(await QueryAsync<string>("list_scripts", null, cancellation));
        foreach (var (table, column) in await database.ReadAsync((session, token) => FamilyTexts.ListAsync(session, database, sets, token), cancellation))
        {
            foreach (var text in await database.ReadAsync((session, token) => FamilyTexts.ReadAsync(session, table, column, token), cancellation))
            {
                used.UnionWith(HashesInText.Find(text));
            }
        }

        return used;
    }

    /// <summary>The sizes of all artifacts that the database knows.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ListSizesAsync(CancellationToken cancellation)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        var after = "";
        while (await QueryAsync<SizeRow>("list_sizes", new { after, limit = Page }, cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                sizes[row.Hash] = row.SizeInBytes;
            }

            after = page[^1].Hash;
        }

        return sizes;
    }

    public Task<IReadOnlyList<UnusedArtifact>> ListUnusedAsync(CancellationToken cancellation) => QueryAsync<UnusedArtifact>("list_unused", null, cancellation);

    /// <summary>Those that are on the list already keep their time.</summary>
    public Task PutUnusedAsync(IEnumerable<UnusedArtifact> files, CancellationToken cancellation) => WriteAsync(
        (session, token) => session.ExecuteRowsAsync(Sql["put_unused"], files.Select(file => new object?[] { file.Hash, file.SizeInBytes, file.ModifiedAt, file.Since }), token), cancellation);

    public Task DropUnusedAsync(IEnumerable<string> hashes, CancellationToken cancellation) =>
        WriteAsync((session, token) => session.ExecuteRowsAsync(Sql["drop_unused"], hashes.Select(hash => new object?[] { hash }), token), cancellation);

    /// <summary>Forgets an artifact that no run uses.</summary>
    public Task RemoveAsync(string hash, CancellationToken cancellation) => WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_artifact"], new { hash }, token), cancellation);

    private async Task AddUsesAsync(HashSet<string> used, IReadOnlySet<RunId> without, CancellationToken cancellation)
    {
        var (hash, run) = ("", "");
        while (await QueryAsync<UseRow>("list_uses", new { hash, run, limit = Page }, cancellation) is { Count: > 0 } page)
        {
            used.UnionWith(page.Where(row => !without.Contains(row.Run)).Select(row => row.Hash));
            (hash, run) = (page[^1].Hash, page[^1].Run.Value);
        }
    }

    private async Task AddCacheAsync(HashSet<string> used, IReadOnlySet<RunId> without, CancellationToken cancellation)
    {
        var after = "";
        while (await QueryAsync<TextRow>("list_cached_outputs", new { after, limit = Page }, cancellation) is { Count: > 0 } page)
        {
            used.UnionWith(page.Where(row => !without.Contains(row.Run)).SelectMany(row => HashesInText.Find(row.Text)));
            after = page[^1].Id;
        }
    }

    private Task<IReadOnlyList<T>> QueryAsync<T>(string statement, object? args, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<T>(Sql[statement], args, token), cancellation);

    private Task<T> WriteAsync<T>(Func<IWriteSession, CancellationToken, Task<T>> operation, CancellationToken cancellation) => database.WriteGuardedAsync(operation, settle: null, cancellation);

    private sealed class SizeRow
    {
        public required string Hash { get; init; }

        public required long SizeInBytes { get; init; }
    }

    private sealed class UseRow
    {
        public required string Hash { get; init; }

        public required RunId Run { get; init; }
    }

    private sealed class TextRow
    {
        public required string Id { get; init; }

        public required RunId Run { get; init; }

        public required string Text { get; init; }
    }
}
