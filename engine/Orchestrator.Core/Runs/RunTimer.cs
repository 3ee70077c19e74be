namespace Orchestrator.Core.Runs;

/// <summary>What a timer is for.</summary>
public enum TimerKind
{
    Unknown = 0,

    /// <summary>The next attempt of a task may start.</summary>
    Retry,

    /// <summary>The task has waited long enough for a place.</summary>
    Queue,

    /// <summary>The task's <see cref="Definitions.TaskDefinition.Deadline"/>.</summary>
    TaskDeadline,

    /// <summary>It is too late to answer what a suspended task asks.</summary>
    Answer,

    /// <summary>The run's <see cref="Definitions.PipelineDefinition.Timeout"/>.</summary>
    RunTimeout,

    /// <summary>The run's <see cref="Definitions.PipelineDefinition.Deadline"/>.</summary>
    RunDeadline,
}

/// <summary>Something that is to happen at a time. Part of the state, so it survives whatever happens to the process; what is overdue is due at once.</summary>
/// <param name="Key">The task or item; <see cref="Run"/> when it is the run's own.</param>
public readonly record struct RunTimer(DateTimeOffset Until, TaskKey Key, TimerKind Kind) : IComparable<RunTimer>
{
    /// <summary>In place of a task, for timers of the run itself.</summary>
    public static TaskKey Run { get; } = new(-1);

    public int CompareTo(RunTimer other) =>
        Until != other.Until ? Until.CompareTo(other.Until)
        : Key != other.Key ? Key.CompareTo(other.Key)
        : Kind.CompareTo(other.Kind);

    public static bool operator <(RunTimer left, RunTimer right) => left.CompareTo(right) < 0;

    public static bool operator >(RunTimer left, RunTimer right) => left.CompareTo(right) > 0;

    public static bool operator <=(RunTimer left, RunTimer right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RunTimer left, RunTimer right) => left.CompareTo(right) >= 0;
}
