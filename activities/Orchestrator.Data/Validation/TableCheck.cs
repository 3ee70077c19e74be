using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Validation;

/// <summary>Asks all questions of all rules in one query, and, when rows disobeyed, for examples of them in a second one.</summary>
internal sealed class TableCheck(DuckSession duck, string parquet, IReadOnlyList<ColumnInfo> columns)
{
    /// <summary>The most rows that are shown of one rule.</summary>
    public const int MostExamples = 20;

    public async Task<IReadOnlyList<RuleResult>> RunAsync(IReadOnlyList<Rule> rules, int examples, CancellationToken cancellation)
    {
        var query = new Query();
        var slots = rules.Select(rule => Ask(rule, query)).ToArray();
        var answers = await query.RunAsync(duck, Table(rules), cancellation);
        var results = rules.Select((rule, index) => Judge(rule, [.. slots[index].Select(slot => answers[slot])], Convert.ToInt64(answers[0], CultureInfo.InvariantCulture))).ToArray();
        return await WithExamplesAsync(results, Math.Min(examples, MostExamples), cancellation);
    }

    private static int[] Ask(Rule rule, Query query) => rule.Plan switch
    {
        RulePlan.Rows rows => [query.Add(rows.CountSql), query.Add(rows.Judged)],
        RulePlan.Aggregate aggregate => [.. aggregate.Questions.Select(query.Add)],
        _ => [],
    };

    private static RuleResult Judge(Rule rule, IReadOnlyList<object?> answers, long elements)
    {
        if (rule.Plan is RulePlan.Rows rows)
        {
            var disobeyed = Convert.ToInt64(answers[0], CultureInfo.InvariantCulture);
            var judged = Convert.ToInt64(answers[1], CultureInfo.InvariantCulture);
            return new RuleResult { Rule = rule, Passed = Tolerated(rows.Tolerant ? rule.Line : null, disobeyed, judged), Elements = elements, Disobeyed = disobeyed, Judged = judged };
        }

        var verdict = rule.Plan is RulePlan.Aggregate aggregate ? aggregate.Judge(answers) : (RulePlan.Decided)rule.Plan;
        return new RuleResult { Rule = rule, Passed = verdict.Passed, Elements = elements, Observed = verdict.Observed, Note = verdict.Note };
    }

    /// <summary>Every limit that the line names must hold; with none, no row may disobey.</summary>
    private static bool Tolerated(Expectation? line, long disobeyed, long judged)
    {
        if (line is null or { Mostly: null, MaxCount: null, MaxRate: null })
        {
            return disobeyed == 0;
        }

        var rate = judged == 0 ? 0 : (double)disobeyed / judged;
        // The share that obeys is computed from counts, so that 99 of 100 is 0.99 and not a bit less.
        var share = judged == 0 ? 1 : (double)(judged - disobeyed) / judged;
        return (line.Mostly is not { } mostly || share >= mostly)
            && (line.MaxCount is not { } maxCount || disobeyed <= maxCount)
            && (line.MaxRate is not { } maxRate || rate <= maxRate);
    }

    private async Task<IReadOnlyList<RuleResult>> WithExamplesAsync(RuleResult[] results, int examples, CancellationToken cancellation)
    {
        var parts = results
            .Select((result, index) => (result, index))
            .Where(pair => pair.result.Disobeyed > 0 && examples > 0)
            .Select(pair => ExamplesOf(pair.index, (RulePlan.Rows)pair.result.Rule.Plan, examples))
            .ToArray();
        if (parts.Length == 0)
        {
            return results;
        }

        var rows = await duck.QueryAsync(
            $"WITH {Table([.. results.Select(result => result.Rule)])} SELECT * FROM ({string.Join(" UNION ALL ", parts)}) ORDER BY 1, 2",
            row => (Rule: row.GetInt32(0), Failed: new FailedRow(row.GetInt64(1) + 1, Texts(row.GetValue(2)), Texts(row.GetValue(3)))),
            cancellation);
        return [.. results.Select((result, index) => result with { Examples = [.. rows.Where(row => row.Rule == index).Select(row => row.Failed)] })];
    }

    private string ExamplesOf(int index, RulePlan.Rows rule, int examples) =>
        $"(SELECT {index}, file_row_number, [{AsTexts(rule.Columns)}], [{AsTexts(columns.Select(column => column.Name))}] FROM {rule.From} WHERE {rule.Disobeys} ORDER BY file_row_number LIMIT {examples})";

    /// <summary>
    /// The table as rules see it: NaN is null, and the untouched column stands beside it for the rules that look for NaN. Not materialised, so that each part
    /// of the query reads only the columns it names.
    /// </summary>
    private string Table(IReadOnlyList<Rule> rules)
    {
        var numbers = columns.Where(column => column.Type == ColumnType.Number).Select(column => Sql.Name(column.Name)).ToArray();
        var replaced = numbers.Length == 0 ? "" : $" REPLACE ({string.Join(", ", numbers.Select(name => $"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}"))})";
        var raw = rules.Select(rule => rule.Line).Where(line => line.Finite == true).Select(line => line.Column).OfType<string>().Distinct()
            .Where(name => columns.Any(column => column.Name == name && column.Type == ColumnType.Number))
            .Select(name => $", {Sql.Name(name)} AS {RuleCompiler.RawName(name)}");
        return $"t AS NOT MATERIALIZED (SELECT *{replaced}{string.Concat(raw)} FROM {Sql.Rows(parquet)})";
    }

    private static string AsTexts(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"CAST({Sql.Name(name)} AS VARCHAR)"));

    private static string?[] Texts(object list) => [.. ((System.Collections.IEnumerable)list).Cast<object?>().Select(value => value as string)];

    /// <summary>The questions, each asked once however many rules ask it.</summary>
    private sealed class Query
    {
        private readonly List<string> questions = ["count(*)"];

        public int Add(string question)
        {
            var known = questions.IndexOf(question);
            if (known >= 0)
            {
                return known;
            }

            questions.Add(question);
            return questions.Count - 1;
        }

        public async Task<object?[]> RunAsync(DuckSession duck, string table, CancellationToken cancellation)
        {
            var list = string.Join(", ", questions.Select((question, index) => $"{question} AS q{index}"));
            var rows = await duck.QueryAsync(
                $"WITH {table} SELECT {list} FROM t",
                row => Enumerable.Range(0, row.FieldCount).Select(i => row.IsDBNull(i) ? null : row.GetValue(i)).ToArray(),
                cancellation);
            return rows[0];
        }
    }
}
