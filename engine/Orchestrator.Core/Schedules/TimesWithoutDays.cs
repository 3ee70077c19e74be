namespace Orchestrator.Core.Schedules;

/// <summary>What becomes of a time on an excluded day.</summary>
public enum ExcludedDay
{
    Unknown = 0,

    /// <summary>It is not due.</summary>
    Skip,

    /// <summary>It is due at the same time of the next day that is not excluded.</summary>
    Next,

    /// <summary>It is due at the same time of the last day before that is not excluded.</summary>
    Previous,
}

/// <summary>Times of other rules, with those of excluded days left out or moved.</summary>
public sealed class TimesWithoutDays(ITimesOfDay times, DayCalendar excluded, ExcludedDay then) : ITimesOfDay
{
    /// <summary>How many days in a row are looked at: more days off than this have no day before or after them.</summary>
    private const int LongestBreak = 60;

    /// <inheritdoc/>
    public IEnumerable<TimeSpan> On(DateOnly day)
    {
        if (excluded.Has(day))
        {
            return [];
        }

        return then switch
        {
            ExcludedDay.Next => Gather(day, -1),
            ExcludedDay.Previous => Gather(day, 1),
            _ => times.On(day),
        };
    }

    /// <summary>The day's own times and those of the excluded days on one side of it.</summary>
    private SortedSet<TimeSpan> Gather(DateOnly day, int step)
    {
        var all = new SortedSet<TimeSpan>(times.On(day));
        var off = day.AddDays(step);
        for (var i = 0; i < LongestBreak && excluded.Has(off); i++, off = off.AddDays(step))
        {
            all.UnionWith(times.On(off));
        }

        return all;
    }
}
