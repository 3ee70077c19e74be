using System.Text.Json;

namespace Orchestrator.Server.Assets;

/// <summary>A dataset and its newest version.</summary>
public sealed record DatasetDocument
{
    public required string Name { get; init; }

    /// <summary>How many versions it has.</summary>
    public required int Versions { get; init; }

    /// <summary>The version that its source was last seen to be.</summary>
    public required string Newest { get; init; }

    /// <summary>Rows of the newest version.</summary>
    public required long Rows { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A version of a dataset.</summary>
public sealed record DatasetVersionDocument
{
    public required string Dataset { get; init; }

    public required string Version { get; init; }

    /// <summary>The source as the pipeline named it.</summary>
    public required string Source { get; init; }

    public required long Rows { get; init; }

    public required IReadOnlyList<DatasetColumnDocument> Columns { get; init; }

    /// <summary>SHA-256 of the stored table.</summary>
    public required string Artifact { get; init; }

    public required long SizeInBytes { get; init; }

    /// <summary>The run that saw these bytes first.</summary>
    public required string Run { get; init; }

    public required string Task { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the source was last seen to have these bytes.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>What its columns hold, in numbers; only where one version is shown.</summary>
    public JsonElement? Profile { get; init; }

    /// <summary>The newest ones; only where one version is shown.</summary>
    public IReadOnlyList<DatasetValidationDocument>? Validations { get; init; }
}

/// <summary>A column of a dataset.</summary>
public sealed record DatasetColumnDocument
{
    public required string Name { get; init; }

    /// <summary><c>number</c>, <c>integer</c>, <c>boolean</c>, <c>text</c>, <c>date</c> or <c>timestamp</c>.</summary>
    public required string Type { get; init; }
}

/// <summary>A validation of a version, or of a part of one.</summary>
public sealed record DatasetValidationDocument
{
    public string? Part { get; init; }

    public required bool Passed { get; init; }

    public required int Errors { get; init; }

    public required int Warnings { get; init; }

    public required string Pipeline { get; init; }

    public required string Run { get; init; }

    public required string Task { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>What is different between two versions of a dataset.</summary>
public sealed record DatasetDiffDocument
{
    public required string Dataset { get; init; }

    /// <summary>The earlier version.</summary>
    public required string From { get; init; }

    /// <summary>The later version.</summary>
    public required string To { get; init; }

    /// <summary>How many rows more the later one has.</summary>
    public required long RowsAdded { get; init; }

    /// <summary>Columns that only the later version has.</summary>
    public required IReadOnlyList<DatasetColumnDocument> Added { get; init; }

    /// <summary>Columns that only the earlier version has.</summary>
    public required IReadOnlyList<DatasetColumnDocument> Removed { get; init; }

    /// <summary>Columns of both whose type or values differ.</summary>
    public required IReadOnlyList<DatasetColumnDiffDocument> Changed { get; init; }
}

/// <summary>A column in two versions.</summary>
public sealed record DatasetColumnDiffDocument
{
    public required string Name { get; init; }

    public required bool TypeChanged { get; init; }

    /// <summary>Values of a column of few values that were not there before.</summary>
    public required IReadOnlyList<string> NewValues { get; init; }

    /// <summary>The column in numbers, in the earlier version.</summary>
    public required JsonElement Before { get; init; }

    /// <summary>The column in numbers, in the later version.</summary>
    public required JsonElement After { get; init; }
}
