using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>Which runs to list, newest first.</summary>
public sealed record RunFilter
{
    public string? Pipeline { get; init; }

    /// <summary>Only runs of pipelines of these projects; a pipeline that was never registered is of the default one. Null: of all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Empty: any.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>True: only runs without an end.</summary>
    public bool Unfinished { get; init; }

    public RunId? Parent { get; init; }

    /// <summary>False: without the runs that do the work of another run's task.</summary>
    public bool Children { get; init; } = true;

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }

    /// <summary>The last run of the page before; null: from the newest.</summary>
    public RunId? After { get; init; }

    /// <summary>The most rows to answer, 1..1000.</summary>
    public int Limit { get; init; } = 50;
}
