using System.Text.Json.Nodes;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Values;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Validation;

/// <summary>Makes the rules of each line ready for a table with the given columns. Rules about several columns and about the table are in the other part.</summary>
internal sealed partial class RuleCompiler(IReadOnlyList<ColumnInfo> columns, long? otherRows)
{
    /// <summary>The name under which the table has a number column with its NaN still in it.</summary>
    public static string RawName(string column) => Sql.Name($"orc$raw${column}");

    /// <summary>The rules of the lines in order. Lines in Great Expectations' form must have been read before.</summary>
    public IReadOnlyList<Rule> Compile(IEnumerable<Expectation> lines) => [.. lines.SelectMany(Compile)];

    private List<Rule> Compile(Expectation line)
    {
        var rules = new List<Rule>();
        CompileTable(line, rules);
        if (line.Column is { } column)
        {
            CompileColumn(line, column, rules);
        }

        return rules;
    }

    private void CompileColumn(Expectation line, string column, List<Rule> rules)
    {
        void Add(string text, string gx, JsonObject kwargs, Func<ColumnInfo, RulePlan> plan)
        {
            kwargs.Insert(0, "column", column);
            rules.Add(new Rule { Text = $"{column} {text}", GxType = gx, Kwargs = kwargs, Line = line, Plan = Find(column) is { } found ? plan(found) : Missing(column) });
        }

        if (line.Exists == true)
        {
            Add("exists", "expect_column_to_exist", [], _ => new RulePlan.Decided(true));
        }

        if (line.OfType is { } types)
        {
            Add($"is {string.Join(" or ", types)}", "expect_column_values_to_be_in_type_list", new() { ["type_list"] = Json(types) }, found => IsOfType(found, types));
        }

        if (line.NotNull == true)
        {
            Add("is not null", "expect_column_values_to_not_be_null", [], found => Missing(found, wanted: false));
        }

        if (line.IsNull == true)
        {
            Add("is null", "expect_column_values_to_be_null", [], found => Missing(found, wanted: true));
        }

        if (line.Finite == true)
        {
            Add("is finite", "orc_column_values_to_be_finite", [], found => found.Type == ColumnType.Number
                ? new RulePlan.Rows { Columns = [column], Disobeys = $"NOT isfinite({RawName(column)})", Judged = $"count({RawName(column)})" }
                : IsNumeric(found) ? new RulePlan.Decided(true) : Mismatch(found, "numbers"));
        }

        CompileValues(line, Add);
        CompileOrder(line, Add);
        CompileAggregates(line, Add);
        CompileDistribution(line, Add);
    }

    private static void CompileValues(Expectation line, AddRule add)
    {
        if (line.InSet is { } inside)
        {
            add($"in {Set(inside)}", "expect_column_values_to_be_in_set", new() { ["value_set"] = Json(inside) }, found => OutsideSet(found, inside, tolerant: true));
        }

        if (line.NotInSet is { } outside)
        {
            add($"not in {Set(outside)}", "expect_column_values_to_not_be_in_set", new() { ["value_set"] = Json(outside) }, found => InsideSet(found, outside));
        }

        if (line.Between is { } range)
        {
            add(range.ToString(), "expect_column_values_to_be_between", Arguments(range), found => RangeProblem(found, range) is { } problem ? problem : Rows(found, Outside(Sql.Name(found.Name), found.Type, range)));
        }

        if (line.Matches is { } pattern)
        {
            add($"matches /{pattern}/", "expect_column_values_to_match_regex", new() { ["regex"] = pattern }, found => Rows(found, $"NOT regexp_matches({AsText(found)}, {Sql.Text(pattern)})"));
        }

        if (line.NotMatches is { } unwanted)
        {
            add($"does not match /{unwanted}/", "expect_column_values_to_not_match_regex", new() { ["regex"] = unwanted }, found => Rows(found, $"regexp_matches({AsText(found)}, {Sql.Text(unwanted)})"));
        }

        if (line.DateFormat is { } format)
        {
            add($"is a date like {format}", "expect_column_values_to_match_strftime_format", new() { ["strftime_format"] = format }, found => found.Type switch
            {
                ColumnType.Date or ColumnType.Timestamp => new RulePlan.Decided(true, $"the column is of type {TypeNames.Of(found.Type)}"),
                ColumnType.Text => Rows(found, $"{Sql.Name(found.Name)} IS NOT NULL AND try_strptime({Sql.Name(found.Name)}, {Sql.Text(format)}) IS NULL"),
                _ => Mismatch(found, "dates or texts"),
            });
        }

        if (line.Length is { } length)
        {
            add($"has a length {length}", "expect_column_value_lengths_to_be_between", Arguments(length), found => found.Type == ColumnType.Text
                ? Rows(found, Outside($"length({Sql.Name(found.Name)})", ColumnType.Integer, length))
                : Mismatch(found, "texts"));
        }
    }

