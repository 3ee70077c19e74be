using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Core.Schedules;

/// <summary>
/// A cron expression as sets of numbers: which seconds of which days it names, in the local time of whoever reads it. What is legal is told by <see cref="CronSyntax"/>.
/// </summary>
/// <remarks>
/// Day of month and day of week: when both are restricted (neither has a <c>*</c> or <c>?</c>), a day that fits either is named; otherwise a day must fit both. So it is
/// with cron since Vixie; with 6 and 7 fields too, where Quartz asks for a <c>?</c> in one of them.
/// </remarks>
public sealed class CronExpression : ITimesOfDay
{
    private readonly ulong seconds;
    private readonly ulong minutes;
    private readonly ulong hours;
    private readonly ulong months;
    private readonly HashSet<int>? years;
    private readonly DaySet daysOfMonth;
    private readonly DaySet daysOfWeek;

    private CronExpression(string text, string[] parts)
    {
        Text = text;
        var fields = CronSyntax.FieldsOf(parts.Length);
        ulong Of(string name) => Array.FindIndex(fields, field => field.Name == name) is >= 0 and var i ? CronField.Numbers(fields[i], parts[i]) : 1UL;
        seconds = Of("second");
        minutes = Of("minute");
        hours = Of("hour");
        months = Of("month");
        years = parts.Length == 7 && parts[6] != "*" ? CronField.Years(fields[6], parts[6]) : null;
        var day = parts.Length == 5 ? 2 : 3;
        daysOfMonth = new DaySet(fields[day], parts[day]);
        daysOfWeek = new DaySet(fields[day + 2], parts[day + 2]);
    }

    /// <summary>What was written.</summary>
    public string Text { get; }

    /// <exception cref="FormatException">It is not one; <see cref="CronSyntax.Check"/> says where.</exception>
    public static CronExpression Parse(string text)
    {
        if (CronSyntax.Check(text).FirstOrDefault() is { Message: { } problem })
        {
            throw new FormatException(problem);
        }

        return new CronExpression(text, [.. CronSyntax.FieldPattern().Matches(text).Select(match => match.Value)]);
    }

    /// <summary>True when the expression names at least one time of the day.</summary>
    public bool IsOn(DateOnly day)
    {
        if ((months & Bit(day.Month)) == 0 || years?.Contains(day.Year) == false)
        {
            return false;
        }

        return daysOfMonth.IsRestricted && daysOfWeek.IsRestricted
            ? daysOfMonth.Has(day) || daysOfWeek.Has(day)
            : daysOfMonth.Has(day) && daysOfWeek.Has(day);
    }

    /// <inheritdoc/>
    public IEnumerable<TimeSpan> On(DateOnly day)
    {
        if (!IsOn(day))
        {
            yield break;
        }

        foreach (var hour in Members(hours, 24))
        {
            foreach (var minute in Members(minutes, 60))
            {
                foreach (var second in Members(seconds, 60))
                {
                    yield return new TimeSpan(hour, minute, second);
                }
            }
        }
    }

    private static IEnumerable<int> Members(ulong set, int end) => Enumerable.Range(0, end).Where(number => (set & Bit(number)) != 0);

    private static ulong Bit(int number) => 1UL << number;

    /// <summary>One of the two fields that name days: plain numbers, and days that depend on their month.</summary>
    private sealed class DaySet
    {
        private readonly CronSyntax.Field field;
        private readonly ulong plain;
        private readonly List<Func<DateOnly, bool>> special = [];

        public DaySet(CronSyntax.Field field, string text)
        {
            this.field = field;
            IsRestricted = !text.Contains('*', StringComparison.Ordinal) && text != "?";
            var numbers = new List<string>();
            foreach (var item in text.Split(','))
            {
                if (item == "?")
                {
                    numbers.Add("*");
                }
                else if (SpecialOf(item) is { } days)
                {
                    special.Add(days);
                }
                else
                {
                    numbers.Add(item);
                }
            }

            plain = numbers.Count == 0 ? 0 : CronField.Numbers(field, string.Join(',', numbers));
        }

        public bool IsRestricted { get; }

        public bool Has(DateOnly day) =>
            (plain & Bit(field.IsDayOfWeek ? (int)day.DayOfWeek : day.Day)) != 0 || special.Exists(one => one(day));

        private Func<DateOnly, bool>? SpecialOf(string item) => field.IsDayOfWeek ? NthDayOf(item) : DayOfMonthOf(item);

