using Orchestrator.Runtime.Outgoing;

namespace Orchestrator.Notifications.Planning;

/// <summary>When a message is tried again.</summary>
internal static class RetryDelays
{
    /// <summary>The wait after an attempt that failed: twice as long each time up to the longest, a random half of it left out so that many messages do not come back together, and never shorter than the other side asked.</summary>
    /// <param name="attempt">Which attempt failed, from 1.</param>
    /// <param name="limits">The first and the longest wait.</param>
    /// <param name="asked">How long the other side asked to wait; null: it did not. Counts up to the longest wait.</param>
    /// <param name="draw">A random number, 0 (inclusive) to 1 (exclusive).</param>
    public static TimeSpan After(long attempt, SendingLimits limits, TimeSpan? asked, double draw)
    {
        // As a number, since a time that was doubled often enough is longer than times can be.
        var capped = Math.Min(limits.Delay.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 60)), limits.MostDelay.TotalMilliseconds);
        var wait = TimeSpan.FromMilliseconds(capped * (0.5 + (draw / 2)));
        var wish = asked is { } given && given < limits.MostDelay ? given : asked is null ? TimeSpan.Zero : limits.MostDelay;
        return wait > wish ? wait : wish;
    }
}
