using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>Which items of mapped tasks are wanted.</summary>
public sealed record ItemFilter
{
    /// <summary>Only those of this task; null: of all.</summary>
    public TaskName? Task { get; init; }

    /// <summary>Only those with one of these statuses; empty: any.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];
}

/// <summary>How many items of a task have one status.</summary>
public sealed record ItemCount
{
    public required TaskName Task { get; init; }

    /// <summary>As in <see cref="TaskInfo.Status"/>.</summary>
    public required string Status { get; init; }

    public required long Count { get; init; }
}
