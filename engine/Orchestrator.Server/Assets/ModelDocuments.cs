namespace Orchestrator.Server.Assets;

/// <summary>A registered model.</summary>
public sealed record ModelDocument
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>0 while it has none.</summary>
    public required int LatestVersion { get; init; }

    /// <summary>Versions by alias.</summary>
    public required IReadOnlyDictionary<string, int> Aliases { get; init; }

    /// <summary>Where its aliases have pointed, the latest change first; only where one model is shown, and of these the newest hundred.</summary>
    public IReadOnlyList<AliasChangeDocument>? AliasHistory { get; init; }
}

/// <summary>A version of a model and where it comes from.</summary>
public sealed record ModelVersionDocument
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary><c>ready</c>.</summary>
    public required string Status { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    public string? Description { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The run that registered it; absent when a person did.</summary>
    public string? Run { get; init; }

    public string? Task { get; init; }

    /// <summary>Who can load it.</summary>
    public required string Flavor { get; init; }

    /// <summary>What it predicts.</summary>
    public string? Label { get; init; }

    /// <summary>What it needs for that.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>SHA-256 of its bytes.</summary>
    public required string Artifact { get; init; }

    public required long SizeInBytes { get; init; }

    /// <summary>The version of the dataset that it learned from.</summary>
    public string? DatasetVersion { get; init; }

    public string? GitCommit { get; init; }

    /// <summary>The hash of the definition whose run trained it.</summary>
    public string? Definition { get; init; }

    /// <summary>What it was trained with, as texts.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>The last point of each metric of its training.</summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }
}

/// <summary>An alias began to point elsewhere.</summary>
public sealed record AliasChangeDocument
{
    public required string Alias { get; init; }

    /// <summary>Absent: the alias was taken away.</summary>
    public int? Version { get; init; }

    /// <summary>Absent: the alias was new.</summary>
    public int? Previous { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>The run that did it; absent when a person did.</summary>
    public string? Run { get; init; }

    public string? Task { get; init; }

    public string? Reason { get; init; }
}

/// <summary>Where an alias is to point.</summary>
public sealed record MoveAlias
{
    /// <summary>The version.</summary>
    public required int Version { get; init; }

    /// <summary>Only while it points at this version; absent: wherever it points.</summary>
    public int? From { get; init; }

    /// <summary>Kept in the history.</summary>
    public string? Reason { get; init; }
}

/// <summary>Where an alias points.</summary>
public sealed record AliasDocument
{
    public required string Model { get; init; }

    public required string Alias { get; init; }

    public required int Version { get; init; }

    /// <summary>Where it pointed before; absent: it is new.</summary>
    public int? Previous { get; init; }
}
