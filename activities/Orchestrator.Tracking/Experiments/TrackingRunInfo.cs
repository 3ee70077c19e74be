using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Experiments;

/// <summary>How a tracking run stands.</summary>
public enum TrackingStatus
{
    Unknown = 0,
    Running,
    Finished,
    Failed,
    Killed,
}

/// <summary>A named collection of tracking runs.</summary>
public sealed record ExperimentInfo
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long RunCount { get; init; }

    /// <summary>The latest start; null when it has no runs.</summary>
    public DateTimeOffset? LastRunAt { get; init; }
}

/// <summary>One tracking run: where it comes from, and the last point of each of its metrics.</summary>
public sealed record TrackingRunInfo
{
    /// <summary>The id of the attempt that made it.</summary>
    public required string Id { get; init; }

    public required string Experiment { get; init; }

    public string? Name { get; init; }

    public required TrackingStatus Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>For a trial, the tracking run of its sweep.</summary>
    public string? ParentId { get; init; }

    public string? Pipeline { get; init; }

    public RunId? PipelineRun { get; init; }

    public TaskName? Task { get; init; }

    public int? MapIndex { get; init; }

    public int? AttemptNumber { get; init; }

    public DefinitionHash? Definition { get; init; }

    public string? GitCommit { get; init; }

    public string? DatasetVersion { get; init; }

    public long? Seed { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>By name. Texts stand as they are, other values as JSON.</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>The point with the highest step, then time, then value of each metric.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}

/// <summary>A tracking run with everything that was logged to it.</summary>
public sealed record TrackingRunDetail
{
    public required TrackingRunInfo Run { get; init; }

    public required IReadOnlyList<TrackedArtifact> Artifacts { get; init; }

    /// <summary>What the run left that could not be stored as it was.</summary>
    public required IReadOnlyList<TrackingProblem> Problems { get; init; }
}

/// <summary>A file of a tracking run.</summary>
/// <param name="Path">Where it stands among the run's files: <c>evaluation/report.html</c>.</param>
/// <param name="Artifact">The ticket to its bytes.</param>
public sealed record TrackedArtifact(string Path, ArtifactRef Artifact);

/// <summary>Something that could not be stored as it was.</summary>
/// <param name="Code">ORC55xx.</param>
/// <param name="Message">What, and why.</param>
public sealed record TrackingProblem(string Code, string Message);

/// <summary>One point of a metric.</summary>
/// <param name="Step">What it was logged with; 0 when nobody said.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Value">May be NaN or infinite.</param>
public sealed record MetricPoint(long Step, DateTimeOffset At, double Value);
