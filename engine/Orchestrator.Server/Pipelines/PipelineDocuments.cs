using System.Text.Json;
using Orchestrator.Server.Access;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Server.Pipelines;

/// <summary>A registered pipeline.</summary>
public sealed record PipelineDocument
{
    public required string Name { get; init; }

    public required string Project { get; init; }

    /// <summary>The number of the current version.</summary>
    public required int Version { get; init; }

    /// <summary>The hash of the current definition.</summary>
    public required string Definition { get; init; }

    /// <summary><c>folder</c>, <c>api</c> or <c>cli</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The file that it came from: its full path for who may register pipelines of the project, else its name.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The folder of the server that relative paths of its runs are relative to; only for who may register pipelines of the project.</summary>
    public string? BaseDirectory { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required string RegisteredBy { get; init; }

    /// <summary>True: its triggers start no runs; people still may.</summary>
    public required bool Paused { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    public string? PausedBy { get; init; }

    public string? PauseReason { get; init; }

    /// <summary>The definition itself; only where one pipeline is shown.</summary>
    public JsonElement? Json { get; init; }

    public static PipelineDocument Of(Caller caller, PipelineInfo pipeline) => new()
    {
        Name = pipeline.Name,
        Project = pipeline.Project,
        Version = pipeline.Version,
        Definition = pipeline.Hash.Value,
        Source = pipeline.Source,
        SourcePath = SourcePaths.Shown(caller, pipeline.Project, pipeline.SourcePath),
        BaseDirectory = caller.May(Permission.Register, pipeline.Project) ? pipeline.BaseDirectory : null,
        RegisteredAt = pipeline.RegisteredAt,
        RegisteredBy = pipeline.RegisteredBy,
        Paused = pipeline.IsPaused,
        PausedAt = pipeline.PausedAt,
        PausedBy = pipeline.PausedBy,
        PauseReason = pipeline.PauseReason,
    };
}

/// <summary>A version of a pipeline.</summary>
public sealed record VersionDocument
{
    public required string Pipeline { get; init; }

    public required int Version { get; init; }

    /// <summary>The hash of the definition.</summary>
    public required string Definition { get; init; }

    public required string Source { get; init; }

    /// <inheritdoc cref="PipelineDocument.SourcePath"/>
    public string? SourcePath { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required string RegisteredBy { get; init; }

    /// <summary>The definition itself; only where one version is shown.</summary>
    public JsonElement? Json { get; init; }

    public static VersionDocument Of(Caller caller, string project, PipelineVersion version) => new()
    {
        Pipeline = version.Pipeline, Version = version.Version, Definition = version.Hash.Value, Source = version.Source, SourcePath = SourcePaths.Shown(caller, project, version.SourcePath), RegisteredAt = version.RegisteredAt,
        RegisteredBy = version.RegisteredBy,
    };
}

/// <summary>Where things lie on the server is for those who write what is done there.</summary>
internal static class SourcePaths
{
    public static string? Shown(Caller caller, string project, string? path) => caller.May(Permission.Register, project) ? path : Path.GetFileName(path);
}

/// <summary>Where two versions of a pipeline differ.</summary>
public sealed record VersionDiffDocument
{
    public required string Pipeline { get; init; }

    public required int From { get; init; }

    public required int To { get; init; }

    public required IReadOnlyList<DifferenceDocument> Differences { get; init; }
}

/// <summary>What was found in a definition that was not registered.</summary>
public sealed record ValidationDocument
{
    /// <summary>True: it could be registered as it is.</summary>
    public required bool Valid { get; init; }

    public required IReadOnlyList<DiagnosticDocument> Diagnostics { get; init; }

    /// <summary>The pipeline's name; absent with errors.</summary>
    public string? Pipeline { get; init; }

    /// <summary>The hash of the definition; absent with errors.</summary>
    public string? Definition { get; init; }

    /// <summary>The definition in its normal form; absent with errors.</summary>
    public JsonElement? Json { get; init; }
}

/// <summary>What became of a registration.</summary>
public sealed record RegistrationDocument
{
    /// <summary>False: this definition was the current one already.</summary>
    public required bool Changed { get; init; }

    public required PipelineDocument Pipeline { get; init; }

    /// <summary>Warnings.</summary>
    public IReadOnlyList<DiagnosticDocument>? Diagnostics { get; init; }
}

/// <summary>Why a pipeline is paused.</summary>
public sealed record PausePipeline
{
    public string? Reason { get; init; }
}

/// <summary>The folder of definitions that the server watches.</summary>
public sealed record FolderDocument
{
    /// <summary>Absent: the server watches none.</summary>
    public string? Folder { get; init; }

    public required IReadOnlyList<FolderFileDocument> Files { get; init; }
}

/// <summary>A file of the folder.</summary>
public sealed record FolderFileDocument
{
    /// <summary>From the folder on.</summary>
    public required string Path { get; init; }

    /// <summary><c>registered</c>; <c>broken</c>: it has errors, and the version before stays the current one; <c>gone</c>: the file is no longer there, and its pipeline stays registered.</summary>
    public required string State { get; init; }

    /// <summary>The pipeline that the file was last registered as.</summary>
    public string? Pipeline { get; init; }

    /// <summary>SHA-256 of the file and all that it names, as it was read last.</summary>
    public required string Content { get; init; }

    /// <summary>When it was read last.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    public IReadOnlyList<DiagnosticDocument>? Diagnostics { get; init; }
}
