using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Report;

namespace Orchestrator.Training.Evaluation;

/// <summary>Measures a model on labelled rows that it has not learned from, and writes a report for people.</summary>
/// <remarks>
/// A metric that the rows cannot give is left unset and not NaN: the regression metrics of a classifier, and the areas under curves when only one class occurs.
/// Rows without a label, or with a class that the model does not know, are left out, counted and warned about.
/// </remarks>
[Activity("model.evaluate", Title = "Evaluate a model", Summary = "Measures a model on held-out data, overall and per slice, and writes a report.", Lane = Lane.Process)]
public sealed class EvaluateModel : Activity
{
    [Input(Help = "The model to measure.")]
    public required ReferenceInput<ModelRef> Model { get; set; }

    [Input(Help = "Labelled rows that the model has not learned from: the test part of a split.")]
    public required ReferenceInput<DatasetRef> Data { get; set; }

    [Input(Help = "Columns to measure by: each value of a text column, quartiles of a numeric one. They need not be features.", Hint = "column")]
    public InputList<string>? Slices { get; set; }

    [Input(Help = "With two classes: the lowest probability that is called positive.", Minimum = 0, Maximum = 1)]
    public Input<double> Threshold { get; set; } = 0.5;

    [Input(Help = "best-f1: take the threshold with the highest F1 on these rows instead of the fixed one; F1 is then flattered a little.", Choices = ["fixed", "best-f1"])]
    public Input<string> ThresholdBy { get; set; } = "fixed";

    [Input(Help = "Also measure how much each feature matters, by shuffling it.")]
    public Input<bool> Importance { get; set; } = true;

    [Input(Help = "At most this many rows are used for importance; the rest adds time and little precision.", Minimum = 10, Maximum = 1_000_000)]
    public Input<int> ImportanceRows { get; set; } = 1000;

    [Input(Help = "The same seed shuffles and resamples alike.")]
    public Input<long> Seed { get; set; } = 1L;

    [Input(Help = "The experiment that the metrics are kept in. Default: the pipeline's name.")]
    public Input<string>? Experiment { get; set; }

    [Output(Help = "All metrics by name, as one object.")]
    public Output<JsonElement> Metrics { get; } = new();

    [Output(Help = "The report: one HTML file with curves, tables and importance.")]
    public Output<ArtifactRef> Report { get; } = new();

    [Output(Help = "Rows measured, without those left out.")]
    public Output<long> Rows { get; } = new();

    [Output(Help = "Classification: area under the ROC curve, 0..1.")]
    public Output<double?> Auc { get; } = new();

    [Output(Help = "Classification: average precision, 0..1.")]
    public Output<double?> PrAuc { get; } = new();

    [Output(Help = "Classification: log loss in nats.")]
    public Output<double?> LogLoss { get; } = new();

    [Output(Help = "Classification: Brier score.")]
    public Output<double?> Brier { get; } = new();

    [Output(Help = "Classification: share of right answers.")]
    public Output<double?> Accuracy { get; } = new();

    [Output(Help = "Classification: F1 of the positive class, or the macro mean of more than two classes.")]
    public Output<double?> F1 { get; } = new();

    [Output(Help = "Two classes: the threshold that was used.")]
    public Output<double?> UsedThreshold { get; } = new();

    [Output(Help = "Regression: root mean squared error, in the label's unit.")]
    public Output<double?> Rmse { get; } = new();

    [Output(Help = "Regression: mean absolute error, in the label's unit.")]
    public Output<double?> Mae { get; } = new();

    [Output(Help = "Regression: share of variance explained, up to 1.")]
    public Output<double?> R2 { get; } = new();

    [Output(Help = "Regression: mean absolute percentage error as a ratio; rows whose label is 0 are left out.")]
    public Output<double?> Mape { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var (model, data) = (Model.Value, Data.Value);
        CheckSettings();
        var slices = Slices?.Value ?? [];
        var rows = await EvaluationRows.LoadAsync(context, data, [("the model", model.Signature)], slices.Select(column => ("slices", column)));
        using var predictor = context.Port<IModelLoader>().Load(context.Artifacts.PathOf(model.Artifact), model);
        context.Progress(0.1, "predict");
        var evaluation = Evaluate(context, predictor, rows, slices);
        var html = EvaluationReport.Render(new EvaluationSubject(model, data), evaluation);
        var report = await context.Artifacts.AddTextAsync(html, "evaluation.html", "text/html", context.Cancellation);
        context.Set(Report, report);
        Publish(context, evaluation);
        Track(context, evaluation, report);
        context.Progress(1, Summarize(evaluation));
        context.Log($"{EvaluationErrors.Describe(data)}: {Summarize(evaluation)}");
    }

