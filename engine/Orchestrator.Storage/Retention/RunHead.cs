using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Retention;

/// <summary>As much of a run as decides whether it may go.</summary>
public sealed record RunHead
{
    public required RunId Id { get; init; }

    public required string Pipeline { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: it goes on.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public RunId? Parent { get; init; }

    /// <summary>What it is to its parent: see <see cref="Runs.RunRelations"/>.</summary>
    public string? Relation { get; init; }

    /// <summary>Its events are there; true also when nobody looked.</summary>
    public bool HasEvents { get; init; } = true;

    /// <summary>It uses artifacts; true also when nobody looked.</summary>
    public bool HasArtifacts { get; init; } = true;
}

/// <summary>Something refers to a run, so the run stays.</summary>
/// <param name="Run">The run that is referred to.</param>
/// <param name="Why">What refers to it, as words: <c>model churn version 3 was made by it</c>.</param>
public readonly record struct RunHold(RunId Run, string Why);

/// <summary>One run stands on another.</summary>
/// <param name="Run">The run that would miss it.</param>
/// <param name="Target">The run that stays.</param>
public readonly record struct RunReference(RunId Run, RunId Target);

/// <summary>A run that retention has removed, or is removing.</summary>
public sealed record RemovedRun
{
    public required RunId RunId { get; init; }

    public required string Pipeline { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    public required DateTimeOffset RemovedAt { get; init; }
}

/// <summary>A file of the artifact store that nothing refers to.</summary>
public sealed record UnusedArtifact
{
    public required string Hash { get; init; }

    public required long SizeInBytes { get; init; }

    /// <summary>When the file was written last, as it was then.</summary>
    public required DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Since when it is known that nothing refers to it.</summary>
    public required DateTimeOffset Since { get; init; }
}
