using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Schedules;

/// <summary>What is to be done about the times that have come since somebody looked.</summary>
public sealed record DueTimes
{
    /// <summary>The times to start runs for, oldest first.</summary>
    public ImmutableArray<DateTimeOffset> Run { get; init; } = [];

    /// <summary>Times that passed while nobody looked and that get no run: counted, never silently dropped.</summary>
    public ImmutableArray<DateTimeOffset> Missed { get; init; } = [];

    /// <summary>The newest time that was looked at; null when none has come.</summary>
    public DateTimeOffset? Last { get; init; }

    /// <summary>True when more times had come than were looked at: ask again from <see cref="Last"/> on.</summary>
    public bool HasMore { get; init; }
}

/// <summary>Decides about times that have come: on time, or missed while no scheduler was running.</summary>
public static class Dueness
{
    /// <summary>A time that is found no later than this after it came is on time: schedulers are busy, paused and restarted.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(1);

    /// <summary>How many times are looked at together: a schedule of each second that slept for a year must not fill the memory.</summary>
    public const int Page = 10_000;

    /// <param name="timetable">When the schedule is due.</param>
    /// <param name="last">The newest time that was looked at before; exclusive.</param>
    /// <param name="now">Inclusive.</param>
    /// <param name="policy">What becomes of missed times.</param>
    /// <param name="window">Missed times that are older get no run, whatever the policy. Null: any age.</param>
    public static DueTimes Decide(Timetable timetable, DateTimeOffset last, DateTimeOffset now, Missed policy, TimeSpan? window)
    {
        var come = timetable.After(last).TakeWhile(time => time <= now).Take(Page + 1).ToList();
        if (come.Count == 0)
        {
            return new DueTimes();
        }

        var hasMore = come.Count > Page;
        if (hasMore)
        {
            come.RemoveAt(Page);
        }

        var onTime = come.Where(time => now - time <= Grace).ToList();
        var late = come.Take(come.Count - onTime.Count).ToList();
        var kept = policy switch
        {
            Missed.RunAll => late.Where(time => IsInside(time, now, window)),
            // The latest stands for all before it; one that is on time is later still. When more are to come, the latest is among those.
            Missed.RunLatest when onTime.Count == 0 && !hasMore => late.TakeLast(1).Where(time => IsInside(time, now, window)),
            _ => [],
        };
        var run = kept.Concat(onTime).ToImmutableArray();
        return new DueTimes { Run = run, Missed = [.. late.Except(run)], Last = come[^1], HasMore = hasMore };
    }

    /// <summary>
    /// How much later than planned a run starts, so that a hundred schedules of one hour do not start in one second. From zero to <paramref name="most"/>; the same for the same
    /// schedule and time whoever asks, so two schedulers agree and a restart changes nothing.
    /// </summary>
    public static TimeSpan Jitter(string schedule, DateTimeOffset logicalDate, TimeSpan most)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{schedule}|{logicalDate.UtcTicks}")));
        return TimeSpan.FromTicks((long)(BitConverter.ToUInt32(hash) / (double)uint.MaxValue * most.Ticks));
    }

    private static bool IsInside(DateTimeOffset time, DateTimeOffset now, TimeSpan? window) => window is not { } longest || now - time <= longest;
}
