using Orchestrator.Storage.Retention;

namespace Orchestrator.Runtime.Retention;

/// <summary>What a plan is made of: the runs, and who refers to them.</summary>
public sealed record RetentionFacts
{
    /// <summary>Runs that have ended, in the order of their ids.</summary>
    public required IReadOnlyList<RunHead> Ended { get; init; }

    /// <summary>Runs that go on, or wait.</summary>
    public IReadOnlyList<RunHead> Open { get; init; } = [];

    /// <summary>Which run stands on results of which other.</summary>
    public IReadOnlyList<RunReference> References { get; init; } = [];

    /// <summary>What others than runs refer to.</summary>
    public IReadOnlyList<RunHold> Holds { get; init; } = [];
}

/// <summary>A run that is old enough to go, and why it stays.</summary>
public sealed record KeptRun
{
    public required RunHead Run { get; init; }

    public required string Why { get; init; }
}

/// <summary>What is to become of runs.</summary>
public sealed record RunDecisions
{
    /// <summary>To be removed, the newest first: what refers to another run goes before it.</summary>
    public required IReadOnlyList<RunHead> Remove { get; init; }

    /// <summary>Old enough, and kept all the same.</summary>
    public required IReadOnlyList<KeptRun> Kept { get; init; }

    /// <summary>Stay without their logs.</summary>
    public required IReadOnlyList<RunHead> LogsOf { get; init; }

    /// <summary>Stay without their events.</summary>
    public required IReadOnlyList<RunHead> EventsOf { get; init; }

    /// <summary>Stay without their artifacts.</summary>
    public required IReadOnlyList<RunHead> ArtifactsOf { get; init; }
}
