using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Datasets;

/// <summary>One immutable version of a dataset, or a part of one (a split). As text: <c>datasets:/customers@latest</c> or <c>datasets:/customers/VERSION</c>.</summary>
public sealed record DatasetRef : INamedReference
{
    public static string Scheme => "datasets";

    /// <summary>The dataset's name: <c>customers</c>.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the source's bytes, 64 lowercase hexadecimal digits: the same bytes are the same version. A part has its parent's version.</summary>
    public required string Version { get; init; }

    /// <summary>Null: the whole version. Otherwise which part: <c>train</c>, <c>test</c>.</summary>
    public string? Part { get; init; }

    /// <summary>The rows, as one Parquet file.</summary>
    public required ArtifactRef Data { get; init; }

    public required long Rows { get; init; }

    /// <summary>In the table's order.</summary>
    public required IReadOnlyList<ColumnInfo> Columns { get; init; }
}

/// <summary>One column of a dataset.</summary>
public sealed record ColumnInfo
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }
}

/// <summary>What a column holds, as far as learning cares.</summary>
public enum ColumnType
{
    Unknown = 0,
    Number,
    Integer,
    Boolean,
    Text,
    Date,
    Timestamp,
}
