using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Features;

/// <summary>A plan made ready to encode: what does not depend on a table is worked out once. Safe to use from several threads.</summary>
internal sealed class FeatureEncoder
{
    private readonly ColumnEncoder[] encoders;

    public FeatureEncoder(FeaturePlan plan)
    {
        Plan = plan;
        encoders = [.. plan.Columns.Select(ColumnEncoder.Of)];
        SlotNames = plan.ListSlots();
    }

    public FeaturePlan Plan { get; }

    public IReadOnlyList<string> SlotNames { get; }

    /// <summary>The encoder over one table.</summary>
    /// <exception cref="Core.Activities.ActivityException">Columns are missing, all named at once (ORC5420), or one is of another type (ORC5421).</exception>
    public RowEncoder Bind(Table table)
    {
        Dictionary<string, TableColumn>? byName = null;
        List<string>? missing = null;
        var columns = new TableColumn[encoders.Length];
        for (var i = 0; i < encoders.Length; i++)
        {
            // Rows usually have the columns in the order in which they were learned; only others need a lookup.
            var name = encoders[i].Plan.Name;
            var column = i < table.Columns.Count && table.Columns[i].Name == name ? table.Columns[i] : Lookup(name);
            if (column is null)
            {
                (missing ??= []).Add(name);
            }
            else
            {
                columns[i] = encoders[i].Accept(column);
            }
        }

        return missing is null ? new RowEncoder(encoders, columns, SlotNames.Count) : throw TrainingErrors.FeaturesMissing(missing, table.Columns.Select(column => column.Name));

        TableColumn? Lookup(string name) =>
            (byName ??= table.Columns.DistinctBy(column => column.Name).ToDictionary(column => column.Name, StringComparer.Ordinal)).GetValueOrDefault(name);
    }
}

/// <summary>Turns rows of one table into the numbers of a plan. Nothing is copied ahead: each row is written when it is asked for. Safe to use from several threads.</summary>
internal sealed class RowEncoder(ColumnEncoder[] encoders, TableColumn[] columns, int slotCount)
{
    public int SlotCount => slotCount;

    /// <param name="row">The row in the table.</param>
    /// <param name="slots">Room for <see cref="SlotCount"/> numbers.</param>
    public void Write(int row, Span<float> slots)
    {
        for (var i = 0; i < encoders.Length; i++)
        {
            encoders[i].Write(columns[i], row, slots);
            slots = slots[encoders[i].SlotCount..];
        }
    }
}
