using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Tests.Schedules;

[TestFixture]
internal sealed class TimetableTests
{
    private static readonly DayCalendar Weekend = new() { Weekdays = [DayOfWeek.Saturday, DayOfWeek.Sunday] };

    private static readonly ZoneClock Berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    private static readonly ZoneClock Utc = new(TimeZoneInfo.Utc);

    [Test]
    public void Interval_AnchorAndInstantFarApart_StepsAreExact()
    {
        var every = TimeSpan.FromMinutes(7);
        var table = new IntervalTimetable(every, DateTimeOffset.UnixEpoch, Utc, DayCalendar.Empty);
        var times = table.After(At("2026-02-03T04:05:06Z")).Take(3).ToArray();
        Assert.That(times.Select(time => (time - DateTimeOffset.UnixEpoch).Ticks % every.Ticks), Is.All.Zero);
        Assert.That(times[0] - At("2026-02-03T04:05:06Z"), Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(every));
        Assert.That(times[1] - times[0], Is.EqualTo(every));
        Assert.That(table.Plan(times[1]).From, Is.EqualTo(times[0]));
    }

    [TestCase("1969-12-31T23:53:00Z", "1970-01-01T00:00:00Z", Description = "before the anchor")]
    [TestCase("1970-01-01T00:00:00Z", "1970-01-01T00:07:00Z", Description = "the instant itself does not count")]
    [TestCase("1969-12-31T23:52:59Z", "1969-12-31T23:53:00Z")]
    public void Interval_AroundAnchor_NextIsAfter(string after, string next) => Assert.That(
        new IntervalTimetable(TimeSpan.FromMinutes(7), DateTimeOffset.UnixEpoch, Utc, DayCalendar.Empty).After(At(after)).First(), Is.EqualTo(At(next)));

    [Test]
    public void Interval_ExcludedDays_AreDaysOfThePlace()
    {
        var table = new IntervalTimetable(TimeSpan.FromHours(6), DateTimeOffset.UnixEpoch, Berlin, Weekend);
        // Friday 2026-01-09 18:00 UTC is 19:00 in Berlin; Saturday and Sunday there end on Sunday 23:00 UTC.
        Assert.That(table.After(At("2026-01-09T17:00:00Z")).Take(2), Is.EqualTo(new[] { At("2026-01-09T18:00:00Z"), At("2026-01-12T00:00:00Z") }));
    }

    [Test]
    public void Interval_EveryDayExcluded_Ends() =>
        Assert.That(new IntervalTimetable(TimeSpan.FromHours(1), DateTimeOffset.UnixEpoch, Utc, new DayCalendar { Weekdays = [.. Enum.GetValues<DayOfWeek>()] }).After(At("2026-01-01T00:00:00Z")), Is.Empty);

    [TestCase(null, "2026-05-04 2026-05-05 2026-05-06 2026-05-07 2026-05-08 2026-05-11")]
    [TestCase(1, "2026-05-04 2026-06-01 2026-07-01")]
    [TestCase(3, "2026-05-06 2026-06-03 2026-07-03")]
    [TestCase(-1, "2026-05-29 2026-06-30 2026-07-31")]
    [TestCase(-2, "2026-05-28 2026-06-29 2026-07-30")]
    [TestCase(23, "2026-07-31 2026-12-31", Description = "months with fewer have none")]
    public void WorkingDays_OfMonth_SkipDaysOff(int? nth, string days)
    {
        // The first of May is a holiday and a Friday.
        var off = DayCalendar.Union([Weekend, new DayCalendar { Yearly = [(5, 1)] }]);
        var table = new ClockTimetable(Utc, new WorkingDayTimes(nth, [TimeSpan.FromHours(9)], off));
        var expected = days.Split(' ');
        Assert.That(table.After(At("2026-04-30T12:00:00Z")).Take(expected.Length).Select(time => $"{time:yyyy-MM-dd}"), Is.EqualTo(expected));
    }

    [TestCase(ExcludedDay.Skip, "01-09 01-12")]
    [TestCase(ExcludedDay.Next, "01-09 01-12", Description = "Saturday, Sunday and Monday are one")]
    [TestCase(ExcludedDay.Previous, "01-09 01-12")]
    public void Excluded_DailyTimes_AreLeftOutOrMovedAndAreOne(ExcludedDay then, string days) => Assert.That(
        new ClockTimetable(Utc, new TimesWithoutDays(CronExpression.Parse("0 6 * * *"), Weekend, then)).After(At("2026-01-08T12:00:00Z")).Take(2).Select(time => $"{time:MM-dd}"),
        Is.EqualTo(days.Split(' ')));

    [TestCase(ExcludedDay.Skip, "08-03")]
    [TestCase(ExcludedDay.Next, "08-03 09-01")]
    [TestCase(ExcludedDay.Previous, "07-31 09-01")]
    public void Excluded_FirstOfMonthOnSaturday_Moves(ExcludedDay then, string days)
    {
        var expected = then == ExcludedDay.Skip ? ["09-01"] : days.Split(' ');
        Assert.That(
            new ClockTimetable(Utc, new TimesWithoutDays(CronExpression.Parse("0 6 1 * *"), Weekend, then)).After(At("2026-07-15T00:00:00Z")).Take(expected.Length).Select(time => $"{time:MM-dd}"),
            Is.EqualTo(expected));
    }

