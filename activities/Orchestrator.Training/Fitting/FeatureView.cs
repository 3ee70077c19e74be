using Microsoft.ML;
using Microsoft.ML.Data;
using Orchestrator.Training.Features;
using Orchestrator.Training.Models;

namespace Orchestrator.Training.Fitting;

/// <summary>What kind of label a trainer reads.</summary>
internal enum LabelForm
{
    Unknown = 0,

    /// <summary>True for class 1.</summary>
    Boolean,

    /// <summary>ML.NET's key: 1 for class 0, and so on.</summary>
    Key,

    Number,
}

/// <summary>Rows of a table as ML.NET reads them: a vector of features, a label and a weight, each row encoded when the cursor comes to it.</summary>
internal sealed class FeatureView : IDataView
{
    public const string FeaturesColumn = "Features";
    public const string LabelColumn = "Label";
    public const string WeightColumn = "Weight";

    private readonly RowEncoder encoder;
    private readonly int[] rows;
    private readonly double[] labels;
    private readonly float[] weights;
    private readonly LabelForm form;

    /// <param name="encoder">Over the whole table.</param>
    /// <param name="slotNames">One for each slot of the encoder.</param>
    /// <param name="rows">The rows to show, in order.</param>
    /// <param name="labels">One per row of the table.</param>
    /// <param name="weights">One per row of the table.</param>
    /// <param name="form">What the trainer wants.</param>
    /// <param name="classCount">Classes of the label; 0 for numbers.</param>
    public FeatureView(RowEncoder encoder, IReadOnlyList<string> slotNames, int[] rows, double[] labels, float[] weights, LabelForm form, int classCount)
    {
        (this.encoder, this.rows, this.labels, this.weights, this.form, SlotNames) = (encoder, rows, labels, weights, form, slotNames);
        var builder = new DataViewSchema.Builder();
        AddFeatures(builder, slotNames);
        builder.AddColumn(LabelColumn, form switch
        {
            LabelForm.Boolean => BooleanDataViewType.Instance,
            LabelForm.Key => new KeyDataViewType(typeof(uint), classCount),
            LabelForm.Number => NumberDataViewType.Single,
            _ => throw new ArgumentOutOfRangeException(nameof(form), form, "not a form of label"),
        });
        builder.AddColumn(WeightColumn, NumberDataViewType.Single);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public IReadOnlyList<string> SlotNames { get; }

    public DataViewSchema Schema { get; }

    /// <summary>The schema of features alone: what a saved model takes.</summary>
    public static DataViewSchema FeaturesOnly(IReadOnlyList<string> slotNames)
    {
        var builder = new DataViewSchema.Builder();
        AddFeatures(builder, slotNames);
        return builder.ToSchema();
    }

    /// <summary>Fits a line to the rows and their labels.</summary>
    public LinearModel FitRidge(double l2) => RidgeRegression.Fit(encoder, rows, labels, l2);

    public long? GetRowCount() => rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded.Select(column => column.Index).ToHashSet());

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static void AddFeatures(DataViewSchema.Builder builder, IReadOnlyList<string> slotNames)
    {
        var names = slotNames.Select(name => name.AsMemory()).ToArray();
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(
            "SlotNames",
            new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => value = new VBuffer<ReadOnlyMemory<char>>(names.Length, names));
        builder.AddColumn(FeaturesColumn, new VectorDataViewType(NumberDataViewType.Single, names.Length), annotations.ToAnnotations());
    }

    private sealed class Cursor(FeatureView view, HashSet<int> active) : DataViewRowCursor
    {
        private long position = -1;

        public override long Position => position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        private int Row => view.rows[(int)position];

        public override bool MoveNext() => position < view.rows.Length && ++position < view.rows.Length;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Name switch
            {
                FeaturesColumn => (ValueGetter<VBuffer<float>>)ReadFeatures,
                WeightColumn => (ValueGetter<float>)((ref float weight) => weight = view.weights[Row]),
                LabelColumn => view.form switch
                {
                    LabelForm.Boolean => (ValueGetter<bool>)((ref bool label) => label = view.labels[Row] == 1),
                    LabelForm.Key => (ValueGetter<uint>)((ref uint label) => label = (uint)view.labels[Row] + 1),
                    _ => (ValueGetter<float>)((ref float label) => label = (float)view.labels[Row]),
                },
                _ => throw new ArgumentException($"There is no column {column.Name}.", nameof(column)),
            };
            return (ValueGetter<TValue>)getter;
        }

        private void ReadFeatures(ref VBuffer<float> features)
        {
            var editor = VBufferEditor.Create(ref features, view.encoder.SlotCount);
            view.encoder.Write(Row, editor.Values);
            features = editor.Commit();
        }
    }
}