    private static void CompileOrder(Expectation line, AddRule add)
    {
        var strictly = line.Strictly == true;
        if (line.Unique == true)
        {
            add("is unique", "expect_column_values_to_be_unique", [], found => Repeated([found.Name], $"count({Sql.Name(found.Name)})"));
        }

        if (line.Increasing == true)
        {
            add(strictly ? "rises strictly" : "does not fall", "expect_column_values_to_be_increasing", new() { ["strictly"] = strictly }, found => Ordered(found, strictly ? "<=" : "<"));
        }

        if (line.Decreasing == true)
        {
            add(strictly ? "falls strictly" : "does not rise", "expect_column_values_to_be_decreasing", new() { ["strictly"] = strictly }, found => Ordered(found, strictly ? ">=" : ">"));
        }

        if (line.ZScoreBelow is { } deviations)
        {
            add($"within {Sql.Number(deviations).Replace("::DOUBLE", "", StringComparison.Ordinal)} standard deviations", "expect_column_value_z_scores_to_be_less_than", new() { ["threshold"] = deviations, ["double_sided"] = true }, found =>
            {
                var name = Sql.Name(found.Name);
                // Mean and deviation of the finite values: an infinity would make both infinite, and no value would ever be far from them.
                return IsNumeric(found)
                    ? new RulePlan.Rows
                    {
                        Columns = [found.Name],
                        From = $"(SELECT t.*, orc$z.m AS \"orc$m\", orc$z.sd AS \"orc$sd\" FROM t, (SELECT avg({name}) FILTER (WHERE isfinite({name}::DOUBLE)) AS m, stddev_samp({name}) FILTER (WHERE isfinite({name}::DOUBLE)) AS sd FROM t) AS orc$z)",
                        Disobeys = $"abs({name} - \"orc$m\") >= {Sql.Number(deviations)} * \"orc$sd\" AND \"orc$sd\" > 0",
                        Judged = $"count({name})",
                    }
                    : Mismatch(found, "numbers");
            });
        }
    }

    private delegate void AddRule(string text, string gx, JsonObject kwargs, Func<ColumnInfo, RulePlan> plan);

    private ColumnInfo? Find(string name) => columns.FirstOrDefault(column => column.Name == name);

    private RulePlan.Decided Missing(string column) =>
        new(false, $"there is no column \"{column}\"{(NearNames.Question(column, columns.Select(c => c.Name)) is { } near ? $"; {near}" : "")}");

    private static RulePlan.Decided Mismatch(ColumnInfo column, string wanted) => new(false, $"the column is of type {TypeNames.Of(column.Type)} and the rule is about {wanted}");

    private static RulePlan.Decided IsOfType(ColumnInfo column, IReadOnlyList<string> types) => new(
        types.Select(TypeNames.Find).Any(type => type == column.Type || (type == ColumnType.Number && column.Type == ColumnType.Integer)),
        $"the column is of type {TypeNames.Of(column.Type)}",
        TypeNames.Of(column.Type));

    private static RulePlan.Rows Missing(ColumnInfo column, bool wanted) => new()
    {
        Columns = [column.Name],
        Disobeys = $"{Sql.Name(column.Name)} IS {(wanted ? "NOT " : "")}NULL",
        Judged = "count(*)",
    };

    private static RulePlan.Rows Rows(ColumnInfo column, string disobeys) => new() { Columns = [column.Name], Disobeys = disobeys, Judged = $"count({Sql.Name(column.Name)})" };

    private static RulePlan OutsideSet(ColumnInfo column, IReadOnlyList<Scalar> set, bool tolerant)
    {
        if (SetOf(column, set) is { } list)
        {
            var rows = Rows(column, $"{Sql.Name(column.Name)} NOT IN ({list})");
            return tolerant ? rows : rows with { Tolerant = false };
        }

        return Mismatch(column, $"values like {set[0]}");
    }

