using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Experiments;

/// <summary>A row of tracking_runs with its experiment's name.</summary>
internal sealed record TrackingRunRow
{
    public string Id { get; init; } = "";

    public string Experiment { get; init; } = "";

    public string? Name { get; init; }

    public TrackingStatus Status { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

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

    public JsonElement Environment { get; init; }

    public TrackingRunInfo ToInfo(IEnumerable<KeyValueRow> parameters, IEnumerable<MetricRow> metrics, IEnumerable<KeyValueRow> tags) => new()
    {
        Id = Id,
        Experiment = Experiment,
        Name = Name,
        Status = Status,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        ParentId = ParentId,
        Pipeline = Pipeline,
        PipelineRun = PipelineRun,
        Task = Task,
        MapIndex = MapIndex,
        AttemptNumber = AttemptNumber,
        Definition = Definition,
        GitCommit = GitCommit,
        DatasetVersion = DatasetVersion,
        Seed = Seed,
        Environment = OrcJson.FromElement<Dictionary<string, string>>(Environment),
        Params = parameters.ToDictionary(row => row.Key, row => row.Value, StringComparer.Ordinal),
        Metrics = metrics.ToDictionary(row => row.Key, row => row.Number, StringComparer.Ordinal),
        Tags = tags.ToDictionary(row => row.Key, row => row.Value, StringComparer.Ordinal),
    };
}

/// <summary>A parameter or a tag.</summary>
internal sealed record KeyValueRow
{
    public string RunId { get; init; } = "";

    public string Key { get; init; } = "";

    public string Value { get; init; } = "";
}

/// <summary>A point of a metric, or its latest one.</summary>
internal sealed record MetricRow
{
    public string RunId { get; init; } = "";

    public string Key { get; init; } = "";

    public long Step { get; init; }

    public DateTimeOffset LoggedAt { get; init; }

    public double Value { get; init; }

    public long IsNan { get; init; }

    /// <summary>The value as it was logged.</summary>
    public double Number => IsNan != 0 ? double.NaN : Value;
}

internal sealed record ArtifactRow
{
    public string Path { get; init; } = "";

    public JsonElement Artifact { get; init; }
}

internal sealed record ProblemRow
{
    public string Code { get; init; } = "";

    public string Message { get; init; } = "";
}
