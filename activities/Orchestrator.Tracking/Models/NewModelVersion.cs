using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Models;

/// <summary>A model version to be made.</summary>
public sealed record NewModelVersion
{
    /// <summary>The registered model's name; made when it does not exist.</summary>
    public required string Name { get; init; }

    public required ModelRef Model { get; init; }

    /// <summary>One key makes one version, however often it is asked for.</summary>
    public required string IdempotencyKey { get; init; }

    public required ChangeSource By { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>True: when the model has a version with the same file already, that is the answer and none is made.</summary>
    public bool ReuseSameArtifact { get; init; }
}

/// <summary>A model version as the registry knows it now.</summary>
/// <param name="Model">With name and version.</param>
/// <param name="Created">False: it was there already, from the same key or the same file.</param>
public sealed record RegisteredVersion(ModelRef Model, bool Created)
{
    public string Name => Model.Name ?? throw new InvalidOperationException("A registered model without a name.");

    public int Version => Model.Version ?? throw new InvalidOperationException("A registered model without a version.");
}

/// <summary>Who changes the registry, for its history: an attempt, or a person by command when all is null.</summary>
public sealed record ChangeSource
{
    /// <summary>A person, by command.</summary>
    public static ChangeSource Person { get; } = new();

    public RunId? Run { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? Attempt { get; init; }

    public static ChangeSource Of(AttemptInfo attempt) => new() { Run = attempt.Run, Task = attempt.Task, Attempt = attempt.Id };
}