    private static RulePlan InsideSet(ColumnInfo column, IReadOnlyList<Scalar> set) => SetOf(column, set) is { } list
        ? Rows(column, $"{Sql.Name(column.Name)} IN ({list})")
        : new RulePlan.Decided(true, $"the column is of type {TypeNames.Of(column.Type)} and can hold none of the values");

    // Values that the column can never hold cannot be met in it, so leaving them out changes no answer.
    private static string? SetOf(ColumnInfo column, IReadOnlyList<Scalar> set) =>
        set.Select(value => Literals.Find(column.Type, value)).OfType<string>().ToArray() is { Length: > 0 } known ? string.Join(", ", known) : null;

    private static RulePlan.Rows Ordered(ColumnInfo column, string wrong)
    {
        var name = Sql.Name(column.Name);
        return new RulePlan.Rows
        {
            Columns = [column.Name],
            From = $"(SELECT *, lag({name} IGNORE NULLS) OVER (ORDER BY file_row_number) AS \"orc$before\" FROM t)",
            Disobeys = $"{name} {wrong} \"orc$before\"",
            Judged = $"count({name})",
        };
    }

    /// <summary>Rows whose values in these columns appear in another row too. Counting groups is cheaper than the window that finds the rows.</summary>
    private static RulePlan.Rows Repeated(IReadOnlyList<string> names, string judged)
    {
        var list = string.Join(", ", names.Select(Sql.Name));
        var any = $"coalesce({string.Join(", ", names.Select(name => $"CAST({Sql.Name(name)} AS VARCHAR)"))}) IS NOT NULL";
        return new RulePlan.Rows
        {
            Columns = names,
            From = $"(SELECT *, count(*) OVER (PARTITION BY {list}) AS \"orc$same\" FROM t WHERE {any})",
            Disobeys = "\"orc$same\" > 1",
            Count = $"(SELECT CAST(coalesce(sum(\"orc$n\"), 0) AS BIGINT) FROM (SELECT count(*) AS \"orc$n\" FROM t WHERE {any} GROUP BY {list}) WHERE \"orc$n\" > 1)",
            Judged = judged,
        };
    }

    private static RulePlan.Decided? RangeProblem(ColumnInfo column, Bounds range) => column.Type == ColumnType.Boolean
        || (range.Min is { } min && Literals.Find(column.Type, min) is null)
        || (range.Max is { } max && Literals.Find(column.Type, max) is null)
        || (column.Type == ColumnType.Text && (range.Min?.Text is null && range.Max?.Text is null))
            ? Mismatch(column, range.Min?.Text is null && range.Max?.Text is null ? "numbers" : $"values like {range.Min ?? range.Max}")
            : null;

    private static string Outside(string value, ColumnType type, Bounds range)
    {
        var parts = new List<string>();
        if (range.Min is { } min)
        {
            parts.Add($"{value} {(range.ExclusiveMin == true ? "<=" : "<")} {Literals.Find(type, min)}");
        }

        if (range.Max is { } max)
        {
            parts.Add($"{value} {(range.ExclusiveMax == true ? ">=" : ">")} {Literals.Find(type, max)}");
        }

        return string.Join(" OR ", parts);
    }

    private static bool IsNumeric(ColumnInfo column) => column.Type is ColumnType.Number or ColumnType.Integer;

    private static string AsText(ColumnInfo column) => column.Type == ColumnType.Text ? Sql.Name(column.Name) : $"CAST({Sql.Name(column.Name)} AS VARCHAR)";

    private static string Set(IEnumerable<Scalar> values) => $"{{{string.Join(",", values)}}}";

    private static JsonNode? Json<T>(T value) => JsonNode.Parse(OrcJson.ToElement(value).GetRawText());

    private static JsonObject Arguments(Bounds range)
    {
        var arguments = new JsonObject { ["min_value"] = Json(range.Min), ["max_value"] = Json(range.Max) };
        if (range.ExclusiveMin == true)
        {
            arguments["strict_min"] = true;
        }

        if (range.ExclusiveMax == true)
        {
            arguments["strict_max"] = true;
        }

        return arguments;
    }
}
