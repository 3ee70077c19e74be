using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Validation;

/// <summary>Rules about a column as a whole: its smallest value, its mean, its set of values, its distribution.</summary>
internal sealed partial class RuleCompiler
{
    private static void CompileAggregates(Expectation line, AddRule add)
    {
        if (line.Min is { } min)
        {
            add($"has a min {min}", "expect_column_min_to_be_between", Arguments(min), found => Extreme(found, "min", min));
        }

        if (line.Max is { } max)
        {
            add($"has a max {max}", "expect_column_max_to_be_between", Arguments(max), found => Extreme(found, "max", max));
        }

        if (line.Mean is { } mean)
        {
            add($"has a mean {mean}", "expect_column_mean_to_be_between", Arguments(mean), found => Measure(found, $"avg({Sql.Name(found.Name)})", mean));
        }

        if (line.Median is { } median)
        {
            add($"has a median {median}", "expect_column_median_to_be_between", Arguments(median), found => Measure(found, $"quantile_cont({Sql.Name(found.Name)}, 0.5)", median));
        }

        if (line.StandardDeviation is { } deviation)
        {
            add($"has a standard deviation {deviation}", "expect_column_stdev_to_be_between", Arguments(deviation), found => Measure(found, Deviation(found), deviation));
        }

        if (line.Sum is { } sum)
        {
            add($"has a sum {sum}", "expect_column_sum_to_be_between", Arguments(sum), found => Measure(found, $"sum({Sql.Name(found.Name)})", sum));
        }

        foreach (var quantile in line.Quantiles ?? [])
        {
            var range = new Bounds { Min = quantile.Min, Max = quantile.Max };
            var ranges = new JsonObject { ["quantiles"] = new JsonArray(quantile.At), ["value_ranges"] = new JsonArray(new JsonArray(Json(quantile.Min), Json(quantile.Max))) };
            add(
                string.Create(CultureInfo.InvariantCulture, $"has a {quantile.At:P0} quantile {range}").Replace(" %", " %", StringComparison.Ordinal),
                "expect_column_quantile_values_to_be_between",
                new() { ["quantile_ranges"] = ranges },
                found => Measure(found, $"quantile_cont({Sql.Name(found.Name)}, {Sql.Number(quantile.At)})", range));
        }

        if (line.DistinctCount is { } count)
        {
            add($"has a number of distinct values {count}", "expect_column_unique_value_count_to_be_between", Arguments(count), found => Number($"count(DISTINCT {Sql.Name(found.Name)})", count));
        }

        if (line.DistinctRate is { } rate)
        {
            add($"has a share of distinct values {rate}", "expect_column_proportion_of_unique_values_to_be_between", Arguments(rate), found => Number($"count(DISTINCT {Sql.Name(found.Name)}) / nullif(count({Sql.Name(found.Name)}), 0)", rate));
        }
    }

    private static void CompileDistribution(Expectation line, AddRule add)
    {
        if (line.DistinctInSet is { } within)
        {
            add($"has only values of {Set(within)}", "expect_column_distinct_values_to_be_in_set", new() { ["value_set"] = Json(within) }, found => OutsideSet(found, within, tolerant: false));
        }

        if (line.DistinctContains is { } contained)
        {
            add($"has all values of {Set(contained)}", "expect_column_distinct_values_to_contain_set", new() { ["value_set"] = Json(contained) }, found => DistinctSet(found, contained, exactly: false));
        }

        if (line.DistinctEquals is { } equal)
        {
            add($"has exactly the values {Set(equal)}", "expect_column_distinct_values_to_equal_set", new() { ["value_set"] = Json(equal) }, found => DistinctSet(found, equal, exactly: true));
        }

        if (line.MostCommonInSet is { } common)
        {
            var ties = line.TiesOkay == true;
            add($"has its most common value in {Set(common)}", "expect_column_most_common_value_to_be_in_set", new() { ["value_set"] = Json(common), ["ties_okay"] = ties }, found => MostCommon(found, common, ties));
        }

        if (line.Divergence is { } divergence)
        {
            var partition = new JsonObject { [divergence.Bins is null ? "values" : "bins"] = divergence.Bins is null ? Json(divergence.Values) : Json(divergence.Bins), ["weights"] = Json(divergence.Weights) };
            add(
                string.Create(CultureInfo.InvariantCulture, $"diverges less than {divergence.Below} nats from what is expected"),
                "expect_column_kl_divergence_to_be_less_than",
                new() { ["partition_object"] = partition, ["threshold"] = divergence.Below },
                found => Diverges(found, divergence));
        }
    }

    private static RulePlan Extreme(ColumnInfo column, string function, Bounds range)
    {
        if (RangeProblem(column, range) is { } problem)
        {
            return problem;
        }

        var value = $"{function}({Sql.Name(column.Name)})";
        return new RulePlan.Aggregate(
            [$"CAST({value} AS VARCHAR)", $"NOT ({Outside(value, column.Type, range)})"],
            answers => answers[0] is null ? NothingThere() : Seen(answers[1] is true, AsNumber(answers[0], column) ?? (JsonNode?)Convert.ToString(answers[0], CultureInfo.InvariantCulture)));
    }

    private static RulePlan Measure(ColumnInfo column, string value, Bounds range) => IsNumeric(column) ? Number(value, range) : Mismatch(column, "numbers");

    private static RulePlan.Aggregate Number(string value, Bounds range) => new(
        [$"CAST({value} AS DOUBLE)"],
        answers => answers[0] is double seen ? Seen(range.Contains(seen), Finite(seen)) : NothingThere());

