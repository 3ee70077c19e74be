namespace Orchestrator.Core.Schedules;

/// <summary>What becomes of a time that a clock leaves out when it is set forward.</summary>
public enum MissingTime
{
    Unknown = 0,

    /// <summary>It counts at the moment the clock is set forward: 2:30 of a night in which 2:00 becomes 3:00 is at 3:00. Several such times are one.</summary>
    Shift,

    /// <summary>It is not on that day.</summary>
    Skip,
}

/// <summary>What becomes of a time that a clock shows twice when it is set back.</summary>
public enum DoubledTime
{
    Unknown = 0,
    First,
    Last,
    Both,
}

/// <summary>The clock on a wall of a place: turns times of days into instants, and says what it does on the two days a year when it is set.</summary>
/// <remarks>
/// Only the direction from instants to local time is asked of <see cref="TimeZoneInfo"/>, which is the unambiguous one. Time is walked in spans of one offset; inside a span
/// local times and instants are the same order, so every occurrence is met once, in order.
/// </remarks>
public sealed class ZoneClock(TimeZoneInfo zone, MissingTime missing = MissingTime.Shift, DoubledTime doubled = DoubledTime.First)
{
    /// <summary>How much time is looked at as one when the clock is not set in it.</summary>
    private static readonly TimeSpan Piece = TimeSpan.FromDays(4);

    /// <summary>No zone sets its clock twice within this time and back to what it was.</summary>
    private static readonly TimeSpan Stride = TimeSpan.FromHours(12);

    /// <summary>Longer than any cron expression waits for its next day (29 February on a Monday, over 2100).</summary>
    private const int LongestGapInYears = 60;

    private static readonly DateTime End = new(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The date on the clock.</summary>
    public DateOnly DateAt(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime + OffsetAt(instant.UtcDateTime));

    /// <summary>The instants after a given one (exclusive) at which the clock shows one of the times, in rising order, each once. Lazy; ends in the year 2200, or when no time comes for 60 years.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset instant, ITimesOfDay times)
    {
        // A day earlier, so that the piece in which the answer lies begins with a true setting of the clock if there was one.
        var piece = PieceFrom(instant.UtcDateTime - TimeSpan.FromDays(1));
        var last = instant.UtcDateTime;
        var latest = last.AddYears(LongestGapInYears);
        while (piece.Start < End && piece.Start < latest)
        {
            foreach (var found in InPiece(piece, times))
            {
                if (found > last)
                {
                    yield return new DateTimeOffset(found, TimeSpan.Zero);
                    last = found;
                    latest = last.AddYears(LongestGapInYears);
                }
            }

            piece = PieceFrom(piece.End);
        }
    }

    /// <summary>The last such instant before a given one (exclusive); null when there was none for 60 years.</summary>
    public DateTimeOffset? Before(DateTimeOffset instant, ITimesOfDay times)
    {
        // Ever longer looks back: most schedules are daily or denser.
        for (var days = 2.0; days < LongestGapInYears * 366; days *= 8)
        {
            DateTimeOffset? latest = null;
            foreach (var found in After(instant.AddDays(-days), times))
            {
                if (found >= instant)
                {
                    break;
                }

                latest = found;
            }

            if (latest is not null)
            {
                return latest;
            }
        }

        return null;
    }

    private IEnumerable<DateTime> InPiece(Span piece, ITimesOfDay times)
    {
        var from = piece.Start + piece.Offset;
        var to = piece.End + piece.Offset;
        foreach (var local in LocalTimes(times, from, to))
        {
            var again = local < piece.Start + piece.OffsetBefore;
            var comesAgain = local >= piece.End + piece.OffsetAfter;
            if (!(again && doubled == DoubledTime.First) && !(comesAgain && doubled == DoubledTime.Last))
            {
                yield return local - piece.Offset;
            }
        }

        if (missing == MissingTime.Shift && LocalTimes(times, to, piece.End + piece.OffsetAfter).Any())
        {
            yield return piece.End;
        }
    }

    /// <summary>Times on a clock of the same kind as the wall's, in a half-open range.</summary>
    private static IEnumerable<DateTime> LocalTimes(ITimesOfDay times, DateTime from, DateTime to)
    {
        if (from >= to)
        {
            yield break;
        }

        for (var day = DateOnly.FromDateTime(from); day <= DateOnly.FromDateTime(to.AddTicks(-1)); day = day.AddDays(1))
        {
            var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            foreach (var time in times.On(day))
            {
                var local = midnight + time;
                if (local >= from && local < to)
                {
                    yield return local;
                }
            }
        }
    }

    /// <summary>The time from an instant to the next setting of the clock, or less of it.</summary>
    private Span PieceFrom(DateTime start)
    {
        var offset = OffsetAt(start);
        var end = start + Piece;
        // A stride over the end: a piece that ended shortly before a setting would not know that its last times come again.
        for (var look = start + Stride; look <= end + Stride; look += Stride)
        {
            if (OffsetAt(look) != offset)
            {
                end = Setting(look - Stride, look, offset);
                break;
            }
        }

        return new Span(start, end, offset, OffsetAt(start.AddTicks(-1)), OffsetAt(end));
    }

    /// <summary>The first instant with another offset.</summary>
    private DateTime Setting(DateTime before, DateTime after, TimeSpan offset)
    {
        while (after - before > TimeSpan.FromTicks(1))
        {
            var middle = before + ((after - before) / 2);
            if (OffsetAt(middle) == offset)
            {
                before = middle;
            }
            else
            {
                after = middle;
            }
        }

        return after;
    }

    private TimeSpan OffsetAt(DateTime utc) => zone.GetUtcOffset(utc);

    /// <summary>A time in which the clock is not set. Start inclusive, end exclusive, both UTC.</summary>
    private readonly record struct Span(DateTime Start, DateTime End, TimeSpan Offset, TimeSpan OffsetBefore, TimeSpan OffsetAfter);
}
