using Orchestrator.Assets.Models;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation;

/// <summary>What a model said about rows, beside what is true: everything that metrics, slices and charts are made from.</summary>
internal abstract record ScoredRows
{
    /// <summary>n.</summary>
    public abstract int Count { get; }

    public abstract ModelTask Task { get; }

    /// <summary>The metric that a person looks at first: AUC, or accuracy when only one class occurs; RMSE for regression.</summary>
    public abstract MetricInfo Headline { get; }

    /// <summary>A metric of these rows, ready to be evaluated under many weights.</summary>
    public abstract PreparedMetric Prepare(MetricInfo metric);

    /// <summary>Some of the rows, in the given order.</summary>
    public abstract ScoredRows Take(int[] rows);

    /// <summary>Every metric of the rows' task that is defined on them. With one class only there is no ranking to measure, so neither area is among them.</summary>
    public IReadOnlyList<MetricValue> Measure() =>
    [
        .. MetricInfo.All.Where(metric => metric.Task == Task)
            .Select(metric => new MetricValue(metric, Prepare(metric).Evaluate()))
            .Where(measured => double.IsFinite(measured.Value) && !(measured.Metric.Name == "prAuc" && this is ClassScores { HasOneClass: true })),
    ];

    private protected static ArgumentException Foreign(MetricInfo metric, ModelTask task) => new($"{metric.Name} is no metric of {task}.", nameof(metric));
}

/// <param name="Metric">Which metric.</param>
/// <param name="Value">Finite.</param>
internal sealed record MetricValue(MetricInfo Metric, double Value);

/// <summary>Classes and their probabilities.</summary>
internal sealed record ClassScores : ScoredRows
{
    /// <summary>K ≥ 2 classes. Of two the second is the positive one.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>n indices into <see cref="Classes"/>.</summary>
    public required int[] Labels { get; init; }

    /// <summary>n rows of K probabilities.</summary>
    public required IReadOnlyList<double[]> Probabilities { get; init; }

    /// <summary>With two classes: the lowest probability that is called positive. Otherwise the most probable class is chosen.</summary>
    public double Threshold { get; init; } = 0.5;

    public override int Count => Labels.Length;

    public override ModelTask Task => ModelTask.Classification;

    public override MetricInfo Headline => MetricInfo.Get(HasOneClass ? "accuracy" : "auc");

    public bool IsBinary => Classes.Count == 2;

    /// <summary>True when fewer than two classes occur, so that rankings have nothing to compare.</summary>
    public bool HasOneClass => Labels.Distinct().Take(2).Count() < 2;

    /// <summary>n labels of two classes: true for the positive one.</summary>
    public bool[] Positives => [.. Labels.Select(label => label == 1)];

    /// <summary>n probabilities of the positive class.</summary>
    public double[] PositiveScores => [.. Probabilities.Select(row => row[1])];

    /// <summary>n predicted classes. Of equally probable ones the first.</summary>
    public int[] Predicted => IsBinary
        ? [.. Probabilities.Select(row => row[1] >= Threshold ? 1 : 0)]
        : [.. Probabilities.Select(row => Array.IndexOf(row, row.Max()))];

    public ConfusionMatrix Confusion() => ConfusionMatrix.Of(Labels, Predicted, Classes.Count);

    public override ScoredRows Take(int[] rows) => this with
    {
        Labels = [.. rows.Select(row => Labels[row])],
        Probabilities = [.. rows.Select(row => Probabilities[row])],
    };

    public override PreparedMetric Prepare(MetricInfo metric) => metric.Name switch
    {
        "auc" => IsBinary ? new PreparedRocAuc(Ranked(1)) : Ranking.PrepareOneVsRest(Labels, Probabilities, Classes.Count),
        "prAuc" => IsBinary
            ? new PreparedAveragePrecision(Ranked(1))
            : new PreparedAverage([.. Enumerable.Range(0, Classes.Count).Select(k => new PreparedAveragePrecision(Ranked(k)))]),
        "logLoss" => Metrics.Probabilities.PrepareLogLoss(Labels, Probabilities),
        "brier" => Metrics.Probabilities.PrepareBrier(Labels, Probabilities),
        "accuracy" => new PreparedMean([.. Labels.Zip(Predicted, (label, predicted) => label == predicted ? 1.0 : 0.0)]),
        "precision" => Confusion(ConfusionRatio.Precision),
        "recall" => Confusion(ConfusionRatio.Recall),
        "f1" => Confusion(ConfusionRatio.F1),
        _ => throw Foreign(metric, Task),
    };

    private PreparedConfusionRatio Confusion(ConfusionRatio ratio) => new(Labels, Predicted, Classes.Count, ratio, IsBinary ? 1 : null);

    private RankedRows Ranked(int k) => new([.. Labels.Select(label => label == k)], [.. Probabilities.Select(row => row[k])]);
}

/// <summary>Numbers and their predictions, in the label's unit.</summary>
internal sealed record ValueScores : ScoredRows
{
    public required double[] Actual { get; init; }

    public required double[] Predicted { get; init; }

    public override int Count => Actual.Length;

    public override ModelTask Task => ModelTask.Regression;

    public override MetricInfo Headline => MetricInfo.Get("rmse");

    public override ScoredRows Take(int[] rows) => this with
    {
        Actual = [.. rows.Select(row => Actual[row])],
        Predicted = [.. rows.Select(row => Predicted[row])],
    };

    public override PreparedMetric Prepare(MetricInfo metric) => metric.Name switch
    {
        "rmse" => RegressionMetrics.PrepareRmse(Actual, Predicted),
        "mae" => RegressionMetrics.PrepareMae(Actual, Predicted),
        "medianAe" => new PreparedMedianError(Actual, Predicted),
        "mape" => RegressionMetrics.PrepareMape(Actual, Predicted),
        "r2" => new PreparedR2(Actual, Predicted),
        _ => throw Foreign(metric, Task),
    };
}
