using CsCheck;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Tests.Schedules;

/// <summary>
/// Timetables against a calendar that knows nothing of them: every minute of the time line is turned into local time by the zone's own rules, and asked whether
/// the cron expression names it.
/// </summary>
[TestFixture]
internal sealed class TimetableProperties
{
    /// <summary>Zones whose clocks are set in every way there is: by half an hour (Lord Howe), at midnight (Beirut, Santiago), in Ramadan (Casablanca), over the date line (Apia), never.</summary>
    private static readonly string[] Zones =
    [
        "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Moscow", "Europe/Istanbul", "Europe/Athens", "Europe/Kyiv", "Europe/Chisinau", "Atlantic/Azores",
        "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/St_Johns", "America/Halifax", "America/Havana",
        "America/Mexico_City", "America/Sao_Paulo", "America/Santiago", "America/Asuncion", "America/Bogota", "America/Caracas", "America/Argentina/Buenos_Aires", "America/Nuuk",
        "Africa/Casablanca", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Asia/Beirut", "Asia/Jerusalem", "Asia/Gaza", "Asia/Tehran", "Asia/Amman", "Asia/Kolkata",
        "Asia/Kathmandu", "Asia/Tokyo", "Asia/Shanghai", "Asia/Dhaka", "Asia/Pyongyang", "Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
        "Pacific/Apia", "Pacific/Kiritimati", "UTC",
    ];

    private static readonly string[] Crons =
    [
        "0 2 * * *", "30 2 * * *", "*/20 * * * *", "0 0 * * *", "15,45 0-3 * * *", "30 1 * * SUN", "0 23 L * *", "0 3 1 */3 *", "5 2 * 3,4,10,11 *", "30 0-4/2 * * *", "0 12 15W * *", "45 2 * * SUN#2",
    ];

    private static int Iterations => Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? 4_000 : 250;

