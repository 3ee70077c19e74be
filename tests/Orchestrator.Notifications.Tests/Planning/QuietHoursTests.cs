using CsCheck;
using Orchestrator.Notifications.Planning;

namespace Orchestrator.Notifications.Tests.Planning;

/// <summary>When a channel wants quiet, on the clock of a place, also on the two days a year when it is set.</summary>
public sealed class QuietHoursTests
{
    private static readonly DayOfWeek[] EveryDay = Enum.GetValues<DayOfWeek>();
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static QuietHours Hours(string from, string to, TimeZoneInfo? zone = null, DayOfWeek[]? days = null) =>
        new(zone ?? Berlin, TimeSpan.Parse(from, null), TimeSpan.Parse(to, null), days ?? EveryDay);

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

    [TestCase("2026-03-02T20:59:59Z", "2026-03-02T20:59:59Z", TestName = "A second before it begins")]
    [TestCase("2026-03-02T21:00:00Z", "2026-03-03T06:00:00Z", TestName = "When it begins")]
    [TestCase("2026-03-03T05:59:59Z", "2026-03-03T06:00:00Z", TestName = "A second before its end")]
    [TestCase("2026-03-03T06:00:00Z", "2026-03-03T06:00:00Z", TestName = "At its end")]
    [TestCase("2026-03-28T22:30:00Z", "2026-03-29T05:00:00Z", TestName = "The night that is an hour shorter")]
    [TestCase("2026-10-24T21:30:00Z", "2026-10-25T06:00:00Z", TestName = "The night that is an hour longer")]
    public void ANightIsQuietToItsEnd(string instant, string free) => Assert.That(Hours("22:00", "07:00").Hold(At(instant)), Is.EqualTo(At(free)));

    [Test]
    public void AnEndThatTheClockLeavesOutIsTheMomentItIsSet() =>
        Assert.That(Hours("01:00", "02:30").Hold(At("2026-03-29T00:15:00Z")), Is.EqualTo(At("2026-03-29T01:00:00Z")));

    [Test]
    public void ABeginningThatTheClockLeavesOutIsTheMomentItIsSet()
    {
        var hours = Hours("02:30", "04:00");
        Assert.That(hours.Hold(At("2026-03-29T00:59:59Z")), Is.EqualTo(At("2026-03-29T00:59:59Z")));
        Assert.That(hours.Hold(At("2026-03-29T01:00:00Z")), Is.EqualTo(At("2026-03-29T02:00:00Z")));
    }

    [Test]
    public void BetweenTwoOfADoubledTimeItIsQuiet()
    {
        // 02:30 is at 00:30Z and at 01:30Z. Quiet until the last of them, and from the first.
        Assert.That(Hours("01:00", "02:30").Hold(At("2026-10-25T00:45:00Z")), Is.EqualTo(At("2026-10-25T01:30:00Z")));
        Assert.That(Hours("02:30", "05:00").Hold(At("2026-10-25T00:45:00Z")), Is.EqualTo(At("2026-10-25T04:00:00Z")));
    }

    [Test]
    public void DaysAreThoseOnWhichItBegins()
    {
        var weekend = Hours("18:00", "09:00", days: [DayOfWeek.Friday]);
        Assert.That(weekend.Hold(At("2026-03-07T01:00:00Z")), Is.EqualTo(At("2026-03-07T08:00:00Z")), "Saturday morning is Friday's night");
        Assert.That(weekend.Hold(At("2026-03-07T20:00:00Z")), Is.EqualTo(At("2026-03-07T20:00:00Z")));
    }

    [Test]
    public void WhatIsQuietAllTheTimeIsToldAtOnce()
    {
        // Cannot be written in the settings, where it would be a mistake; a message that waits for ever would be a worse one.
        var always = Hours("08:00", "08:00");
        Assert.That(always.Hold(At("2026-03-02T12:00:00Z")), Is.EqualTo(At("2026-03-02T12:00:00Z")));
    }

    /// <summary>Against a calendar that walks minute by minute, wherever the clock is not set.</summary>
    [Test]
    public void ItIsWhatAMinuteByMinuteCalendarSays()
    {
        string[] zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC", "America/St_Johns", "Africa/Casablanca"];
        var cases = Gen.Select(OneOf(zones), Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Int[1, 127], Gen.Int[0, 60 * 24 * 365 * 3]);
        cases.Sample(
            (id, from, to, mask, minute) =>
            {
                if (from == to)
                {
                    return true;
                }

                var zone = TimeZoneInfo.FindSystemTimeZoneById(id);
                var days = EveryDay.Where(day => (mask & (1 << (int)day)) != 0).ToHashSet();
                var instant = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);
                if (IsSetNear(zone, instant))
                {
                    return true;
                }

                var quiet = new QuietHours(zone, TimeSpan.FromMinutes(from), TimeSpan.FromMinutes(to), days);
                return (quiet.Hold(instant) > instant) == IsQuiet(zone, instant, from, to, days);
            },
            iter: 2000);
    }

    /// <summary>Holding is done once: what was held is free, and later than what was asked.</summary>
    [Test]
    public void WhatIsHeldIsFreeAtTheEnd()
    {
        Gen.Select(OneOf("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"), Gen.Int[0, 1439], Gen.Int[0, 1439], Gen.Int[0, 60 * 24 * 365 * 3]).Sample(
            (id, from, to, minute) =>
            {
                if (from == to)
                {
                    return true;
                }

                var quiet = new QuietHours(TimeZoneInfo.FindSystemTimeZoneById(id), TimeSpan.FromMinutes(from), TimeSpan.FromMinutes(to), EveryDay);
                var instant = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);
                var free = quiet.Hold(instant);
                return free >= instant && quiet.Hold(free) == free && free - instant <= TimeSpan.FromHours(25);
            },
            iter: 2000);
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static bool IsSetNear(TimeZoneInfo zone, DateTimeOffset instant) => zone.GetUtcOffset(instant.AddDays(-3)) != zone.GetUtcOffset(instant.AddDays(3));

    private static bool IsQuiet(TimeZoneInfo zone, DateTimeOffset instant, int from, int to, HashSet<DayOfWeek> days)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        var minute = (local.Hour * 60) + local.Minute;
        var yesterday = local.AddDays(-1).DayOfWeek;
        return from < to
            ? minute >= from && minute < to && days.Contains(local.DayOfWeek)
            : (minute >= from && days.Contains(local.DayOfWeek)) || (minute < to && days.Contains(yesterday));
    }
}
