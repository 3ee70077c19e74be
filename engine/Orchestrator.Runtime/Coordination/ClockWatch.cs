namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// Notices that the clock was set, or that the machine slept: the time of day went further, or less far, than time did. Not for several threads at once.
/// </summary>
internal sealed class ClockWatch(TimeProvider time)
{
    /// <summary>Smaller steps do no harm to anything that is measured in timers, and clocks are corrected by a little all the time.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(5);

    private DateTimeOffset day = time.GetUtcNow();
    private long stamp = time.GetTimestamp();

    /// <summary>How far the clock was moved since the last question; zero when it was not. Negative: back.</summary>
    public TimeSpan Ask()
    {
        var now = time.GetUtcNow();
        var ticks = time.GetTimestamp();
        var moved = now - day - time.GetElapsedTime(stamp, ticks);
        (day, stamp) = (now, ticks);
        return moved.Duration() > Tolerance ? moved : TimeSpan.Zero;
    }
}