    // DuckDB refuses the deviation of an infinity; here it is NaN, which lies in no range.
    private static string Deviation(ColumnInfo column)
    {
        var name = Sql.Name(column.Name);
        return column.Type == ColumnType.Integer
            ? $"stddev_samp({name})"
            : $"CASE WHEN count(*) FILTER (WHERE isinf({name})) > 0 THEN 'NaN'::DOUBLE ELSE stddev_samp({name}) FILTER (WHERE isfinite({name})) END";
    }

    private static RulePlan DistinctSet(ColumnInfo column, IReadOnlyList<Scalar> set, bool exactly)
    {
        var name = Sql.Name(column.Name);
        var literals = set.Select(value => Literals.Find(column.Type, value)).ToArray();
        if (Array.Exists(literals, literal => literal is null))
        {
            return Mismatch(column, $"values like {set[Array.FindIndex(literals, literal => literal is null)]}");
        }

        var outside = $"{name} NOT IN ({string.Join(", ", literals)})";
        string[] questions =
        [
            .. literals.Select(literal => $"count(*) FILTER (WHERE {name} = {literal})"),
            .. exactly ? new[] { $"count(*) FILTER (WHERE {outside})", $"min(CAST({name} AS VARCHAR)) FILTER (WHERE {outside})" } : [],
        ];
        return new RulePlan.Aggregate(questions, answers =>
        {
            var absent = set.Where((_, index) => Whole(answers[index]) == 0).ToArray();
            var strange = exactly && Whole(answers[set.Count]) > 0 ? $"{Whole(answers[set.Count])} values are others, such as \"{answers[set.Count + 1]}\"" : null;
            var note = string.Join("; ", new[] { absent.Length > 0 ? $"{Set(absent)} does not appear" : null, strange }.OfType<string>());
            return new RulePlan.Decided(note.Length == 0, note.Length == 0 ? null : note, Json(set.Except(absent)));
        });
    }

    private static RulePlan MostCommon(ColumnInfo column, IReadOnlyList<Scalar> set, bool tiesOkay)
    {
        if (SetOf(column, set) is not { } list)
        {
            return Mismatch(column, $"values like {set[0]}");
        }

        var name = Sql.Name(column.Name);
        var top = $"(SELECT {name} AS \"orc$v\" FROM (SELECT {name}, count(*) AS \"orc$n\" FROM t WHERE {name} IS NOT NULL GROUP BY {name}) QUALIFY rank() OVER (ORDER BY \"orc$n\" DESC) = 1)";
        return new RulePlan.Aggregate(
            [$"(SELECT count(*) FROM {top})", $"(SELECT count(*) FROM {top} WHERE \"orc$v\" IN ({list}))", $"(SELECT min(CAST(\"orc$v\" AS VARCHAR)) FROM {top})"],
            answers => Whole(answers[0]) == 0
                ? NothingThere()
                : new RulePlan.Decided(
                    Whole(answers[1]) > 0 && (tiesOkay || Whole(answers[0]) == 1),
                    Whole(answers[0]) == 1 ? $"it is \"{answers[2]}\"" : $"{answers[0]} values are equally common, such as \"{answers[2]}\"",
                    JsonValue.Create(Convert.ToString(answers[2], CultureInfo.InvariantCulture))));
    }

    private static RulePlan Diverges(ColumnInfo column, Divergence expected)
    {
        var name = Sql.Name(column.Name);
        var questions = new List<string> { $"count({name})" };
        if (expected.Bins is { } edges)
        {
            if (!IsNumeric(column))
            {
                return Mismatch(column, "numbers");
            }

            for (var i = 0; i + 1 < edges.Count; i++)
            {
                var last = i + 2 == edges.Count;
                questions.Add($"count(*) FILTER (WHERE {name} >= {Sql.Number(edges[i])} AND {name} {(last ? "<=" : "<")} {Sql.Number(edges[i + 1])})");
            }
        }
        else
        {
            questions.AddRange((expected.Values ?? []).Select(value => Literals.Find(column.Type, value) is { } literal ? $"count(*) FILTER (WHERE {name} = {literal})" : "0"));
        }

        return new RulePlan.Aggregate(questions, answers =>
        {
            var total = Whole(answers[0]);
            if (total == 0)
            {
                return NothingThere();
            }

            var divergence = KullbackLeibler([.. answers.Skip(1).Select(Whole)], total, expected.Weights);
            return new RulePlan.Decided(
                divergence < expected.Below,
                double.IsInfinity(divergence) ? "values appear whose expected weight is zero, so the divergence is infinite" : string.Create(CultureInfo.InvariantCulture, $"it is {divergence:G6}"),
                Finite(divergence));
        });
    }

    /// <summary>Σ p ln(p / q) over places with p above zero: p observed, q expected (Kullback and Leibler 1951). Infinite when a value falls where q is zero.</summary>
    internal static double KullbackLeibler(IReadOnlyList<long> observed, long total, IReadOnlyList<double> weights)
    {
        var weightSum = weights.Sum();
        var divergence = observed.Sum() < total ? double.PositiveInfinity : 0;
        for (var i = 0; i < observed.Count; i++)
        {
            var p = (double)observed[i] / total;
            divergence += p > 0 ? p * Math.Log(p / (weights[i] / weightSum)) : 0;
        }

        return divergence;
    }

    private static RulePlan.Decided NothingThere() => new(false, "the column has no value");

    private static RulePlan.Decided Seen(bool passed, JsonNode? observed) => new(passed, $"it is {observed?.ToJsonString()}", observed);

    private static JsonValue Finite(double number) => double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(number.ToString(CultureInfo.InvariantCulture));

    private static JsonValue? AsNumber(object? text, ColumnInfo column) =>
        IsNumeric(column) && double.TryParse(Convert.ToString(text, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var number) ? Finite(number) : null;

    private static long Whole(object? answer) => answer is null ? 0 : Convert.ToInt64(answer, CultureInfo.InvariantCulture);
}
