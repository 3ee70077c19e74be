using Orchestrator.Core.Values;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>A row of deployments; beside an endpoint that has none, all but the endpoint's own columns are empty.</summary>
internal sealed record DeploymentRow
{
    public string Name { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public string? Endpoint { get; init; }

    public int Number { get; init; }

    public DeploymentKind Kind { get; init; }

    public DeploymentStatus Status { get; init; }

    public string Model { get; init; } = "";

    public int Version { get; init; }

    public string Alias { get; init; } = "";

    public DateTimeOffset DeployedAt { get; init; }

    public int? Replaced { get; init; }

    public int? Restores { get; init; }

    public int? Fallback { get; init; }

    public RunId? Run { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? Attempt { get; init; }

    public string? Reason { get; init; }

    public DeploymentInfo? ToInfo() => Endpoint is null ? null : new DeploymentInfo
    {
        Endpoint = Endpoint,
        Number = Number,
        Kind = Kind,
        Status = Status,
        Model = Model,
        Version = Version,
        Alias = Alias,
        At = DeployedAt,
        Replaced = Replaced,
        Restores = Restores,
        Fallback = Fallback,
        Run = Run,
        Task = Task,
        Attempt = Attempt,
        Reason = Reason,
    };
}