    [Test]
    public void Bounds_StartIsInclusiveAndEndIsNot()
    {
        var table = new ClockTimetable(Utc, CronExpression.Parse("0 * * * *")) { Start = At("2026-01-01T10:00:00Z"), End = At("2026-01-01T12:00:00Z") };
        Assert.That(table.After(At("2020-01-01T00:00:00Z")), Is.EqualTo(new[] { At("2026-01-01T10:00:00Z"), At("2026-01-01T11:00:00Z") }));
        Assert.That(table.Plan(At("2026-01-01T10:00:00Z")).From, Is.EqualTo(At("2026-01-01T09:00:00Z")), "the first run has an interval too");
        Assert.That(table.Has(At("2026-01-01T11:00:00Z")), Is.True);
        Assert.That(table.Has(At("2026-01-01T12:00:00Z")), Is.False);
    }

    [Test]
    public void Cron_DayThatNeverComes_Ends() =>
        Assert.That(new ClockTimetable(Utc, CronExpression.Parse("0 0 0 1 1 ? 2020")).After(At("2026-01-01T00:00:00Z")), Is.Empty);

    private static readonly Timetable Hourly = new ClockTimetable(Utc, CronExpression.Parse("0 * * * *"));

    [TestCase(Missed.Skip, "", "11 12 13")]
    [TestCase(Missed.RunLatest, "13", "11 12")]
    [TestCase(Missed.RunAll, "11 12 13", "")]
    public void Due_SchedulerWasAway_PolicyDecides(Missed policy, string run, string missed)
    {
        var due = Dueness.Decide(Hourly, At("2026-01-01T10:00:00Z"), At("2026-01-01T13:30:00Z"), policy, null);
        Assert.That(Hours(due.Run), Is.EqualTo(run));
        Assert.That(Hours(due.Missed), Is.EqualTo(missed));
        Assert.That(due.Last, Is.EqualTo(At("2026-01-01T13:00:00Z")));
    }

    [TestCase(Missed.Skip, "13", "11 12")]
    [TestCase(Missed.RunLatest, "13", "11 12", Description = "the one that is on time is the latest")]
    [TestCase(Missed.RunAll, "11 12 13", "")]
    public void Due_OneIsOnTime_ItRunsWhateverThePolicy(Missed policy, string run, string missed)
    {
        var due = Dueness.Decide(Hourly, At("2026-01-01T10:00:00Z"), At("2026-01-01T13:00:59Z"), policy, null);
        Assert.That(Hours(due.Run), Is.EqualTo(run));
        Assert.That(Hours(due.Missed), Is.EqualTo(missed));
    }

    [TestCase(Missed.RunAll, "12 13", "11")]
    [TestCase(Missed.RunLatest, "13", "11 12")]
    public void Due_Window_OlderOnesAreMissed(Missed policy, string run, string missed)
    {
        var due = Dueness.Decide(Hourly, At("2026-01-01T10:00:00Z"), At("2026-01-01T13:30:00Z"), policy, TimeSpan.FromHours(2));
        Assert.That(Hours(due.Run), Is.EqualTo(run));
        Assert.That(Hours(due.Missed), Is.EqualTo(missed));
    }

    [Test]
    public void Due_YearOfSeconds_ComesInPagesAndLosesNone()
    {
        var each = new ClockTimetable(Utc, CronExpression.Parse("* * * * * *"));
        var (last, end) = (At("2026-01-01T00:00:00Z"), At("2026-01-01T06:00:00Z"));
        var (run, missed) = (0, 0);
        for (var more = true; more;)
        {
            var due = Dueness.Decide(each, last, end, Missed.RunLatest, null);
            (run, missed, more, last) = (run + due.Run.Length, missed + due.Missed.Length, due.HasMore, due.Last ?? end);
        }

        // One minute is on time; all before it is missed.
        Assert.That((run, missed), Is.EqualTo((61, (6 * 3600) - 61)));
    }

    [Test]
    public void Jitter_SameScheduleAndTime_IsTheSameAndInside()
    {
        var most = TimeSpan.FromMinutes(5);
        var all = Enumerable.Range(0, 1000).Select(hour => Dueness.Jitter("churn/0", At("2026-01-01T00:00:00Z").AddHours(hour), most)).ToArray();
        Assert.That(all, Is.All.InRange(TimeSpan.Zero, most));
        Assert.That(all.Average(one => one.TotalSeconds), Is.InRange(135, 165), "half of five minutes, within five standard errors");
        Assert.That(Dueness.Jitter("churn/0", At("2026-01-01T00:00:00Z"), most), Is.EqualTo(all[0]));
        Assert.That(Dueness.Jitter("churn/1", At("2026-01-01T00:00:00Z"), most), Is.Not.EqualTo(all[0]));
    }

    private static string Hours(ImmutableArray<DateTimeOffset> times) => string.Join(' ', times.Select(time => $"{time:HH}"));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
