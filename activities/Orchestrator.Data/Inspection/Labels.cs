using System.Text.RegularExpressions;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Profiling;

namespace Orchestrator.Data.Inspection;

/// <summary>Finds the column that a person would most likely want predicted: by its name, then by its values, then by its place at the end.</summary>
internal static partial class Labels
{
    /// <summary>A text of more values than this is no class.</summary>
    private const int MostClasses = 20;

    private static readonly string[] Positives = ["yes", "y", "true", "t", "1", "positive", "pos", "churned", "churn", "fraud", "bad", "default", "spam", "sick", "malignant", "m"];

    public static LabelProposal? Propose(DatasetProfile profile, IReadOnlySet<string> excluded)
    {
        var candidates = profile.Columns
            .Select((column, index) => (Column: column, Score: Score(column, excluded) + (index == profile.Columns.Count - 1 ? 2 : index == 0 ? 1 : 0)))
            .Where(candidate => candidate.Score >= 5)
            .ToArray();
        if (candidates.Length == 0)
        {
            return null;
        }

        // The last of equals: a label that was added to a table stands at its end.
        var best = candidates.Reverse().MaxBy(candidate => candidate.Score).Column;
        var task = best.Type is ColumnType.Number || (best.Type is ColumnType.Integer && best.Distinct > MostClasses) ? LearningTask.Regression : LearningTask.Classification;
        return new LabelProposal(best.Name, task, Reason(best, profile), task == LearningTask.Classification ? Positive(best) : null);
    }

    private static double Score(ColumnProfile column, IReadOnlySet<string> excluded)
    {
        if (excluded.Contains(column.Name) || column.Type is ColumnType.Date or ColumnType.Timestamp || column.Distinct < 2)
        {
            return 0;
        }

        var classes = column.Distinct <= MostClasses && column.Type != ColumnType.Number;
        if (column.Type == ColumnType.Text && !classes)
        {
            return 0;
        }

        var named = Named().IsMatch(column.Name) ? 10 : Hinted().IsMatch(column.Name) ? 6 : 0;
        var shape = column.Distinct == 2 ? 3 : classes ? 1.5 : 0;
        // What one wants to predict is known for the rows one learns from.
        var complete = column.Nulls == 0 ? 1 : column.Nulls > 0.2 * (column.Nulls + column.Count) ? -2 : 0;
        return named + shape + complete;
    }

    private static string Reason(ColumnProfile column, DatasetProfile profile) => column switch
    {
        _ when Named().IsMatch(column.Name) => "its name is one that labels have",
        _ when Hinted().IsMatch(column.Name) => "its name sounds like an outcome",
        _ when column.Name == profile.Columns[^1].Name => column.Distinct == 2 ? "it has two values and is the last column" : "it has few values and is the last column",
        _ => "it has few values",
    };

    private static string? Positive(ColumnProfile column)
    {
        if (column.Distinct != 2)
        {
            return null;
        }

        var values = column.Top.Select(top => top.Value).ToArray();
        // Without a telling name the rarer one: it is what one looks for.
        return values.FirstOrDefault(value => Positives.Contains(value.ToLowerInvariant())) ?? values[^1];
    }

    [GeneratedRegex("^(label|labels|target|class|y|outcome|response|churn|churned|is_churn|exited|default|defaulted|fraud|is_fraud|survived|species|diagnosis|quality|price|saleprice|medv)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex("(label|target|outcome|churn|fraud|default|^is_|^has_|_flag$|class$|price$|_status$|converted|clicked|delay|returned|cancelled|canceled)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Hinted();
}
