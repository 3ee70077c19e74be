using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>Asks the owner of a run, who may be another process, to do something with it.</summary>
public sealed record RunRequest
{
    /// <summary>Sorts by the time it was made.</summary>
    public required string Id { get; init; }

    public required RunId RunId { get; init; }

    /// <summary><c>cancel</c>, <c>terminate</c>, <c>cancel-task</c>, <c>pause</c>, <c>resume</c>, <c>answer</c>, <c>mark</c>, <c>migrate</c>.</summary>
    public required string Kind { get; init; }

    public JsonElement? Payload { get; init; }

    /// <summary>Who asks: a user name.</summary>
    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>A task that waits for somebody's answer.</summary>
public sealed record OpenQuestion
{
    public required RunId RunId { get; init; }

    public required TaskName Task { get; init; }

    /// <summary>Who is asked what, as a sentence.</summary>
    public JsonElement? Reason { get; init; }
}
