using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>How long to wait between the attempts of a task, for <see cref="ActivityRules.Retry"/>.</summary>
public sealed class Backoff
{
    private Backoff(BackoffKind kind, DurationText? delay, DurationText? max, Jitter jitter)
    {
        Kind = kind;
        Delay = delay;
        Max = max;
        Jitter = jitter;
    }

    internal BackoffKind Kind { get; }

    internal DurationText? Delay { get; }

    internal DurationText? Max { get; }

    internal Jitter Jitter { get; }

    /// <summary>The wait doubles: <c>10s</c>, <c>20s</c>, <c>40s</c>, … up to <paramref name="max"/>.</summary>
    /// <param name="delay">The wait before the second attempt. Null: 10 s.</param>
    /// <param name="max">The longest wait. Null: 5 min.</param>
    /// <param name="jitter">Whether the wait is drawn at random below that.</param>
    public static Backoff Exponential(DurationText? delay = null, DurationText? max = null, Jitter jitter = Jitter.Full) =>
        new(BackoffKind.Exponential, delay, max, jitter);

    /// <summary>The wait grows by its first length: <c>10s</c>, <c>20s</c>, <c>30s</c>, … up to <paramref name="max"/>.</summary>
    public static Backoff Linear(DurationText? delay = null, DurationText? max = null, Jitter jitter = Jitter.Full) =>
        new(BackoffKind.Linear, delay, max, jitter);

    /// <summary>Always the same wait.</summary>
    public static Backoff Fixed(DurationText? delay = null, Jitter jitter = Jitter.Full) =>
        new(BackoffKind.Fixed, delay, max: null, jitter);
}