    private void CheckSettings()
    {
        if (Threshold.Value is not (>= 0 and <= 1))
        {
            throw EvaluationErrors.BadSetting("threshold", Numbers.Format(Threshold.Value), "a probability, 0 to 1");
        }

        if (ThresholdBy.Value is not ("fixed" or "best-f1"))
        {
            throw EvaluationErrors.BadSetting("thresholdBy", $"\"{ThresholdBy.Value}\"", "\"fixed\" or \"best-f1\"");
        }

        if (ImportanceRows.Value < 10)
        {
            throw EvaluationErrors.BadSetting("importanceRows", $"{ImportanceRows.Value}", "10 or more");
        }
    }

    private EvaluationResult Evaluate(ActivityContext context, IPredictor predictor, EvaluationRows rows, IReadOnlyList<string> slices)
    {
        var scored = Scoring.Score(predictor, "the model", rows, predictor.Signature.Classes);
        if (scored is ClassScores { IsBinary: true } classes)
        {
            var best = ThresholdBy.Value == "best-f1" ? Thresholds.BestF1(classes.Positives, classes.PositiveScores) : null;
            scored = classes with { Threshold = best ?? Threshold.Value };
        }

        if (scored is ClassScores { HasOneClass: true } only)
        {
            context.Log(LogSeverity.Warning, $"every row is \"{only.Classes[only.Labels[0]]}\": AUC and PR-AUC are not defined and left out");
        }

        context.Progress(0.3, "slices");
        return new EvaluationResult
        {
            Scored = scored,
            Metrics = scored.Measure(),
            Headline = HeadlineInterval.Of(scored, scored.Headline, Seed.Value, context.Cancellation),
            Slices = [.. slices.Select(column => Slicing.Measure(column, rows.Table, scored, Seed.Value, context.Cancellation))],
            Importance = Importance.Value ? PermutationImportance.Measure(predictor, rows, scored, ImportanceRows.Value, Seed.Value, context) : null,
            WithoutLabel = rows.WithoutLabel,
            UnknownLabel = rows.UnknownLabel,
            UnknownClasses = rows.UnknownClasses,
        };
    }

    private void Publish(ActivityContext context, EvaluationResult evaluation)
    {
        context.Set(Metrics, OrcJson.ToElement(evaluation.Metrics.ToDictionary(measured => measured.Metric.Name, measured => measured.Value)));
        context.Set(Rows, evaluation.Scored.Count);
        if (evaluation.Scored is ClassScores { IsBinary: true, Threshold: var used })
        {
            context.Set(UsedThreshold, used);
        }

        foreach (var measured in evaluation.Metrics)
        {
            if (OutputOf(measured.Metric.Name) is { } output)
            {
                context.Set(output, measured.Value);
            }
        }
    }

    private Output<double?>? OutputOf(string metric) => metric switch
    {
        "auc" => Auc,
        "prAuc" => PrAuc,
        "logLoss" => LogLoss,
        "brier" => Brier,
        "accuracy" => Accuracy,
        "f1" => F1,
        "rmse" => Rmse,
        "mae" => Mae,
        "r2" => R2,
        "mape" => Mape,
        _ => null,
    };

    private void Track(ActivityContext context, EvaluationResult evaluation, ArtifactRef report)
    {
        var now = context.Time.GetUtcNow();
        context.Record(new TrackingRunFact { Experiment = Experiment?.Value ?? context.Attempt.Pipeline, Name = "evaluation", DatasetVersion = Data.Value.Version, Seed = Seed.Value });
        context.Record(new ParamFact { Key = "model", Value = OrcJson.ToElement(Model.Value.Artifact.Hash) });
        if (evaluation.Scored is ClassScores { IsBinary: true, Threshold: var used })
        {
            context.Record(new ParamFact { Key = "threshold", Value = OrcJson.ToElement(used) });
        }

        foreach (var measured in evaluation.Metrics)
        {
            context.Record(new MetricFact { Key = measured.Metric.Name, Value = measured.Value, At = now });
        }

        context.Record(new RunArtifactFact { Path = "evaluation/report.html", Artifact = report });
    }

    private static string Summarize(EvaluationResult evaluation) =>
        string.Join(", ", evaluation.Metrics.Take(5).Select(measured => $"{measured.Metric.Title} {measured.Metric.Format(measured.Value)}"));
}
