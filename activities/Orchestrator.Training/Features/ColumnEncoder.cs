using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Features;

/// <summary>Writes the slots of one column, whatever table it stands in. Safe to use from several threads.</summary>
internal abstract class ColumnEncoder
{
    private const double SecondsPerDay = 86_400;

    private readonly double[] means;
    private readonly double[] scales;

    private ColumnEncoder(ColumnPlan plan)
    {
        Plan = plan;
        SlotCount = plan.ListSlots().Count;
        means = [.. plan.Means];
        scales = [.. plan.Scales];
    }

    public ColumnPlan Plan { get; }

    public int SlotCount { get; }

    public static ColumnEncoder Of(ColumnPlan plan) => plan.Type == ColumnType.Text ? new TextEncoder(plan) : new NumberEncoder(plan);

    /// <summary>The column as this encoder reads it.</summary>
    /// <exception cref="Core.Activities.ActivityException">It is of another type than the model learned (ORC5421).</exception>
    public TableColumn Accept(TableColumn column) => (this, column) switch
    {
        (TextEncoder, TextColumn) or (NumberEncoder, NumberColumn) => column,
        // A column that is empty in all rows is read as some type, whatever it was when the model learned.
        (NumberEncoder, TextColumn texts) when Array.TrueForAll(texts.Values, text => text is null) =>
            new NumberColumn { Name = column.Name, Type = Plan.Type, Values = [.. Enumerable.Repeat(double.NaN, texts.Values.Length)] },
        (TextEncoder, NumberColumn numbers) when Array.TrueForAll(numbers.Values, double.IsNaN) =>
            new TextColumn { Name = column.Name, Type = ColumnType.Text, Values = new string?[numbers.Values.Length] },
        _ => throw TrainingErrors.FeatureOfOtherType(Plan.Name, Plan.Type, column.Type),
    };

    /// <summary>Writes the slots of a row.</summary>
    /// <param name="column">What <see cref="Accept"/> answered.</param>
    /// <param name="row">The row in the table.</param>
    /// <param name="slots">Room for <see cref="SlotCount"/> numbers.</param>
    public void Write(TableColumn column, int row, Span<float> slots)
    {
        WriteRaw(column, row, slots);
        for (var s = 0; s < means.Length; s++)
        {
            slots[s] = (float)((slots[s] - means[s]) / scales[s]);
        }
    }

    protected abstract void WriteRaw(TableColumn column, int row, Span<float> slots);

    private sealed class NumberEncoder(ColumnPlan plan) : ColumnEncoder(plan)
    {
        private readonly double fill = plan.Fill ?? double.NaN;
        private readonly bool hasCalendar = plan.HasCalendar;
        private readonly bool hasMissing = plan.HasMissing;

        protected override void WriteRaw(TableColumn column, int row, Span<float> slots)
        {
            var value = ((NumberColumn)column).Values[row];
            if (hasMissing)
            {
                slots[SlotCount - 1] = double.IsNaN(value) ? 1 : 0;
            }

            value = double.IsNaN(value) ? fill : value;
            if (!hasCalendar)
            {
                slots[0] = (float)value;
                return;
            }

            // Days, not seconds: a float has 24 bits, enough for days with a fraction, not for seconds.
            slots[0] = (float)(value / SecondsPerDay);
            var days = Math.Floor(value / SecondsPerDay);
            // 1970-01-01 was a Thursday; 0 is Monday.
            slots[1] = (float)(days + 3 - 7 * Math.Floor((days + 3) / 7));
            slots[2] = (float)Math.Floor((value - days * SecondsPerDay) / 3600);
        }
    }

    private sealed class TextEncoder : ColumnEncoder
    {
        private readonly Dictionary<string, int> slotByLevel;
        private readonly Dictionary<string, double>? shares;
        private readonly bool hasMissing;
        private readonly int otherSlot;

        public TextEncoder(ColumnPlan plan) : base(plan)
        {
            slotByLevel = plan.Levels.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
            otherSlot = plan.HasOther ? plan.Levels.Count : -1;
            shares = plan.Shares is null ? null : new Dictionary<string, double>(plan.Shares, StringComparer.Ordinal);
            hasMissing = plan.HasMissing;
        }

        protected override void WriteRaw(TableColumn column, int row, Span<float> slots)
        {
            slots[..SlotCount].Clear();
            if (((TextColumn)column).Values[row] is not { } text)
            {
                if (hasMissing)
                {
                    slots[SlotCount - 1] = 1;
                }

                return;
            }

            if (slotByLevel.TryGetValue(text, out var slot))
            {
                slots[slot] = 1;
            }
            else if (otherSlot >= 0)
            {
                slots[otherSlot] = 1;
            }

            if (shares is not null && shares.TryGetValue(text, out var share))
            {
                slots[otherSlot + 1] = (float)share;
            }
        }
    }
}
