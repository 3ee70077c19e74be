namespace Orchestrator.Server.Assets;

/// <summary>A name that answers predictions.</summary>
public sealed record EndpointDocument
{
    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What answers now; absent when nothing does.</summary>
    public DeploymentDocument? Current { get; init; }

    /// <summary>Where a rollback would go; only where one endpoint is shown, and absent when nowhere.</summary>
    public DeploymentDocument? RollbackTarget { get; init; }
}

/// <summary>From its time on a model version answered.</summary>
public sealed record DeploymentDocument
{
    /// <summary>1, 2, … in the order of time.</summary>
    public required int Number { get; init; }

    /// <summary><c>deploy</c> or <c>rollback</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>active</c>, <c>replaced</c> or <c>rolled-back</c>.</summary>
    public required string Status { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary>The alias that moved with it.</summary>
    public required string Alias { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The entry that answered until then.</summary>
    public int? Replaced { get; init; }

    /// <summary>Of a rollback the entry that answers again.</summary>
    public int? Restores { get; init; }

    /// <summary>The run that did it; absent when a person did.</summary>
    public string? Run { get; init; }

    public string? Task { get; init; }

    public string? Reason { get; init; }
}

/// <summary>A wish to take an endpoint back.</summary>
public sealed record RollBackEndpoint
{
    /// <summary>The version to go back to; absent: what the current one took over from.</summary>
    public int? To { get; init; }

    /// <summary>Kept in the history.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a rollback did.</summary>
public sealed record RollbackDocument
{
    public required string Endpoint { get; init; }

    public required string Model { get; init; }

    /// <summary>What answers now.</summary>
    public required int Version { get; init; }

    /// <summary>What answered before.</summary>
    public int? Previous { get; init; }

    /// <summary>False: that version answered already.</summary>
    public required bool Changed { get; init; }

    /// <summary>What else a person should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
