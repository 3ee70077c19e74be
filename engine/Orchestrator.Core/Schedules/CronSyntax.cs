using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Schedules;

/// <summary>A mistake in a cron expression, with its place in the expression.</summary>
/// <param name="Offset">Where it starts, in characters.</param>
/// <param name="Length">How long it is, in characters.</param>
/// <param name="Label">A few words to stand under the place.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Help">How to mend it; null when the message says it.</param>
public readonly record struct CronProblem(int Offset, int Length, string Label, string Message, string? Help = null);

/// <summary>
/// Checks cron expressions with 5 fields (minute first), 6 (second first) or 7 (and year last), with the <c>? L W #</c> of Quartz.
/// With 5 fields Sunday is 0 or 7, as in Unix; with 6 and 7 it is 1, as in Quartz. Names (SUN, JAN) mean the same in both.
/// </summary>
public static partial class CronSyntax
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private static readonly int[] LongestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    private static readonly Dictionary<string, string> Nicknames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *", ["@annually"] = "0 0 1 1 *", ["@monthly"] = "0 0 1 * *", ["@weekly"] = "0 0 * * 0", ["@daily"] = "0 0 * * *", ["@midnight"] = "0 0 * * *", ["@hourly"] = "0 * * * *",
    };

    internal sealed record Field(string Name, int Low, int High, string[] Names)
    {
        public bool IsDayOfMonth => Name == "day of month";

        public bool IsDayOfWeek => Name == "day of week";
    }

    /// <summary>All mistakes; a wrong number of fields is reported alone.</summary>
    public static IEnumerable<CronProblem> Check(string cron)
    {
        var parts = FieldPattern().Matches(cron);
        if (parts.Count is < 5 or > 7)
        {
            yield return new CronProblem(
                0,
                cron.Length,
                $"{parts.Count} {(parts.Count == 1 ? "field" : "fields")}",
                $"the schedule \"{Shorten(cron)}\" has {parts.Count} {(parts.Count == 1 ? "field" : "fields")} and should have 5, 6 or 7",
                Nicknames.TryGetValue(cron.Trim(), out var meant) ? $"Write \"{meant}\"." : "Every day at 02:00 is \"0 2 * * *\"; every 15 minutes is \"*/15 * * * *\".");
            yield break;
        }

        var fields = FieldsOf(parts.Count);
        var wrong = false;
        for (var i = 0; i < parts.Count; i++)
        {
            foreach (var problem in CheckField(fields[i], parts[i].Value, parts[i].Index))
            {
                wrong = true;
                yield return problem;
            }
        }

        if (!wrong && Impossible(parts, parts.Count == 5 ? 2 : 3) is { } never)
        {
            yield return never;
        }
    }

    internal static Field[] FieldsOf(int count)
    {
        var unix = count == 5;
        Field[] five =
        [
            new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of month", 1, 31, []), new("month", 1, 12, Months),
            new("day of week", unix ? 0 : 1, 7, Days),
        ];
        return count switch
        {
            5 => five,
            6 => [new("second", 0, 59, []), .. five],
            _ => [new("second", 0, 59, []), .. five, new("year", 1970, 2199, [])],
        };
    }

    private static IEnumerable<CronProblem> CheckField(Field field, string text, int offset)
    {
        var at = 0;
        foreach (var item in text.Split(','))
        {
            if (CheckItem(field, item) is { } problem)
            {
                yield return new CronProblem(offset + at, Math.Max(item.Length, 1), $"not {(field.Name == "hour" ? "an" : "a")} {field.Name}", problem.Message, problem.Help);
            }

            at += item.Length + 1;
        }
    }

    private static (string Message, string? Help)? CheckItem(Field field, string item)
    {
        if (item is "*" || (item is "?" && (field.IsDayOfMonth || field.IsDayOfWeek)) || IsSpecial(field, item))
        {
            return null;
        }

        var range = RangePattern().Match(item);
        if (!range.Success)
        {
            return ($"the {field.Name} field has \"{item}\", which is not {Legal(field)}", HelpFor(field, item));
        }

        var from = Read(field, range.Groups["from"].Value);
        var to = range.Groups["to"].Success ? Read(field, range.Groups["to"].Value) : from;
        if (range.Groups["from"].Value != "*" && (from is null || to is null))
        {
            var bad = from is null ? range.Groups["from"].Value : range.Groups["to"].Value;
            return ($"the {field.Name} field has {bad}, which is not {Legal(field)}", NearNames.Question(bad, field.Names) ?? HelpFor(field, bad));
        }

        if (range.Groups["step"] is { Success: true } step && (!int.TryParse(step.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size < 1 || size > field.High))
        {
            return ($"the step of the {field.Name} field is {step.Value} and should be from 1 to {field.High}", null);
        }

        return from > to && field.Names.Length == 0
            ? ($"the {field.Name} field has the range {item}, which ends before it starts", $"Write two ranges: {from}-{field.High},{field.Low}-{to}.")
            : null;
    }

    private static bool IsSpecial(Field field, string item) =>
        (field.IsDayOfMonth && LastDayPattern().IsMatch(item))
        || (field.IsDayOfWeek && NthDayPattern().Match(item) is { Success: true } nth && Read(field, nth.Groups["day"].Value) is not null);

    internal static int? Read(Field field, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number >= field.Low && number <= field.High ? number : null;
        }

        var index = Array.FindIndex(field.Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : field.IsDayOfWeek && field.Low == 0 ? index : index + 1;
    }

    private static string Legal(Field field) => field.Names.Length > 0
        ? $"a number from {field.Low} to {field.High} or a name from {field.Names[0]} to {field.Names[^1]}"
        : $"a number from {field.Low} to {field.High}";

    private static string? HelpFor(Field field, string item) => field.Name switch
    {
        "hour" when item == "24" => "Midnight is hour 0.",
        "minute" or "second" when item == "60" => "The full hour is 0.",
        "day of week" when item == "0" => "With 6 or 7 fields the week starts with Sunday as 1; SUN means the same everywhere.",
        _ => null,
    };

    /// <summary>A day that none of the months has: 30 February.</summary>
    private static CronProblem? Impossible(MatchCollection parts, int dayField)
    {
        var days = parts[dayField].Value.Split(',');
        var months = parts[dayField + 1].Value.Split(',').Select(month => Read(new Field("month", 1, 12, Months), month)).ToList();
        var dayOfWeek = parts[dayField + 2].Value;
        if (dayOfWeek is not ("*" or "?") || months.Any(month => month is null) || !days.All(day => int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return null;
        }

        var longest = months.Max(month => LongestMonths[(month ?? 1) - 1]);
        return days.All(day => int.Parse(day, CultureInfo.InvariantCulture) > longest)
            ? new CronProblem(
                parts[dayField].Index,
                parts[dayField].Length,
                "never comes",
                $"the schedule is for day {parts[dayField].Value} of a month that has at most {longest} days, so it never comes",
                "L stands for the last day of a month.")
            : null;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}...";

    [GeneratedRegex(@"\S+", RegexOptions.CultureInvariant)]
    internal static partial Regex FieldPattern();

    [GeneratedRegex(@"^(?<from>\*|\w+)(?:-(?<to>\w+))?(?:/(?<step>\w+))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    internal static partial Regex RangePattern();

    [GeneratedRegex(@"^(?:L|LW|L-(?:[12]?\d|30)|(?:[1-9]|[12]\d|3[01])W)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LastDayPattern();

    [GeneratedRegex(@"^(?:L|(?<day>\d|[A-Z]{3})(?:L|#[1-5]))$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NthDayPattern();
}
