using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Definitions;

/// <summary>A definition as runs are pinned to it.</summary>
public sealed record StoredDefinition
{
    public required DefinitionHash Hash { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The canonical JSON that <see cref="Hash"/> is of.</summary>
    public required string Json { get; init; }

    /// <summary>What it was read from: <c>script</c>, <c>json</c>, <c>api</c>.</summary>
    public required string SourceKind { get; init; }

    /// <summary>The file's full path; null when it did not come from one.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The hash of the artifact with the script, for steps written in place; null without one.</summary>
    public string? ScriptArtifact { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Definitions by hash and by pipeline. Written by the run store.</summary>
public interface IDefinitionStore
{
    Task<StoredDefinition?> FindAsync(DefinitionHash hash, CancellationToken cancellation);

    /// <summary>The definition that the newest run of a pipeline was pinned to; null when it never ran.</summary>
    Task<StoredDefinition?> FindLatestAsync(string pipeline, CancellationToken cancellation);
}
