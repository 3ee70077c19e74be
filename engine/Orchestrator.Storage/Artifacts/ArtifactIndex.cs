using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Artifacts;

internal sealed class ArtifactIndex(OrcDatabase database) : IArtifactIndex
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ArtifactIndex).Assembly, "", "artifacts");
    private static readonly SqlStatement InsertArtifact = Sql["insert_artifact"];
    private static readonly SqlStatement InsertUse = Sql["insert_use"];

    public Task<ArtifactRef?> FindAsync(string hash, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<ArtifactRef>(Sql["find_artifact"], new { hash }, token), cancellation);

    public async Task<IReadOnlyList<ArtifactUse>> ListAsync(RunId run, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync((session, token) => session.QueryAsync<UseRow>(Sql["list_uses"], new { run }, token), cancellation);
        return [.. rows.Select(row => new ArtifactUse
        {
            Artifact = new ArtifactRef { Hash = row.Hash, SizeInBytes = row.SizeInBytes, Name = row.FileName, MediaType = row.MediaType },
            Task = row.Task,
            MapIndex = row.MapIndex,
            AttemptId = row.AttemptId,
            Name = row.Name,
        })];
    }

    /// <summary>Inside the commit of a run.</summary>
    public static async Task AddAsync(IWriteSession session, RunId run, IReadOnlyList<ArtifactUse> uses, DateTimeOffset now, CancellationToken cancellation)
    {
        await session.ExecuteRowsAsync(
            InsertArtifact,
            uses.Select(use => new object?[] { use.Artifact.Hash, use.Artifact.SizeInBytes, use.Artifact.MediaType, use.Artifact.Name, now }),
            cancellation);
        await session.ExecuteRowsAsync(
            InsertUse,
            uses.Select(use => new object?[] { run, use.Task, use.MapIndex ?? -1, use.AttemptId, use.Name, use.Artifact.Hash, use.Artifact.Name, use.Artifact.MediaType }),
            cancellation);
    }

    private sealed class UseRow
    {
        public required TaskName Task { get; init; }

        public int? MapIndex { get; init; }

        public required AttemptId AttemptId { get; init; }

        public required string Name { get; init; }

        public required string Hash { get; init; }

        public required long SizeInBytes { get; init; }

        public required string FileName { get; init; }

        public required string MediaType { get; init; }
    }
}
