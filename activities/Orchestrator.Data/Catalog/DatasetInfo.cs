using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Catalog;

/// <summary>A dataset and its newest version.</summary>
public sealed record DatasetInfo
{
    public required string Name { get; init; }

    public required int Versions { get; init; }

    /// <summary>The version that its source was last seen to be.</summary>
    public required string Newest { get; init; }

    /// <summary>Rows of the newest version.</summary>
    public required long Rows { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One version and where it came from.</summary>
public sealed record DatasetVersionInfo
{
    public required DatasetRef Dataset { get; init; }

    /// <summary>The source as the pipeline named it.</summary>
    public required string Source { get; init; }

    /// <summary>A <see cref="Profiling.DatasetProfile"/> as JSON.</summary>
    public required ArtifactRef Profile { get; init; }

    /// <summary>The run that saw these bytes first.</summary>
    public required RunId Run { get; init; }

    public required TaskName Task { get; init; }

    public required AttemptId Attempt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the source was last seen to have these bytes.</summary>
    public required DateTimeOffset SeenAt { get; init; }
}

/// <summary>One validation of a version, or of a part of one.</summary>
public sealed record ValidationInfo
{
    public required string Dataset { get; init; }

    public required string Version { get; init; }

    public string? Part { get; init; }

    public required bool Passed { get; init; }

    public required int Errors { get; init; }

    public required int Warnings { get; init; }

    /// <summary>The result in Great Expectations' form.</summary>
    public required ArtifactRef Result { get; init; }

    public required string Pipeline { get; init; }

    public required RunId Run { get; init; }

    public required TaskName Task { get; init; }

    public required DateTimeOffset At { get; init; }
}
