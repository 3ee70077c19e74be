using Orchestrator.Runtime.Logs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Stops an attempt that gives no sign of life: neither progress nor a line in its log. Measured on a clock that nobody can set.</summary>
internal sealed class HeartbeatWatch : IDisposable
{
    private readonly TimeSpan limit;
    private readonly TimeProvider time;
    private readonly AttemptLog log;
    private readonly Action stop;
    private readonly ITimer timer;
    private long last;
    private int silent;

    public HeartbeatWatch(TimeSpan limit, TimeProvider time, AttemptLog log, Action stop)
    {
        this.limit = limit;
        this.time = time;
        this.log = log;
        this.stop = stop;
        last = time.GetTimestamp();
        // Often enough that nobody is given a quarter more than the limit.
        var period = limit / 4 is { Ticks: > 0 } quarter && quarter < TimeSpan.FromMinutes(1) ? quarter : TimeSpan.FromMinutes(1);
        timer = time.CreateTimer(_ => Look(), null, period, period);
    }

    public TimeSpan Limit => limit;

    /// <summary>True once the attempt was stopped for its silence.</summary>
    public bool IsSilent => Volatile.Read(ref silent) == 1;

    public void Beat() => Volatile.Write(ref last, time.GetTimestamp());

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var sign = Math.Max(Volatile.Read(ref last), log.LastWrite);
        if (time.GetElapsedTime(sign) >= limit && Interlocked.Exchange(ref silent, 1) == 0)
        {
            stop();
        }
    }
}
