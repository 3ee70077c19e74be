using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Datasets;

/// <summary>A dataset version exists. Left by what snapshots it; saying it twice changes nothing.</summary>
public sealed record DatasetVersionFact : IFact
{
    public static string Kind => "data.version";

    public required DatasetRef Dataset { get; init; }

    /// <summary>The source as the pipeline named it.</summary>
    public required string Source { get; init; }

    /// <summary>The profile as a JSON artifact.</summary>
    public required ArtifactRef Profile { get; init; }
}

/// <summary>A validation of a dataset version ended.</summary>
public sealed record ValidationFact : IFact
{
    public static string Kind => "data.validation";

    public required DatasetRef Dataset { get; init; }

    public required bool Passed { get; init; }

    public required int ErrorCount { get; init; }

    public required int WarningCount { get; init; }

    /// <summary>The whole result as a JSON artifact.</summary>
    public required ArtifactRef Result { get; init; }
}
