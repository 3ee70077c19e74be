using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Features;

/// <summary>Turns rows of one table into the numbers of a plan. Nothing is copied ahead: each row is written when it is asked for. Safe to use from several threads.</summary>
internal sealed class RowEncoder
{
    private readonly ColumnEncoder[] encoders;

    /// <exception cref="Core.Activities.ActivityException">A column is missing or of another type (ORC5420, ORC5421).</exception>
    public RowEncoder(FeaturePlan plan, Table table)
    {
        // A lookup by scanning would be quadratic for wide tables.
        var columns = new Dictionary<string, TableColumn>(StringComparer.Ordinal);
        foreach (var column in table.Columns)
        {
            columns.TryAdd(column.Name, column);
        }

        encoders = [.. plan.Columns.Select(column => ColumnEncoder.Of(
            column,
            columns.GetValueOrDefault(column.Name) ?? throw TrainingErrors.FeatureMissing(column.Name, columns.Keys)))];
        SlotCount = encoders.Sum(encoder => encoder.SlotCount);
    }

    public int SlotCount { get; }

    /// <param name="row">The row in the table.</param>
    /// <param name="slots">Room for <see cref="SlotCount"/> numbers.</param>
    public void Write(int row, Span<float> slots)
    {
        foreach (var encoder in encoders)
        {
            encoder.Write(row, slots);
            slots = slots[encoder.SlotCount..];
        }
    }
}
