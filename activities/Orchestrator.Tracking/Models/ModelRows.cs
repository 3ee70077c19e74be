using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Tracking.Models;

internal sealed record ModelRow
{
    public string Name { get; init; } = "";

    public string? Description { get; init; }

    public int LastVersion { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record ModelVersionRow
{
    public int Version { get; init; }

    public JsonElement Reference { get; init; }

    public string? TrackingRun { get; init; }

    public RunId? PipelineRun { get; init; }

    public TaskName? Task { get; init; }

    public AttemptId? AttemptId { get; init; }

    public ModelVersionStatus Status { get; init; }

    public string? Description { get; init; }

    public JsonElement Tags { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed record AliasRow
{
    public string Model { get; init; } = "";

    public string Alias { get; init; } = "";

    public int Version { get; init; }
}
