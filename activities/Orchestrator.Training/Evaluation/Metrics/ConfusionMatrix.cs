namespace Orchestrator.Training.Evaluation.Metrics;

/// <summary>How many rows of each class were taken for which class. All ratios with nothing to divide by are 0, as in scikit-learn.</summary>
public sealed class ConfusionMatrix
{
    private readonly double[] cells;

    private ConfusionMatrix(int classCount, double[] cells)
    {
        ClassCount = classCount;
        this.cells = cells;
    }

    /// <summary>K ≥ 2.</summary>
    public int ClassCount { get; }

    /// <summary>The weight (number) of rows of class <paramref name="actual"/> that were predicted as <paramref name="predicted"/>.</summary>
    public double this[int actual, int predicted] => cells[(actual * ClassCount) + predicted];

    /// <summary>All rows.</summary>
    public double Total => cells.Sum();

    /// <summary>The share of rows whose prediction is right, 0..1; <see cref="double.NaN"/> for no rows.</summary>
    public double Accuracy => Total > 0 ? Enumerable.Range(0, ClassCount).Sum(k => this[k, k]) / Total : double.NaN;

    /// <summary>Counts predictions.</summary>
    /// <param name="actual">n class indices, 0..K−1.</param>
    /// <param name="predicted">n class indices, 0..K−1.</param>
    /// <param name="classCount">K ≥ 2.</param>
    /// <param name="weights">n weights ≥ 0; empty: every row counts once.</param>
    /// <exception cref="ArgumentException">The lengths differ, or an index is outside.</exception>
    public static ConfusionMatrix Of(ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, int classCount, ReadOnlySpan<double> weights = default)
    {
        if (actual.Length != predicted.Length)
        {
            throw new ArgumentException($"There are {actual.Length} labels and {predicted.Length} predictions; each row needs both.", nameof(predicted));
        }

        var cells = new double[classCount * classCount];
        Fill(cells, actual, predicted, classCount, weights);
        return new ConfusionMatrix(classCount, cells);
    }

    /// <summary>Rows of a class.</summary>
    public double Actual(int k) => Enumerable.Range(0, ClassCount).Sum(other => this[k, other]);

    /// <summary>Rows predicted as a class.</summary>
    public double Predicted(int k) => Enumerable.Range(0, ClassCount).Sum(other => this[other, k]);

    /// <summary>Of the rows predicted as a class, the share that is of it.</summary>
    public double Precision(int k) => Ratio(this[k, k], Predicted(k));

    /// <summary>Of the rows of a class, the share predicted as it.</summary>
    public double Recall(int k) => Ratio(this[k, k], Actual(k));

    /// <summary>The harmonic mean of precision and recall of a class: 2·TP / (2·TP + FP + FN).</summary>
    public double F1(int k) => Ratio(2 * this[k, k], Actual(k) + Predicted(k));

    /// <summary>The mean of a ratio over the classes that occur, as label or as prediction.</summary>
    /// <param name="ratio"><see cref="Precision"/>, <see cref="Recall"/> or <see cref="F1"/>.</param>
    public double Macro(Func<int, double> ratio) =>
        Enumerable.Range(0, ClassCount).Where(k => Actual(k) + Predicted(k) > 0).Select(ratio).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The mean of a ratio over the classes, each with the weight of its rows.</summary>
    /// <param name="ratio"><see cref="Precision"/>, <see cref="Recall"/> or <see cref="F1"/>.</param>
    public double Weighted(Func<int, double> ratio) =>
        Total > 0 ? Enumerable.Range(0, ClassCount).Sum(k => Actual(k) * ratio(k)) / Total : double.NaN;

    internal static void Fill(Span<double> cells, ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, int classCount, ReadOnlySpan<double> weights)
    {
        cells.Clear();
        for (var row = 0; row < actual.Length; row++)
        {
            cells[(actual[row] * classCount) + predicted[row]] += weights.IsEmpty ? 1 : weights[row];
        }
    }

    internal static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}

/// <summary>Which ratio of a confusion matrix.</summary>
internal enum ConfusionRatio
{
    Unknown = 0,
    Precision,
    Recall,
    F1,
}

/// <summary>Precision, recall or F1: of one class, or the macro mean over the classes that occur.</summary>
/// <param name="actual">n class indices.</param>
/// <param name="predicted">n class indices.</param>
/// <param name="classCount">K ≥ 2.</param>
/// <param name="ratio">Which one.</param>
/// <param name="ofClass">The class; null: the macro mean.</param>
internal sealed class PreparedConfusionRatio(int[] actual, int[] predicted, int classCount, ConfusionRatio ratio, int? ofClass) : PreparedMetric
{
    // More classes than this do not fit on the stack comfortably.
    private const int LargestOnStack = 32;

    public override double Evaluate(ReadOnlySpan<double> weights = default)
    {
        Span<double> cells = classCount <= LargestOnStack ? stackalloc double[classCount * classCount] : new double[classCount * classCount];
        ConfusionMatrix.Fill(cells, actual, predicted, classCount, weights);
        if (ofClass is { } only)
        {
            return RatioOf(cells, only, out _);
        }

        double sum = 0;
        var occurring = 0;
        for (var k = 0; k < classCount; k++)
        {
            var value = RatioOf(cells, k, out var occurs);
            sum += occurs ? value : 0;
            occurring += occurs ? 1 : 0;
        }

        return occurring > 0 ? sum / occurring : double.NaN;
    }

    private double RatioOf(ReadOnlySpan<double> cells, int k, out bool occurs)
    {
        double actualRows = 0, predictedRows = 0;
        for (var other = 0; other < classCount; other++)
        {
            actualRows += cells[(k * classCount) + other];
            predictedRows += cells[(other * classCount) + k];
        }

        occurs = actualRows + predictedRows > 0;
        var right = cells[(k * classCount) + k];
        return ratio switch
        {
            ConfusionRatio.Precision => ConfusionMatrix.Ratio(right, predictedRows),
            ConfusionRatio.Recall => ConfusionMatrix.Ratio(right, actualRows),
            ConfusionRatio.F1 => ConfusionMatrix.Ratio(2 * right, actualRows + predictedRows),
            _ => throw new ArgumentOutOfRangeException(nameof(k), ratio, "not a ratio of a confusion matrix"),
        };
    }
}
