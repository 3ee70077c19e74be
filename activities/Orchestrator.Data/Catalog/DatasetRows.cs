using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Catalog;

internal sealed record DatasetRow
{
    public string Name { get; init; } = "";

    public int Versions { get; init; }

    public string Newest { get; init; } = "";

    public long Rows { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed record VersionRow
{
    public JsonElement Reference { get; init; }

    public string Source { get; init; } = "";

    public JsonElement Profile { get; init; }

    public RunId RunId { get; init; }

    public TaskName Task { get; init; } = new("");

    public AttemptId AttemptId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset SeenAt { get; init; }
}

internal sealed record ValidationRow
{
    public string Dataset { get; init; } = "";

    public string Version { get; init; } = "";

    public string? Part { get; init; }

    public bool Passed { get; init; }

    public int Errors { get; init; }

    public int Warnings { get; init; }

    public JsonElement Result { get; init; }

    public string Pipeline { get; init; } = "";

    public RunId RunId { get; init; }

    public TaskName Task { get; init; } = new("");

    public DateTimeOffset ValidatedAt { get; init; }
}
