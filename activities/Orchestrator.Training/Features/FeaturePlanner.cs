using Orchestrator.Assets.Datasets;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Features;

/// <summary>Looks at the training rows and decides how each column is encoded.</summary>
/// <remarks>
/// Numbers and booleans go in as they are; a missing one stays missing for a trainer that understands that, otherwise it becomes the median and a slot
/// says so. Texts get one slot per level, up to <see cref="MostLevels"/>; beyond that the most frequent levels keep theirs, the rest share the slot
/// "is another", and one slot has the level's share of the training rows. The label is never looked at, so nothing can leak from it.
/// </remarks>
internal static class FeaturePlanner
{
    /// <summary>Levels of a text that get slots of their own.</summary>
    public const int MostLevels = 64;

    /// <param name="columns">The feature columns.</param>
    /// <param name="rows">Which rows to learn from.</param>
    /// <param name="trainer">What they are encoded for.</param>
    /// <returns>The plan, and for each column that is left out a sentence that says why.</returns>
    public static (FeaturePlan Plan, IReadOnlyList<string> Notes) Make(IReadOnlyList<TableColumn> columns, int[] rows, TrainerKind trainer)
    {
        var plans = new List<ColumnPlan>();
        var notes = new List<string>();
        foreach (var column in columns)
        {
            var (plan, why) = column switch
            {
                TextColumn texts => PlanText(texts, rows),
                NumberColumn numbers => PlanNumber(numbers, rows, trainer),
                _ => throw new ArgumentOutOfRangeException(nameof(columns), column.GetType().Name, "not a kind of column"),
            };
            if (plan is not null)
            {
                plans.Add(trainer.Scales ? Scaled(plan, column, rows) : plan);
            }
            else
            {
                notes.Add($"\"{column.Name}\" is left out: {why}");
            }
        }

        return (new FeaturePlan { Columns = plans }, notes);
    }

    private static (ColumnPlan? Plan, string? Why) PlanNumber(NumberColumn column, int[] rows, TrainerKind trainer)
    {
        var present = rows.Select(row => column.Values[row]).Where(value => !double.IsNaN(value)).ToArray();
        if (present.Length == 0)
        {
            return (null, "it is empty in every row");
        }

        Array.Sort(present);
        var hasMissing = present.Length < rows.Length;
        if (!hasMissing && present[0] == present[^1])
        {
            return (null, "it is the same in every row");
        }

        var keepsMissing = hasMissing && trainer.TakesMissing;
        return (new ColumnPlan
        {
            Name = column.Name,
            Type = column.Type,
            // Also where nothing was missing in training: something may be when it predicts, and then the middle is the fair guess.
            Fill = keepsMissing ? null : present[present.Length / 2],
            HasMissing = hasMissing && !trainer.TakesMissing,
            HasCalendar = column.Type is ColumnType.Date or ColumnType.Timestamp,
        }, null);
    }

    private static (ColumnPlan? Plan, string? Why) PlanText(TextColumn column, int[] rows)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var present = 0;
        foreach (var row in rows)
        {
            if (column.Values[row] is { } text)
            {
                counts[text] = counts.GetValueOrDefault(text) + 1;
                present++;
            }
        }

        var hasMissing = present < rows.Length;
        if (counts.Count == 0)
        {
            return (null, "it is empty in every row");
        }

        if (counts.Count == 1 && !hasMissing)
        {
            return (null, "it is the same in every row");
        }

        if (counts.Count == present && present > MostLevels)
        {
            return (null, "it differs in every row, as an identifier does");
        }

        var levels = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key).Take(MostLevels).ToList();
        if (counts.Count == 2 && !hasMissing)
        {
            // Two levels need one slot. The one later in order gets it: yes, true, on.
            levels = [levels.Max(StringComparer.Ordinal) ?? levels[0]];
        }

        var hasOther = counts.Count > MostLevels;
        return (new ColumnPlan
        {
            Name = column.Name,
            Type = ColumnType.Text,
            Levels = levels,
            HasOther = hasOther,
            Shares = hasOther ? new SortedDictionary<string, double>(counts.ToDictionary(pair => pair.Key, pair => (double)pair.Value / rows.Length), StringComparer.Ordinal) : null,
            HasMissing = hasMissing,
        }, null);
    }

    /// <summary>The plan with the mean and deviation of each of its slots over the rows.</summary>
    private static ColumnPlan Scaled(ColumnPlan plan, TableColumn column, int[] rows)
    {
        var encoder = ColumnEncoder.Of(plan);
        var slots = new float[encoder.SlotCount];
        var means = new double[slots.Length];
        var squares = new double[slots.Length];
        for (var n = 0; n < rows.Length; n++)
        {
            encoder.Write(column, rows[n], slots);
            for (var s = 0; s < slots.Length; s++)
            {
                // Welford's update: exact also for values whose squares would drown the variance.
                var delta = slots[s] - means[s];
                means[s] += delta / (n + 1);
                squares[s] += delta * (slots[s] - means[s]);
            }
        }

        return plan with { Means = means, Scales = [.. squares.Select(sum => Math.Sqrt(sum / rows.Length)).Select(deviation => deviation > 1e-12 ? deviation : 1)] };
    }
}
