using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Validation;

/// <summary>Rules about the table and about several columns of a row.</summary>
internal sealed partial class RuleCompiler
{
    private void CompileTable(Expectation line, List<Rule> rules)
    {
        void Add(string text, string gx, JsonObject kwargs, RulePlan plan) => rules.Add(new Rule { Text = text, GxType = gx, Kwargs = kwargs, Line = line, Plan = plan });

        if (line.RowCount is { } rows)
        {
            Add($"row count {rows}", "expect_table_row_count_to_be_between", Arguments(rows), Number("count(*)", rows));
        }

        if (line.RowCountAsOther == true)
        {
            Add("row count as in the other dataset", "expect_table_row_count_to_equal_other_table", [], otherRows is { } expected
                ? new RulePlan.Aggregate(["count(*)"], answers => new RulePlan.Decided(Whole(answers[0]) == expected, $"it is {answers[0]}, and {expected} in the other", JsonValue.Create(Whole(answers[0]))))
                : new RulePlan.Decided(false, "the task has no other dataset; set its input \"other\""));
        }

        if (line.ColumnCount is { } width)
        {
            Add($"column count {width}", "expect_table_column_count_to_be_between", Arguments(width), Seen(width.Contains(columns.Count), JsonValue.Create(columns.Count)));
        }

        if (line.Columns is { } set)
        {
            Add($"columns {(line.OthersAllowed == true ? "include" : "are")} {string.Join(", ", set)}", "expect_table_columns_to_match_set", new() { ["column_set"] = Json(set), ["exact_match"] = line.OthersAllowed != true }, SameColumns(set, line.OthersAllowed == true));
        }

        if (line.ColumnsInOrder is { } ordered)
        {
            Add($"columns in order {string.Join(", ", ordered)}", "expect_table_columns_to_match_ordered_list", new() { ["column_list"] = Json(ordered) }, InOrder(ordered));
        }

        if (line.UniqueTogether is { } key)
        {
            Add($"({string.Join(", ", key)}) is unique", "expect_compound_columns_to_be_unique", new() { ["column_list"] = Json(key) }, WithAll(key, _ =>
                Repeated(key, $"count(*) FILTER (WHERE coalesce({string.Join(", ", key.Select(name => $"CAST({Sql.Name(name)} AS VARCHAR)"))}) IS NOT NULL)")));
        }

        if (line.UniqueWithinRow is { } within)
        {
            Add($"{string.Join(", ", within)} differ within each row", "expect_select_column_values_to_be_unique_within_record", new() { ["column_list"] = Json(within) }, WithAll(within, DifferWithinRow));
        }

        CompilePairs(line, Add);
    }

    private void CompilePairs(Expectation line, Action<string, string, JsonObject, RulePlan> add)
    {
        if (line.Greater is { } greater)
        {
            var sign = greater.OrEqual == true ? ">=" : ">";
            add($"{greater.A} {sign} {greater.B}", "expect_column_pair_values_a_to_be_greater_than_b", Pair(greater.A, greater.B, ("or_equal", greater.OrEqual == true)), ComparePair(greater.A, greater.B, sign));
        }

        if (line.Equal is { } equal)
        {
            add($"{equal.A} = {equal.B}", "expect_column_pair_values_to_be_equal", Pair(equal.A, equal.B), ComparePair(equal.A, equal.B, "="));
        }

        if (line.PairInSet is { } pairs)
        {
            add(
                $"({pairs.A}, {pairs.B}) in {{{string.Join(",", pairs.Values.Select(pair => $"({pair[0]},{pair[1]})"))}}}",
                "expect_column_pair_values_to_be_in_set",
                Pair(pairs.A, pairs.B, ("value_pairs_set", Json(pairs.Values))),
                WithAll([pairs.A, pairs.B], found => InPairs(found[0], found[1], pairs)));
        }

        if (line.SumEquals is { } sum)
        {
            add(
                string.Create(CultureInfo.InvariantCulture, $"{string.Join(" + ", sum.Columns)} = {sum.Total}"),
                "expect_multicolumn_sum_to_equal",
                new() { ["column_list"] = Json(sum.Columns), ["sum_total"] = sum.Total },
                WithAll(sum.Columns, found => AddsUp(found, sum)));
        }
    }

    private RulePlan WithAll(IReadOnlyList<string> names, Func<IReadOnlyList<ColumnInfo>, RulePlan> plan)
    {
        var found = names.Select(Find).OfType<ColumnInfo>().ToArray();
        return found.Length == names.Count ? plan(found) : Missing(names.First(name => Find(name) is null));
    }

