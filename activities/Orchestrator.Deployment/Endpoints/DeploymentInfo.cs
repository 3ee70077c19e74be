using Orchestrator.Core.Values;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>One entry of an endpoint's history: from <see cref="At"/> on, a model version answered. Only <see cref="Status"/> ever changes.</summary>
public sealed record DeploymentInfo
{
    public required string Endpoint { get; init; }

    /// <summary>1, 2, … within the endpoint, in order of time.</summary>
    public required int Number { get; init; }

    public required DeploymentKind Kind { get; init; }

    public required DeploymentStatus Status { get; init; }

    /// <summary>The registered model's name.</summary>
    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary>The alias that moved with it.</summary>
    public required string Alias { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The entry that answered until then; null for an endpoint's first.</summary>
    public int? Replaced { get; init; }

    /// <summary>For a rollback: the entry that answers again.</summary>
    public int? Restores { get; init; }

    /// <summary>
    /// Where a rollback from this entry goes; null when nowhere. A deployment falls back to what it replaced; a rollback to what the entry it restores
    /// falls back to. So repeated rollbacks walk back and never return to what was rolled back.
    /// </summary>
    public int? Fallback { get; init; }

    /// <summary>Null when a person did it by command.</summary>
    public RunId? Run { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? Attempt { get; init; }

    public string? Reason { get; init; }
}

/// <summary>How an entry came to be.</summary>
public enum DeploymentKind
{
    Unknown = 0,
    Deploy,
    Rollback,
}

/// <summary>What became of an entry.</summary>
public enum DeploymentStatus
{
    Unknown = 0,

    /// <summary>Answers now. One per endpoint.</summary>
    Active,

    /// <summary>Something newer took over; a rollback may come back to it.</summary>
    Replaced,

    /// <summary>Was taken back, or skipped over by a rollback further back.</summary>
    RolledBack,
}
