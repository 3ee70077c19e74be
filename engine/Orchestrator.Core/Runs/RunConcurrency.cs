using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>What a run shares with the runs that must not all go on at once.</summary>
public sealed record RunKey
{
    /// <summary>Equal for all that share it: <c>pipeline:churn:eu</c>, <c>home:eu</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The key as its author thinks of it: <c>eu</c>; of a pipeline without a key its name.</summary>
    public required string Word { get; init; }

    /// <summary>How many may go on at once.</summary>
    public required int Limit { get; init; }

    public required Overlap Overlap { get; init; }

    /// <summary>The key of a run of a pipeline.</summary>
    /// <param name="pipeline">The pipeline's name.</param>
    /// <param name="concurrency">What it says of its runs.</param>
    /// <param name="key">Its key with all expressions replaced; null when it has none.</param>
    public static RunKey Of(string pipeline, ConcurrencyDefinition concurrency, string? key)
    {
        var scope = concurrency.Scope == ConcurrencyScope.Home ? "home" : $"pipeline:{pipeline}";
        return new RunKey { Name = key is null ? scope : $"{scope}:{key}", Word = key ?? pipeline, Limit = concurrency.Limit, Overlap = concurrency.Overlap };
    }
}

/// <summary>A run that waits for room under its key.</summary>
public sealed record QueuedRun(RunKey Key, DateTimeOffset Since);

/// <summary>The run was accepted and waits: as many runs with its key go on as may.</summary>
public sealed record RunQueued : RunEvent
{
    public required RunKey Key { get; init; }
}

/// <summary>There is room for the run: from here on its tasks may move. Only of runs with a key.</summary>
public sealed record RunAdmitted : RunEvent
{
    public required RunKey Key { get; init; }
}

/// <summary>The run is not started, because others with its key go on.</summary>
public sealed record RunSkipped : RunEvent
{
    public required RunKey Key { get; init; }

    /// <summary>Who was in its way, oldest first.</summary>
    public ImmutableArray<RunId> HeldBy { get; init; } = [];

    public required string Reason { get; init; }
}

/// <summary>There is room under the run's key.</summary>
public sealed record AdmitRun : RunCommand;

/// <summary>There is no room under the run's key, and it is not to wait.</summary>
/// <param name="HeldBy">Who is in its way, oldest first.</param>
public sealed record SkipRun(ImmutableArray<RunId> HeldBy) : RunCommand;
