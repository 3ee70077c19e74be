namespace Orchestrator.Runtime.Retention;

/// <summary>How long what is kept. Null is for ever. The audit log is never removed, whatever this says.</summary>
public sealed record RetentionPolicy
{
    public const int UsualKeepRuns = 10;

    /// <summary>After its end, with everything that is the run's own: rows, events, logs, and files that nothing else refers to.</summary>
    public TimeSpan? Runs { get; init; }

    /// <summary>The same for failed runs, when it is longer than <see cref="Runs"/>.</summary>
    public TimeSpan? FailedRuns { get; init; }

    /// <summary>So many newest runs of each pipeline stay whatever their age. Default 10.</summary>
    public int KeepRuns { get; init; } = UsualKeepRuns;

    /// <summary>Logs of runs that stay, after the end of the run.</summary>
    public TimeSpan? Logs { get; init; }

    /// <summary>Artifacts of runs that stay, after the end of the run.</summary>
    public TimeSpan? Artifacts { get; init; }

    /// <summary>Events of runs that stay, after the end of the run; and signals and messages that everybody has dealt with.</summary>
    public TimeSpan? Events { get; init; }

    /// <summary>What was decided about times and happenings that no run came of.</summary>
    public TimeSpan? Ticks { get; init; }

    /// <summary>How often a server applies it by itself; null: it does not.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>True when it removes nothing but files that nobody refers to anyway.</summary>
    public bool KeepsAll => (Runs, Logs, Artifacts, Events, Ticks) is (null, null, null, null, null);
}
