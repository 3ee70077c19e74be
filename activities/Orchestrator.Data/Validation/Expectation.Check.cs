using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Validation;

/// <summary>What can be said about a line of rules before any data is seen.</summary>
public sealed partial record Expectation
{
    private static readonly HashSet<string> Modifiers =
    [
        nameof(Column), nameof(Strictly), nameof(TiesOkay), nameof(OthersAllowed), nameof(Mostly), nameof(MaxCount), nameof(MaxRate),
        nameof(Severity), nameof(Type), nameof(Kwargs), nameof(Meta), nameof(Id), nameof(Unknown),
    ];

    private static readonly HashSet<string> TableRules =
    [
        nameof(RowCount), nameof(RowCountAsOther), nameof(ColumnCount), nameof(Columns), nameof(ColumnsInOrder), nameof(UniqueTogether),
        nameof(UniqueWithinRow), nameof(Greater), nameof(Equal), nameof(PairInSet), nameof(SumEquals),
    ];

    private static readonly PropertyInfo[] Members = typeof(Expectation).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    /// <summary>The names of all rules and modifiers, as JSON writes them.</summary>
    internal static IReadOnlyList<string> Names { get; } =
        [.. Members.Where(member => member.Name != nameof(Unknown)).Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name))];

    /// <summary>The rules that this line has, as JSON writes them. <c>"notNull": false</c> is no rule.</summary>
    internal IEnumerable<string> Rules() => Members
        .Where(member => !Modifiers.Contains(member.Name) && member.GetValue(this) is not null and not false)
        .Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name));

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check() => Type is null ? CheckOwn() : CheckGx();

    private List<ValueProblem> CheckGx()
    {
        var problems = new List<ValueProblem>();
        if (GreatExpectations.Read(this, problems) is { } own && problems.Count == 0)
        {
            problems.AddRange(own.CheckOwn().Select(problem => problem with { Path = "kwargs" }));
        }

        return problems;
    }

    private IEnumerable<ValueProblem> CheckOwn() =>
        [.. CheckNames(), .. CheckTolerance(), .. CheckSets(), .. CheckBounds(), .. CheckPatterns(), .. CheckShapes()];

    private IEnumerable<ValueProblem> CheckNames()
    {
        foreach (var name in Unknown?.Keys ?? [])
        {
            yield return new ValueProblem(name, $"there is no rule \"{name}\"", NearNames.Question(name, Names) ?? $"The rules are {string.Join(", ", Names)}.");
        }

        if (Kwargs is not null)
        {
            yield return new ValueProblem("kwargs", "stands without a type", "Add \"type\": \"expect_…\", or write the rule in the short form.");
        }

        var rules = Rules().ToArray();
        if (rules.Length == 0 && Unknown is not { Count: > 0 })
        {
            yield return new ValueProblem("", "has no rule in it", "Write one, for example \"notNull\": true.");
        }

        var table = TableRules.Select(JsonNamingPolicy.CamelCase.ConvertName).ToHashSet();
        if (Column is { Length: 0 })
        {
            yield return new ValueProblem("column", "is empty", "Name a column.");
        }
        else if (Column is null && rules.FirstOrDefault(rule => !table.Contains(rule)) is { } lonely)
        {
            yield return new ValueProblem(lonely, $"rule \"{lonely}\" needs a column to judge", "Add \"column\": \"…\".");
        }
        else if (Column is not null && rules.FirstOrDefault(table.Contains) is { } shared)
        {
            yield return new ValueProblem(shared, $"rule \"{shared}\" is about the table, not about column \"{Column}\"", "Write it as a line of its own, without \"column\".");
        }

        if (Strictly == true && Increasing != true && Decreasing != true)
        {
            yield return new ValueProblem("strictly", "means something only beside increasing or decreasing", "Remove it, or add \"increasing\": true.");
        }

        if (Increasing == true && Decreasing == true)
        {
            yield return new ValueProblem("decreasing", "contradicts increasing", "Keep one of them.");
        }

        if (NotNull == true && IsNull == true)
        {
            yield return new ValueProblem("isNull", "contradicts notNull", "Keep one of them.");
        }

        if (Severity is Validation.Severity.Unknown)
        {
            yield return new ValueProblem("severity", "is neither error nor warn", "Write \"error\" or \"warn\".");
        }
    }

    private IEnumerable<ValueProblem> CheckTolerance()
    {
        if (Mostly is { } share && !(share is >= 0 and <= 1))
        {
            yield return new ValueProblem("mostly", $"is {share} and must lie in 0..1", "0.99 means 99 of 100 values must obey.");
        }

        if (MaxRate is { } rate && !(rate is >= 0 and <= 1))
        {
            yield return new ValueProblem("maxRate", $"is {rate} and must lie in 0..1", "0.01 means 1 of 100 values may disobey.");
        }

        if (MaxCount is < 0)
        {
            yield return new ValueProblem("maxCount", "is negative", "0 means no value may disobey.");
        }

        if (ZScoreBelow is { } deviations && !(deviations > 0 && double.IsFinite(deviations)))
        {
            yield return new ValueProblem("zScoreBelow", "must be a number above 0", "3 is usual.");
        }
    }

    private IEnumerable<ValueProblem> CheckSets()
    {
        (string Name, IReadOnlyList<Scalar>? Set)[] sets =
        [
            ("inSet", InSet), ("notInSet", NotInSet), ("distinctInSet", DistinctInSet), ("distinctContains", DistinctContains),
            ("distinctEquals", DistinctEquals), ("mostCommonInSet", MostCommonInSet),
        ];
        foreach (var (name, _) in sets.Where(pair => pair.Set is { Count: 0 }))
        {
            yield return new ValueProblem(name, "is an empty set, which no value can obey or break", "List at least one value.");
        }

        (string Name, IReadOnlyList<string>? List, int Least)[] lists =
        [
            ("ofType", OfType, 1), ("columns", Columns, 1), ("columnsInOrder", ColumnsInOrder, 1), ("uniqueTogether", UniqueTogether, 1),
            ("uniqueWithinRow", UniqueWithinRow, 2), ("sumEquals.columns", SumEquals?.Columns, 1),
        ];
        foreach (var (name, list, least) in lists)
        {
            if (list is not null && list.Count < least)
            {
                yield return new ValueProblem(name, $"needs at least {least} name{(least == 1 ? "" : "s")}", "List them.");
            }

            if (list is not null && list.Count != list.Distinct().Count())
            {
                yield return new ValueProblem(name, "has a name twice", "Remove the second one.");
            }
        }

        foreach (var (type, index) in (OfType ?? []).Select((type, index) => (type, index)))
        {
            if (TypeNames.Find(type) is null)
            {
                yield return new ValueProblem($"ofType[{index}]", $"there is no column type \"{type}\"", $"The types are {string.Join(", ", TypeNames.Own)}.");
            }
        }

        if (PairInSet is { Values: var pairs } && (pairs.Count == 0 || pairs.Any(pair => pair.Count != 2)))
        {
            yield return new ValueProblem("pairInSet.values", "must be a list of pairs, and not empty", "Write [[\"a\", 1], [\"b\", 2]].");
        }
    }

    private IEnumerable<ValueProblem> CheckBounds()
    {
        (string Name, Bounds? Bounds, bool NumbersOnly)[] all =
        [
            ("between", Between, false), ("min", Min, false), ("max", Max, false), ("length", Length, true), ("mean", Mean, true), ("median", Median, true),
            ("standardDeviation", StandardDeviation, true), ("sum", Sum, true), ("distinctCount", DistinctCount, true), ("distinctRate", DistinctRate, true),
            ("rowCount", RowCount, true), ("columnCount", ColumnCount, true),
        ];
        foreach (var (name, bounds, numbersOnly) in all)
        {
            if (bounds?.Problem(numbersOnly) is { } problem)
            {
                yield return new ValueProblem(name, problem, "Write { \"min\": low, \"max\": high }; either may be left out.");
            }
        }

        foreach (var (quantile, index) in (Quantiles ?? []).Select((quantile, index) => (quantile, index)))
        {
            if (quantile.At is not (>= 0 and <= 1))
            {
                yield return new ValueProblem($"quantiles[{index}].at", $"is {quantile.At} and must lie in 0..1", "0.95 is the value that 95 of 100 lie below.");
            }
            else if (new Bounds { Min = quantile.Min, Max = quantile.Max }.Problem(numbersOnly: true) is { } problem)
            {
                yield return new ValueProblem($"quantiles[{index}]", problem, "Write { \"at\": 0.95, \"min\": low, \"max\": high }.");
            }
        }

        if (Quantiles is { Count: 0 })
        {
            yield return new ValueProblem("quantiles", "is empty", "Write { \"at\": 0.95, \"max\": high }.");
        }
    }

    private IEnumerable<ValueProblem> CheckPatterns()
    {
        foreach (var (name, pattern) in new[] { ("matches", Matches), ("notMatches", NotMatches) })
        {
            if (pattern is not null && PatternProblem(pattern) is { } problem)
            {
                yield return new ValueProblem(name, $"is not a regular expression that this program can run: {problem}", "RE2 has no look-around and no back-references.");
            }
        }

        if (DateFormat is { } format && StrftimeProblem(format) is { } wrong)
        {
            yield return new ValueProblem("dateFormat", wrong, "Use strftime's letters: %Y-%m-%d is 2026-01-31.");
        }
    }

    private IEnumerable<ValueProblem> CheckShapes()
    {
        if (Divergence is not { } divergence)
        {
            yield break;
        }

        if (divergence is { Values: null, Bins: null } or { Values: not null, Bins: not null })
        {
            yield return new ValueProblem("divergence", "needs values or bins, and not both", "Give \"values\" for a column of few values, \"bins\" for numbers.");
            yield break;
        }

        var places = divergence.Values?.Count ?? (divergence.Bins?.Count ?? 0) - 1;
        if (places < 1 || divergence.Weights.Count != places)
        {
            yield return new ValueProblem("divergence.weights", $"has {divergence.Weights.Count} weights for {Math.Max(places, 0)} values or bins", "Give one weight each.");
        }
        else if (divergence.Weights.Any(weight => !(weight >= 0 && double.IsFinite(weight))) || divergence.Weights.Sum() <= 0)
        {
            yield return new ValueProblem("divergence.weights", "must be numbers from 0 up, one of them above 0", "Shares or counts both work.");
        }

        if (divergence.Bins is { } bins && bins.Zip(bins.Skip(1)).Any(pair => !(pair.First < pair.Second)))
        {
            yield return new ValueProblem("divergence.bins", "do not rise", "Write the edges from low to high.");
        }

        if (!(divergence.Below > 0))
        {
            yield return new ValueProblem("divergence.below", "must be above 0", "0.1 is a small difference.");
        }
    }

    // RE2, which DuckDB uses, takes what .NET's non-backtracking engine takes, give or take names of character classes. To build that engine takes
    // a while, so it is asked only about patterns with a group or an escape that it may refuse: (?=, (?<, (?>, \1, \k, \G.
    private static string? PatternProblem(string pattern)
    {
        try
        {
            var doubtful = pattern.Contains("(?", StringComparison.Ordinal) || pattern.Contains('\\', StringComparison.Ordinal);
            _ = new Regex(pattern, (doubtful ? RegexOptions.NonBacktracking : RegexOptions.None) | RegexOptions.CultureInvariant);
            return null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            return wrong.Message;
        }
    }

    private static string? StrftimeProblem(string format)
    {
        const string Letters = "aAwdbBmyYHIMpSgfnzZjUWcxXGuV%-";
        var any = false;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                continue;
            }

            if (++i == format.Length || !Letters.Contains(format[i], StringComparison.Ordinal))
            {
                return i == format.Length ? "ends in a lone %" : $"has %{format[i]}, which strftime does not know";
            }

            any = true;
        }

        return any ? null : "has no strftime letter in it";
    }
}
