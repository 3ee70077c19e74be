using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Experiments;

/// <summary>
/// This attempt is a tracking run. Its id is the attempt's, so every parameter, metric, tag and artifact that the attempt leaves belongs to it.
/// The registry adds what it knows from the attempt: pipeline, run, task, item, git commit, definition hash, start, end and outcome.
/// </summary>
public sealed record TrackingRunFact : IFact
{
    public static string Kind => "tracking.run";

    /// <summary>Made when it does not exist.</summary>
    public required string Experiment { get; init; }

    /// <summary>A few words for people.</summary>
    public string? Name { get; init; }

    public string? DatasetVersion { get; init; }

    public long? Seed { get; init; }

    /// <summary>Library and runtime versions, machine.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}

/// <summary>A parameter of the attempt's tracking run. Written once.</summary>
public sealed record ParamFact : IFact
{
    public static string Kind => "tracking.param";

    public required string Key { get; init; }

    public required JsonElement Value { get; init; }
}

/// <summary>One point of a metric of the attempt's tracking run.</summary>
public sealed record MetricFact : IFact
{
    public static string Kind => "tracking.metric";

    public required string Key { get; init; }

    public required double Value { get; init; }

    public long Step { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>A tag of the attempt's tracking run. The last value counts.</summary>
public sealed record TagFact : IFact
{
    public static string Kind => "tracking.tag";

    public required string Key { get; init; }

    public required string Value { get; init; }
}

/// <summary>A file of the attempt's tracking run.</summary>
public sealed record RunArtifactFact : IFact
{
    public static string Kind => "tracking.artifact";

    /// <summary>Where it stands among the run's files, with <c>/</c>: <c>evaluation/report.html</c>.</summary>
    public required string Path { get; init; }

    public required ArtifactRef Artifact { get; init; }
}
