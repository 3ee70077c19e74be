namespace Orchestrator.Runtime.Outgoing;

/// <summary>How often, and how long, it is tried to send a message to people.</summary>
public sealed record SendingLimits
{
    /// <summary>≥ 1. After so many that failed the message is given up.</summary>
    public int Attempts { get; init; } = 10;

    /// <summary>The wait after the first attempt that failed; each is about twice the one before.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Of one attempt.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What happened longer ago than this when somebody first looks at it is not told any more: a server that was away for a month does not tell of all of it.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromDays(3);
}
