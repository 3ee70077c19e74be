using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Watching;

/// <summary>A file of a watched folder, as it was read last.</summary>
public sealed record WatchedFile
{
    /// <summary>Its full path.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the file and of all that it names.</summary>
    public required string Content { get; init; }

    /// <summary>The full paths of the other files that it names.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>The pipeline that it was last registered as; null: never.</summary>
    public string? Pipeline { get; init; }

    /// <summary>What was wrong with it, in the form of whoever read it; null: nothing.</summary>
    public JsonElement? Problems { get; init; }

    public required DateTimeOffset ReadAt { get; init; }
}

/// <summary>Remembers how the files of watched folders were when they were read, so that nothing is evaluated again that is as it was.</summary>
public sealed class WatchedFiles(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(WatchedFiles).Assembly, "Watching", "watching");

    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("watching", typeof(WatchedFiles).Assembly, "Watching");

    public Task PutAsync(WatchedFile file, CancellationToken cancellation) => database.WriteAsync(
        (session, token) => session.ExecuteAsync(
            Sql["put_file"],
            new { path = file.Path, content = file.Content, needs = JsonSerializer.Serialize(file.Needs, OrcJson.Options), pipeline = file.Pipeline, problems = file.Problems, readAt = file.ReadAt },
            token),
        cancellation);

    /// <summary>By path.</summary>
    public async Task<IReadOnlyList<WatchedFile>> ListAsync(CancellationToken cancellation) =>
    [
        .. (await database.ReadAsync((session, token) => session.QueryAsync<Row>(Sql["list_files"], cancellation: token), cancellation)).Select(row => new WatchedFile
        {
            Path = row.Path, Content = row.Content, Needs = row.Needs.Deserialize<string[]>(OrcJson.Options) ?? [], Pipeline = row.Pipeline, Problems = row.Problems, ReadAt = row.ReadAt,
        }),
    ];

    public Task RemoveAsync(string path, CancellationToken cancellation) => database.WriteAsync((session, token) => session.ExecuteAsync(Sql["remove_file"], new { path }, token), cancellation);

    private sealed class Row
    {
        public required string Path { get; init; }

        public required string Content { get; init; }

        public required JsonElement Needs { get; init; }

        public string? Pipeline { get; init; }

        public JsonElement? Problems { get; init; }

        public required DateTimeOffset ReadAt { get; init; }
    }
}
