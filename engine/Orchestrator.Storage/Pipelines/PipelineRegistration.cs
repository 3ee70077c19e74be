using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Pipelines;

/// <summary>A wish to make a stored definition the current one of its pipeline.</summary>
public sealed record PipelineRegistration
{
    /// <summary>The project of pipelines whose registration names none.</summary>
    public const string DefaultProject = "default";

    /// <summary>The pipeline's name, which is the one in the definition.</summary>
    public required string Pipeline { get; init; }

    /// <summary>A definition of this pipeline that is stored already (<see cref="Runs.IRunStore.AddDefinitionAsync"/>).</summary>
    public required DefinitionHash Hash { get; init; }

    /// <summary>Null: the one that the pipeline has, or <see cref="DefaultProject"/> for a new one.</summary>
    public string? Project { get; init; }

    /// <summary>How it came here: <c>folder</c>, <c>api</c>, <c>cli</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The file's full path; null when it did not come from one.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The full path of the folder that relative paths of its runs are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Who registers it.</summary>
    public required string By { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Refused unless the pipeline's <see cref="PipelineInfo.Revision"/> is this one; 0: unless there is no such pipeline. Null: whatever there is.</summary>
    public long? ExpectedRevision { get; init; }
}

/// <summary>A wish to pause, resume or remove a pipeline.</summary>
public sealed record PipelineChange
{
    public required string Pipeline { get; init; }

    public required PipelineAction Action { get; init; }

    /// <summary>Why it is paused; ignored by the other actions.</summary>
    public string? Reason { get; init; }

    public required string By { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Refused unless the pipeline's <see cref="PipelineInfo.Revision"/> is this one. Null: whatever it is.</summary>
    public long? ExpectedRevision { get; init; }
}

public enum PipelineAction
{
    Unknown = 0,

    /// <summary>Triggers start no runs until it is resumed, whatever is registered meanwhile.</summary>
    Pause,

    Resume,

    /// <summary>Takes it out of the lists; its versions and runs stay, and so does its project. Registering it again brings it back.</summary>
    Remove,
}

/// <summary>What became of a wish.</summary>
public enum RegistryOutcome
{
    Unknown = 0,

    /// <summary>Stored.</summary>
    Changed,

    /// <summary>It was so already; nothing was written.</summary>
    Unchanged,

    /// <summary>Somebody changed the pipeline since the expected revision; nothing was written.</summary>
    OtherRevision,

    /// <summary>The name belongs to a pipeline of another project; nothing was written.</summary>
    OtherProject,

    /// <summary>There is no such pipeline, or it was removed.</summary>
    NotFound,
}

/// <summary>What became of a wish, and the pipeline as it is now.</summary>
public sealed record PipelineResult
{
    public required RegistryOutcome Outcome { get; init; }

    /// <summary>Null: there is none.</summary>
    public PipelineInfo? Pipeline { get; init; }
}
