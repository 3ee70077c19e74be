using System.Collections.Frozen;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Validation;

/// <summary>Reads Great Expectations' names and arguments as our rules, so that a suite a team already has works unchanged.</summary>
internal static class GreatExpectations
{
    private static readonly FrozenDictionary<string, Func<Kwargs, Expectation>> Readers = new Dictionary<string, Func<Kwargs, Expectation>>
    {
        ["expect_table_row_count_to_be_between"] = k => new() { RowCount = k.Range() },
        ["expect_table_row_count_to_equal"] = k => new() { RowCount = k.Exactly() },
        ["expect_table_row_count_to_equal_other_table"] = k => k.Ignoring("other_table_name", new Expectation { RowCountAsOther = true }),
        ["expect_table_column_count_to_be_between"] = k => new() { ColumnCount = k.Range() },
        ["expect_table_column_count_to_equal"] = k => new() { ColumnCount = k.Exactly() },
        ["expect_table_columns_to_match_set"] = k => new() { Columns = k.Texts("column_set"), OthersAllowed = k.Flag("exact_match") == false ? true : null },
        ["expect_table_columns_to_match_ordered_list"] = k => new() { ColumnsInOrder = k.Texts("column_list") },
        ["expect_column_to_exist"] = k => k.Ignoring("column_index", k.Column() with { Exists = true }),
        ["expect_column_values_to_be_of_type"] = k => k.Column() with { OfType = [k.Text("type_")] },
        ["expect_column_values_to_be_in_type_list"] = k => k.Column() with { OfType = k.Texts("type_list") },
        ["expect_column_values_to_not_be_null"] = k => k.Column() with { NotNull = true },
        ["expect_column_values_to_be_null"] = k => k.Column() with { IsNull = true },
        ["expect_column_values_to_be_unique"] = k => k.Column() with { Unique = true },
        ["expect_column_values_to_be_in_set"] = k => k.Column() with { InSet = k.Set() },
        ["expect_column_values_to_not_be_in_set"] = k => k.Column() with { NotInSet = k.Set() },
        ["expect_column_values_to_be_between"] = k => k.Column() with { Between = k.Range() },
        ["expect_column_values_to_match_regex"] = k => k.Column() with { Matches = k.Text("regex") },
        ["expect_column_values_to_not_match_regex"] = k => k.Column() with { NotMatches = k.Text("regex") },
        ["expect_column_values_to_match_strftime_format"] = k => k.Column() with { DateFormat = k.Text("strftime_format") },
        ["expect_column_values_to_be_increasing"] = k => k.Column() with { Increasing = true, Strictly = k.Flag("strictly") == true ? true : null },
        ["expect_column_values_to_be_decreasing"] = k => k.Column() with { Decreasing = true, Strictly = k.Flag("strictly") == true ? true : null },
        ["expect_column_value_lengths_to_be_between"] = k => k.Column() with { Length = k.Range() },
        ["expect_column_value_lengths_to_equal"] = k => k.Column() with { Length = k.Exactly() },
        ["expect_column_value_z_scores_to_be_less_than"] = k => k.Ignoring("double_sided", k.Column() with { ZScoreBelow = k.Number("threshold") }),
        ["expect_column_min_to_be_between"] = k => k.Column() with { Min = k.Range() },
        ["expect_column_max_to_be_between"] = k => k.Column() with { Max = k.Range() },
        ["expect_column_mean_to_be_between"] = k => k.Column() with { Mean = k.Range() },
        ["expect_column_median_to_be_between"] = k => k.Column() with { Median = k.Range() },
        ["expect_column_stdev_to_be_between"] = k => k.Column() with { StandardDeviation = k.Range() },
        ["expect_column_sum_to_be_between"] = k => k.Column() with { Sum = k.Range() },
        ["expect_column_quantile_values_to_be_between"] = k => k.Ignoring("allow_relative_error", k.Column() with { Quantiles = k.Quantiles() }),
        ["expect_column_distinct_values_to_be_in_set"] = k => k.Column() with { DistinctInSet = k.Set() },
        ["expect_column_distinct_values_to_contain_set"] = k => k.Column() with { DistinctContains = k.Set() },
        ["expect_column_distinct_values_to_equal_set"] = k => k.Column() with { DistinctEquals = k.Set() },
        ["expect_column_unique_value_count_to_be_between"] = k => k.Column() with { DistinctCount = k.Range() },
        ["expect_column_proportion_of_unique_values_to_be_between"] = k => k.Column() with { DistinctRate = k.Range() },
        ["expect_column_most_common_value_to_be_in_set"] = k => k.Column() with { MostCommonInSet = k.Set(), TiesOkay = k.Flag("ties_okay") == true ? true : null },
        ["expect_column_kl_divergence_to_be_less_than"] = k => k.Column() with { Divergence = k.Partition() },
        ["expect_compound_columns_to_be_unique"] = k => new() { UniqueTogether = k.Texts("column_list") },
        ["expect_column_pair_values_a_to_be_greater_than_b"] = k => new() { Greater = k.Pair(k.Flag("or_equal")) },
        ["expect_column_pair_values_to_be_equal"] = k => new() { Equal = k.Pair(null) },
        ["expect_column_pair_values_to_be_in_set"] = k => new() { PairInSet = k.PairSet() },
        ["expect_multicolumn_sum_to_equal"] = k => new() { SumEquals = new ColumnSum { Columns = k.Texts("column_list"), Total = k.Number("sum_total") } },
        ["expect_select_column_values_to_be_unique_within_record"] = k => new() { UniqueWithinRow = k.Texts("column_list") },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> Types { get; } = [.. Readers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The same rule in our form; null, with problems added, when it cannot be read.</summary>
    public static Expectation? Read(Expectation gx, ICollection<ValueProblem> problems)
    {
        if (gx.Type is not { } type || !Readers.TryGetValue(type, out var reader))
        {
            problems.Add(new ValueProblem("type", $"there is no expectation \"{gx.Type}\" here", NearNames.Question(gx.Type ?? "", Types) ?? $"Known are {string.Join(", ", Types)}."));
            return null;
        }

        if (gx.Rules().FirstOrDefault() is { } mixed)
        {
            problems.Add(new ValueProblem(mixed, "stands beside a type with kwargs; a line has one form", "Write it as a line of its own."));
            return null;
        }

        foreach (var name in gx.Unknown?.Keys.Where(name => name is not ("notes" or "description" or "rendered_content")) ?? [])
        {
            problems.Add(new ValueProblem(name, $"an expectation has no member \"{name}\"", "It has type, kwargs, meta, id, severity."));
        }

        var kwargs = new Kwargs(gx.Kwargs ?? new Dictionary<string, JsonElement>());
        try
        {
            var own = reader(kwargs) with
            {
                Mostly = gx.Mostly ?? kwargs.OptionalNumber("mostly"),
                MaxCount = gx.MaxCount,
                MaxRate = gx.MaxRate,
                Severity = gx.Severity ?? kwargs.Severity(),
            };
            foreach (var unread in kwargs.Unread())
            {
                problems.Add(new ValueProblem($"kwargs.{unread}", $"{type} has no argument \"{unread}\" here", "Remove it; leaving it unread could judge other rows than you mean."));
            }

            return own;
        }
        catch (KwargException wrong)
        {
            problems.Add(new ValueProblem($"kwargs.{wrong.Argument}", wrong.Message, null));
            return null;
        }
    }

    /// <summary>The lines of a suite file: <c>{ "name": …, "expectations": [ { "type", "kwargs" } ] }</c>; the older spelling <c>expectation_type</c> is read too.</summary>
    /// <exception cref="JsonException">The text is no suite.</exception>
    public static IReadOnlyList<Expectation> ReadSuite(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("expectations", out var list)
            || list.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("a suite is an object with a list \"expectations\"");
        }

        return
        [
            .. list.EnumerateArray().Select(item => new Expectation
            {
                Type = (item.TryGetProperty("type", out var type) || item.TryGetProperty("expectation_type", out type)) && type.ValueKind == JsonValueKind.String
                    ? type.GetString()
                    : throw new JsonException("an expectation without a type"),
                Kwargs = item.TryGetProperty("kwargs", out var kwargs) ? kwargs.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone()) : null,
                Severity = item.TryGetProperty("severity", out var severity) && severity.ValueKind == JsonValueKind.String && severity.GetString() is "warning" or "info"
                    ? Severity.Warn
                    : null,
            }),
        ];
    }
}
