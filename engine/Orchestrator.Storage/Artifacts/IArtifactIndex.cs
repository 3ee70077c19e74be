using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Artifacts;

/// <summary>An attempt made or kept an artifact, so retention must keep it as long as the run.</summary>
public sealed record ArtifactUse
{
    public required ArtifactRef Artifact { get; init; }

    public required TaskName Task { get; init; }

    /// <summary>Null: the task itself.</summary>
    public int? MapIndex { get; init; }

    public required AttemptId AttemptId { get; init; }

    /// <summary>The output it stands in, or the name it was added under.</summary>
    public required string Name { get; init; }
}

/// <summary>Which artifacts exist and who uses them. The bytes are in the artifact store; rows are written in commits of runs.</summary>
public interface IArtifactIndex
{
    /// <summary>An artifact by its hash; null when no run has used it.</summary>
    Task<ArtifactRef?> FindAsync(string hash, CancellationToken cancellation);

    /// <summary>What the attempts of a run have made or kept, by task, index and name.</summary>
    Task<IReadOnlyList<ArtifactUse>> ListAsync(RunId run, CancellationToken cancellation);
}
