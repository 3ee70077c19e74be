namespace Orchestrator.Core.Definitions;

/// <summary>How many runs with the same key may go on at once, and what becomes of one more.</summary>
public sealed record ConcurrencyDefinition
{
    /// <summary>Text that may hold <c>${ … }</c> over <c>params</c> and <c>run</c>, worked out once, when a run is accepted. Null: all runs of the pipeline share one key.</summary>
    public string? Key { get; init; }

    /// <summary>How many runs with the key may go on at once, ≥ 1.</summary>
    public int Limit { get; init; } = 1;

    /// <summary>What happens to a run that finds no room, or to those before it.</summary>
    public Overlap Overlap { get; init; } = Overlap.QueueAll;

    /// <summary>Who shares the key.</summary>
    public ConcurrencyScope Scope { get; init; } = ConcurrencyScope.Pipeline;
}

/// <summary>Which runs share a concurrency key.</summary>
public enum ConcurrencyScope
{
    Unknown = 0,

    /// <summary>Those of the same pipeline, whatever its version.</summary>
    Pipeline,

    /// <summary>All of the home.</summary>
    Home,
}