    private RulePlan.Decided SameColumns(IReadOnlyList<string> wanted, bool othersAllowed)
    {
        var names = columns.Select(column => column.Name).ToArray();
        var absent = wanted.Except(names).ToArray();
        var extra = othersAllowed ? [] : names.Except(wanted).ToArray();
        var notes = new[] { absent.Length > 0 ? $"missing: {string.Join(", ", absent)}" : null, extra.Length > 0 ? $"not expected: {string.Join(", ", extra)}" : null }.OfType<string>().ToArray();
        return new RulePlan.Decided(notes.Length == 0, notes.Length == 0 ? null : string.Join("; ", notes), Json(names));
    }

    private RulePlan.Decided InOrder(IReadOnlyList<string> wanted)
    {
        var names = columns.Select(column => column.Name).ToArray();
        var place = Enumerable.Range(0, Math.Max(names.Length, wanted.Count)).FirstOrDefault(i => names.ElementAtOrDefault(i) != wanted.ElementAtOrDefault(i), -1);
        return place < 0
            ? new RulePlan.Decided(true, null, Json(names))
            : new RulePlan.Decided(false, $"column {place + 1} is {Quoted(names.ElementAtOrDefault(place))} and should be {Quoted(wanted.ElementAtOrDefault(place))}", Json(names));

        static string Quoted(string? name) => name is null ? "none" : $"\"{name}\"";
    }

    private RulePlan ComparePair(string a, string b, string sign) => WithAll([a, b], found => Comparable(found[0], found[1])
        ? new RulePlan.Rows { Columns = [a, b], Disobeys = $"NOT ({Sql.Name(a)} {sign} {Sql.Name(b)})", Judged = Both(a, b) }
        : new RulePlan.Decided(false, $"{a} is of type {TypeNames.Of(found[0].Type)} and {b} of type {TypeNames.Of(found[1].Type)}, which cannot be compared"));

    private static RulePlan.Rows InPairs(ColumnInfo a, ColumnInfo b, PairSet pairs)
    {
        var allowed = pairs.Values
            .Select(pair => (A: Literals.Find(a.Type, pair[0]), B: Literals.Find(b.Type, pair[1])))
            .Where(pair => pair is { A: not null, B: not null })
            .Select(pair => $"({Sql.Name(a.Name)} = {pair.A} AND {Sql.Name(b.Name)} = {pair.B})")
            .DefaultIfEmpty("false");
        return new RulePlan.Rows
        {
            Columns = [a.Name, b.Name],
            Disobeys = $"{Sql.Name(a.Name)} IS NOT NULL AND {Sql.Name(b.Name)} IS NOT NULL AND NOT ({string.Join(" OR ", allowed)})",
            Judged = Both(a.Name, b.Name),
        };
    }

    private static RulePlan AddsUp(IReadOnlyList<ColumnInfo> found, ColumnSum sum)
    {
        if (found.FirstOrDefault(column => !IsNumeric(column)) is { } wrong)
        {
            return new RulePlan.Decided(false, $"{wrong.Name} is of type {TypeNames.Of(wrong.Type)}, not a number");
        }

        var tolerance = sum.Tolerance ?? 1e-9 * Math.Max(1, Math.Abs(sum.Total));
        var total = string.Join(" + ", found.Select(column => $"CAST({Sql.Name(column.Name)} AS DOUBLE)"));
        return new RulePlan.Rows
        {
            Columns = [.. found.Select(column => column.Name)],
            Disobeys = $"abs({total} - {Sql.Number(sum.Total)}) > {Sql.Number(tolerance)}",
            Judged = $"count({total})",
        };
    }

    private static RulePlan.Rows DifferWithinRow(IReadOnlyList<ColumnInfo> found)
    {
        // Columns of different types are compared as texts: a 1 and a "1" are the same to the person who asks.
        var same = found.SelectMany((a, i) => found.Skip(i + 1).Select(b => Comparable(a, b) ? $"{Sql.Name(a.Name)} = {Sql.Name(b.Name)}" : $"{AsText(a)} = {AsText(b)}"));
        return new RulePlan.Rows
        {
            Columns = [.. found.Select(column => column.Name)],
            Disobeys = string.Join(" OR ", same),
            Judged = $"count(*) FILTER (WHERE coalesce({string.Join(", ", found.Select(AsText))}) IS NOT NULL)",
        };
    }

    private static bool Comparable(ColumnInfo a, ColumnInfo b) =>
        a.Type == b.Type || (IsNumeric(a) && IsNumeric(b)) || (a.Type is ColumnType.Date or ColumnType.Timestamp && b.Type is ColumnType.Date or ColumnType.Timestamp);

    private static string Both(string a, string b) => $"count(*) FILTER (WHERE {Sql.Name(a)} IS NOT NULL AND {Sql.Name(b)} IS NOT NULL)";

    private static JsonObject Pair(string a, string b, params (string Name, JsonNode? Value)[] more)
    {
        var arguments = new JsonObject { ["column_A"] = a, ["column_B"] = b };
        foreach (var (name, value) in more)
        {
            arguments[name] = value;
        }

        return arguments;
    }
}
