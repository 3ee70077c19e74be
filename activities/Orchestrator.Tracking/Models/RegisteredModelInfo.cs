using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;
using Orchestrator.Tracking.Experiments;

namespace Orchestrator.Tracking.Models;

/// <summary>A registered model in a list.</summary>
public sealed record RegisteredModelInfo
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of the newest version.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>0 while it has none.</summary>
    public required int LatestVersion { get; init; }

    /// <summary>Versions by alias.</summary>
    public required IReadOnlyDictionary<string, int> Aliases { get; init; }
}

/// <summary>A registered model with its versions, the newest first, and where its aliases have pointed.</summary>
public sealed record RegisteredModelDetail
{
    public required RegisteredModelInfo Model { get; init; }

    public required IReadOnlyList<ModelVersionInfo> Versions { get; init; }

    /// <summary>The latest change first.</summary>
    public required IReadOnlyList<AliasChange> AliasHistory { get; init; }
}

/// <summary>How a version stands. The registration is one transaction, so a version that can be seen is ready.</summary>
public enum ModelVersionStatus
{
    Unknown = 0,
    Ready,
}

/// <summary>One version of a model and where it comes from.</summary>
public sealed record ModelVersionInfo
{
    public required int Version { get; init; }

    public required ModelRef Model { get; init; }

    public required ModelVersionStatus Status { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The pipeline run, task and attempt that registered it.</summary>
    public RunId? Run { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? Attempt { get; init; }

    /// <summary>The tracking run that trained it, with commit, dataset version, parameters and metrics; null when it is not known here.</summary>
    public TrackingRunInfo? Source { get; init; }
}

/// <summary>An alias began to point elsewhere.</summary>
public sealed record AliasChange
{
    public required string Alias { get; init; }

    /// <summary>Null: the alias was taken away.</summary>
    public int? Version { get; init; }

    /// <summary>Null: the alias was new.</summary>
    public int? PreviousVersion { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Null when a person did it by command.</summary>
    public RunId? PipelineRun { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? AttemptId { get; init; }

    public string? Reason { get; init; }
}