    [Test]
    public void TimesOfTheCalendarAreTheTimesOfTheClock() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]), Gen.Int[0, Crons.Length - 1].Select(i => Crons[i]), Gen.Int[1996, 2035], Gen.Int[0, 364], Gen.Enum<MissingTime>(), Gen.Enum<DoubledTime>())
            .Where((_, _, _, _, missing, doubled) => missing != MissingTime.Unknown && doubled != DoubledTime.Unknown)
            .Sample(
                (zone, cron, year, day, missing, doubled) =>
                {
                    var from = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day).AddMinutes(-1);
                    // Three weeks, and the next of the two turns of the year.
                    var to = from.AddDays(21);
                    Check(zone, cron, from, to, missing, doubled);
                },
                iter: Iterations,
                threads: 1);

    [Test]
    public void EverySettingOfEveryClockIsRight()
    {
        // Each zone's own settings of one year, with a cron that is due all through the night.
        foreach (var zone in Zones)
        {
            foreach (var setting in SettingsOf(zone, Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? 1996..2026 : 2009..2011))
            {
                var minutes = new Minutes(zone, setting.AddHours(-30), setting.AddHours(30));
                foreach (var missing in new[] { MissingTime.Shift, MissingTime.Skip })
                {
                    foreach (var doubled in new[] { DoubledTime.First, DoubledTime.Last, DoubledTime.Both })
                    {
                        Check(minutes, "*/10 * * * *", missing, doubled);
                        Check(minutes, "30 2 * * *", missing, doubled);
                        Check(minutes, "15 0 * * *", missing, doubled);
                    }
                }
            }
        }
    }

    // Found by the property above: a piece of the time line ended a minute before the clock was set back, so the hour that came again was not known to.
    [Test]
    public void After_PieceEndsShortlyBeforeClockIsSetBack_DoubledTimeIsDueOnce() =>
        Check("Europe/Chisinau", "5 2 * 3,4,10,11 *", new DateTimeOffset(2015, 10, 13, 23, 59, 0, TimeSpan.Zero), new DateTimeOffset(2015, 11, 3, 23, 59, 0, TimeSpan.Zero), MissingTime.Skip, DoubledTime.Last);

    [Test]
    public void AfterAndBeforeAgree() =>
        Gen.Select(Gen.Int[0, Zones.Length - 1].Select(i => Zones[i]), Gen.Int[0, Crons.Length - 1].Select(i => Crons[i]), Gen.Int[1996, 2035], Gen.Int[0, 364]).Sample(
            (zone, cron, year, day) =>
            {
                var clock = new ZoneClock(TimeZoneInfo.FindSystemTimeZoneById(zone));
                var times = CronExpression.Parse(cron);
                var three = clock.After(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day), times).Take(3).ToArray();
                Assert.That(three, Is.Ordered.And.Unique);
                Assert.That(clock.Before(three[1], times), Is.EqualTo(three[0]));
                Assert.That(clock.Before(three[2], times), Is.EqualTo(three[1]));
                Assert.That(clock.After(three[0].AddTicks(-1), times).First(), Is.EqualTo(three[0]));
            },
            iter: Iterations,
            threads: 1);

    private static void Check(string zone, string cron, DateTimeOffset from, DateTimeOffset to, MissingTime missing, DoubledTime doubled) =>
        Check(new Minutes(zone, from, to), cron, missing, doubled);

    private static void Check(Minutes minutes, string cron, MissingTime missing, DoubledTime doubled)
    {
        var expected = minutes.Named(cron, missing, doubled);
        var found = new ZoneClock(minutes.Zone, missing, doubled).After(minutes.From, CronExpression.Parse(cron)).TakeWhile(time => time < minutes.To).ToArray();
        Assert.That(found, Is.EqualTo(expected), $"{cron} in {minutes.Zone.Id} from {minutes.From:u}, missing {missing}, doubled {doubled}");
    }

    /// <summary>A time line, minute by minute. A minute is doubled when the same local time was there before or comes again; a gap is where local time jumps ahead.</summary>
    private sealed class Minutes
    {
        private readonly List<(DateTimeOffset Instant, DateTime Local)> all = [];
        private readonly Dictionary<DateTime, (DateTimeOffset First, DateTimeOffset Last)> byLocal = [];

        public Minutes(string zone, DateTimeOffset from, DateTimeOffset to)
        {
            Zone = TimeZoneInfo.FindSystemTimeZoneById(zone);
            (From, To) = (from, to);
            var margin = TimeSpan.FromHours(30);
            for (var time = Floor(from - margin); time < to + margin; time = time.AddMinutes(1))
            {
                var local = TimeZoneInfo.ConvertTime(time, Zone).DateTime;
                all.Add((time, local));
                byLocal[local] = byLocal.TryGetValue(local, out var before) ? (before.First, time) : (time, time);
            }
        }

        public TimeZoneInfo Zone { get; }

        public DateTimeOffset From { get; }

        public DateTimeOffset To { get; }

        public DateTimeOffset[] Named(string cron, MissingTime missing, DoubledTime doubled)
        {
            var expression = CronExpression.Parse(cron);
            var days = new Dictionary<DateOnly, HashSet<TimeSpan>>();
            bool Names(DateTime local)
            {
                var day = DateOnly.FromDateTime(local);
                return (days.TryGetValue(day, out var times) ? times : days[day] = [.. expression.On(day)]).Contains(local.TimeOfDay);
            }

            var due = new SortedSet<DateTimeOffset>();
            for (var i = 1; i < all.Count; i++)
            {
                var (instant, local) = all[i];
                if (Names(local))
                {
                    var (first, last) = byLocal[local];
                    if (doubled == DoubledTime.Both || instant == (doubled == DoubledTime.First ? first : last))
                    {
                        due.Add(instant);
                    }
                }

                for (var left = all[i - 1].Local.AddMinutes(1); left < local && missing == MissingTime.Shift; left = left.AddMinutes(1))
                {
                    if (Names(left))
                    {
                        due.Add(instant);
                    }
                }
            }

            return [.. due.Where(time => time > From && time < To)];
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static IEnumerable<DateTimeOffset> SettingsOf(string zone, Range years)
    {
        var info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var end = new DateTimeOffset(years.End.Value, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var time = new DateTimeOffset(years.Start.Value, 1, 1, 0, 0, 0, TimeSpan.Zero); time < end; time = time.AddHours(1))
        {
            if (info.GetUtcOffset(time) != info.GetUtcOffset(time.AddHours(-1)))
            {
                yield return time;
            }
        }
    }
}
