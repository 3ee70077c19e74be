namespace Orchestrator.Deployment.Endpoints;

/// <summary>A name that answers predictions.</summary>
public sealed record EndpointInfo
{
    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What answers now; null when nothing does.</summary>
    public DeploymentInfo? Current { get; init; }
}

/// <summary>An endpoint with everything that ever answered it, the newest first.</summary>
public sealed record EndpointDetail
{
    public required EndpointInfo Endpoint { get; init; }

    public required IReadOnlyList<DeploymentInfo> History { get; init; }

    /// <summary>Where a rollback would go now; null when nowhere.</summary>
    public DeploymentInfo? RollbackTarget { get; init; }
}

/// <summary>What a deployment or a rollback did.</summary>
public sealed record DeploymentResult
{
    public required string Endpoint { get; init; }

    public required string Model { get; init; }

    /// <summary>What answers now.</summary>
    public required int Version { get; init; }

    /// <summary>What answered before; the same version when nothing changed. Null when nothing did.</summary>
    public int? Previous { get; init; }

    /// <summary>Another model name than <see cref="Model"/> that answered before; null when it is the same.</summary>
    public string? PreviousModel { get; init; }

    /// <summary>False: the version answered already.</summary>
    public required bool Changed { get; init; }

    /// <summary>What else a person should know, in words.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
