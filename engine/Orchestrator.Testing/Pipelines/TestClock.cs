using Orchestrator.Core.Values;

namespace Orchestrator.Testing.Pipelines;

/// <summary>A clock that stands still until it is told to go on, and that knows which timer is whose: an attempt that waits for the time is asleep, and no work.</summary>
internal sealed class TestClock(DateTimeOffset start) : TimeProvider
{
    private static readonly AsyncLocal<(AttemptId Attempt, bool OwnWill)?> Sleeper = new();

    private readonly Lock gate = new();
    private readonly List<Timer> pending = [];
    private DateTimeOffset now = start;

    /// <summary>A timer was set. Raised from any thread.</summary>
    public event Action? Changed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers set from here on, in this flow of control, belong to an attempt.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="ownWill">True: the work itself waits. False: a limit that others put on it, which says nothing about whether it works.</param>
    public static void Claim(AttemptId attempt, bool ownWill) => Sleeper.Value = (attempt, ownWill);

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state), Sleeper.Value);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>True when the attempt's own work waits for the time.</summary>
    public bool IsAsleep(AttemptId attempt)
    {
        lock (gate)
        {
            return pending.Any(timer => timer.Owner is { OwnWill: true } owner && owner.Attempt == attempt);
        }
    }

    /// <summary>The next time at which something happens to one of the attempts; null when no timer of theirs runs.</summary>
    public DateTimeOffset? NextOf(IReadOnlyCollection<AttemptId> attempts)
    {
        lock (gate)
        {
            return pending.Where(timer => timer.Owner is { } owner && attempts.Contains(owner.Attempt)).Min(timer => (DateTimeOffset?)timer.Due);
        }
    }

    /// <summary>Goes on to a time and fires what is due on the way, each at its own time.</summary>
    public void AdvanceTo(DateTimeOffset time)
    {
        while (NextBy(time) is { } timer)
        {
            timer.Fire();
        }

        lock (gate)
        {
            now = time > now ? time : now;
        }
    }

    private Timer? NextBy(DateTimeOffset time)
    {
        lock (gate)
        {
            var next = pending.Where(timer => timer.Due <= time).MinBy(timer => timer.Due);
            if (next is null)
            {
                return null;
            }

            now = next.Due > now ? next.Due : now;
            pending.Remove(next);
            if (next.Period is { } period)
            {
                // A beat that nobody waits for is not made up for: after a jump the next one comes a period later.
                next.Due = (next.Due + period > time ? next.Due : time) + period;
                pending.Add(next);
            }

            return next;
        }
    }

    private void Set(Timer timer, TimeSpan due, TimeSpan period)
    {
        lock (gate)
        {
            pending.Remove(timer);
            if (due != Timeout.InfiniteTimeSpan)
            {
                timer.Due = now + due;
                timer.Period = period > TimeSpan.Zero ? period : null;
                pending.Add(timer);
            }
        }

        if (due == TimeSpan.Zero)
        {
            // A timer without a wait is due at once, whether or not time goes on.
            ThreadPool.QueueUserWorkItem(_ => AdvanceTo(GetUtcNow()));
        }

        Changed?.Invoke();
    }

    private void Remove(Timer timer)
    {
        lock (gate)
        {
            pending.Remove(timer);
        }
    }

    private sealed class Timer(TestClock clock, Action callback, (AttemptId Attempt, bool OwnWill)? owner) : ITimer
    {
        public (AttemptId Attempt, bool OwnWill)? Owner { get; } = owner;

        public DateTimeOffset Due { get; set; }

        public TimeSpan? Period { get; set; }

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime, period);
            return true;
        }

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
