using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Pipelines;

/// <summary>A registered pipeline: which definition new runs of it get, and whether its triggers start any.</summary>
public sealed record PipelineInfo
{
    public required string Name { get; init; }

    /// <summary>Whoever may do something in a project may do it to its pipelines and to their runs. Given by the first registration, for good.</summary>
    public required string Project { get; init; }

    /// <summary>The number of the current version: 1, 2, … in the order of registration.</summary>
    public required int Version { get; init; }

    /// <summary>The current definition.</summary>
    public required DefinitionHash Hash { get; init; }

    /// <inheritdoc cref="PipelineRegistration.Source"/>
    public required string Source { get; init; }

    /// <inheritdoc cref="PipelineRegistration.SourcePath"/>
    public string? SourcePath { get; init; }

    /// <inheritdoc cref="PipelineRegistration.BaseDirectory"/>
    public required string BaseDirectory { get; init; }

    /// <summary>When the current version was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    public required string RegisteredBy { get; init; }

    /// <summary>Null: not paused.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    public string? PausedBy { get; init; }

    public string? PauseReason { get; init; }

    /// <summary>Null: registered. A removed pipeline keeps its versions and its project, since its runs do too.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    public string? RemovedBy { get; init; }

    /// <summary>The number of its newest change among the changes of all pipelines: another number is another state.</summary>
    public required long Revision { get; init; }

    /// <summary>True: its triggers start no runs. People still may.</summary>
    public bool IsPaused => PausedAt is not null;

    public bool IsRemoved => RemovedAt is not null;
}

/// <summary>A definition as it was registered under the name of its pipeline. Never changed afterwards.</summary>
public sealed record PipelineVersion
{
    public required string Pipeline { get; init; }

    /// <summary>1, 2, … without gaps.</summary>
    public required int Version { get; init; }

    public required DefinitionHash Hash { get; init; }

    /// <inheritdoc cref="PipelineRegistration.Source"/>
    public required string Source { get; init; }

    /// <inheritdoc cref="PipelineRegistration.SourcePath"/>
    public string? SourcePath { get; init; }

    /// <inheritdoc cref="PipelineRegistration.BaseDirectory"/>
    public required string BaseDirectory { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required string RegisteredBy { get; init; }
}
