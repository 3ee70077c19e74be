using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Experiments;

/// <summary>Which tracking runs to list, and in which order. Everything that is set must hold.</summary>
public sealed record TrackingRunFilter
{
    public string? Experiment { get; init; }

    public TrackingStatus? Status { get; init; }

    public string? Pipeline { get; init; }

    public RunId? PipelineRun { get; init; }

    public TaskName? Task { get; init; }

    public string? DatasetVersion { get; init; }

    /// <summary>Only the trials of this tracking run.</summary>
    public string? Parent { get; init; }

    /// <summary>Conditions on the latest value of metrics. A run without the metric does not meet one; NaN meets none.</summary>
    public IReadOnlyList<MetricCondition> Metrics { get; init; } = [];

    /// <summary>Parameters that must have exactly these values, as they are shown.</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>Tags that must have exactly these values.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Sort by the latest value of this metric; runs without it, then NaN, come last. Null: newest first.</summary>
    public string? OrderByMetric { get; init; }

    /// <summary>With <see cref="OrderByMetric"/>: the lowest value first. Default: the highest first.</summary>
    public bool Ascending { get; init; }

    /// <summary>How many to answer at most, 1..50,000. Default 100.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>How many to skip, for pages. Default 0.</summary>
    public int Offset { get; init; }
}

/// <summary>A condition on a metric's latest value.</summary>
/// <param name="Key">The metric.</param>
/// <param name="Comparison">How to compare.</param>
/// <param name="Value">With what; finite.</param>
public sealed record MetricCondition(string Key, MetricComparison Comparison, double Value);

public enum MetricComparison
{
    Unknown = 0,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}