        // L: the last day. L-3: three days before it. 15W: the working day nearest to the 15th, in the same month. LW: the last working day.
        private static Func<DateOnly, bool>? DayOfMonthOf(string item)
        {
            var text = item.ToUpperInvariant();
            if (text == "LW")
            {
                return day => day == NearestWorkingDay(LastOf(day));
            }

            if (text.StartsWith('L'))
            {
                var before = text.Length > 2 ? int.Parse(text[2..], CultureInfo.InvariantCulture) : 0;
                return day => day.Day == LastOf(day).Day - before;
            }

            if (!text.EndsWith('W'))
            {
                return null;
            }

            var wanted = int.Parse(text[..^1], CultureInfo.InvariantCulture);
            return day => wanted <= LastOf(day).Day && day == NearestWorkingDay(new DateOnly(day.Year, day.Month, wanted));
        }

        // FRI#2: the second Friday of the month. FRIL: the last one. L alone: Saturday, the last day of a week.
        private Func<DateOnly, bool>? NthDayOf(string item)
        {
            var text = item.ToUpperInvariant();
            if (text == "L")
            {
                return day => day.DayOfWeek == DayOfWeek.Saturday;
            }

            var mark = text.IndexOf('#', StringComparison.Ordinal);
            if (mark < 0 && !(text.EndsWith('L') && text.Length is 2 or 4))
            {
                return null;
            }

            var weekday = CronField.Weekday(field, CronSyntax.Read(field, mark < 0 ? text[..^1] : text[..mark]) ?? throw new FormatException($"{item} is not a day of the week"));
            if (mark < 0)
            {
                return day => (int)day.DayOfWeek == weekday && day.Day > LastOf(day).Day - 7;
            }

            var nth = text[mark + 1] - '0';
            return day => (int)day.DayOfWeek == weekday && (day.Day - 1) / 7 == nth - 1;
        }

        private static DateOnly LastOf(DateOnly day) => new(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));

        private static DateOnly NearestWorkingDay(DateOnly day) => day.DayOfWeek switch
        {
            DayOfWeek.Saturday => day.Day == 1 ? day.AddDays(2) : day.AddDays(-1),
            DayOfWeek.Sunday => day.Day == LastOf(day).Day ? day.AddDays(-2) : day.AddDays(1),
            _ => day,
        };
    }
}

/// <summary>The numbers that one field of a cron expression names.</summary>
internal static class CronField
{
    /// <summary>As bits. Days of the week count from Sunday, 0, however the expression counts them.</summary>
    public static ulong Numbers(CronSyntax.Field field, string text) => Values(field, text).Aggregate(0UL, (set, number) => set | (1UL << (field.IsDayOfWeek ? Weekday(field, number) : number)));

    public static HashSet<int> Years(CronSyntax.Field field, string text) => [.. Values(field, text)];

    /// <summary>Sunday is 0 or 7 with 5 fields and 1 with more.</summary>
    public static int Weekday(CronSyntax.Field field, int number) => field.Low == 0 ? number % 7 : number - 1;

    private static IEnumerable<int> Values(CronSyntax.Field field, string text) => text.Split(',').SelectMany(item => ValuesOf(field, item));

    private static IEnumerable<int> ValuesOf(CronSyntax.Field field, string item)
    {
        var range = CronSyntax.RangePattern().Match(item);
        var step = range.Groups["step"] is { Success: true } written ? int.Parse(written.Value, CultureInfo.InvariantCulture) : 1;
        // Sunday has two numbers with 5 fields; a star names each day once.
        var high = field is { IsDayOfWeek: true, Low: 0 } ? 6 : field.High;
        if (range.Groups["from"].Value == "*")
        {
            return Steps(field.Low, high, step);
        }

        var from = Number(field, range.Groups["from"]);
        var to = range.Groups["to"].Success ? Number(field, range.Groups["to"]) : range.Groups["step"].Success ? high : from;
        // Weeks and years go round: FRI-MON, NOV-FEB. A step goes on counting over the end.
        return from <= to ? Steps(from, to, step) : Steps(from, to + (high - field.Low + 1), step).Select(number => number > high ? number - (high - field.Low + 1) : number);
    }

    private static IEnumerable<int> Steps(int from, int to, int step)
    {
        for (var number = from; number <= to; number += step)
        {
            yield return number;
        }
    }

    private static int Number(CronSyntax.Field field, Group text) =>
        CronSyntax.Read(field, text.Value) ?? throw new FormatException($"{text.Value} is not a {field.Name}");
}
