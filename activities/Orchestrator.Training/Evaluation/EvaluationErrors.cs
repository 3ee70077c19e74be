using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Evaluation;

/// <summary>The texts of what can be wrong when a model is evaluated or compared: ORC5450 to ORC5459.</summary>
internal static class EvaluationErrors
{
    public static ActivityException NoLabel(DatasetRef data, string label) => new(
        "ORC5450",
        $"{Describe(data)} has no column \"{label}\", which the model predicts",
        "without the true answer there is nothing to measure predictions against",
        Help(label, data, "Evaluate on labelled data: the test part of the split that the model was trained with."));

    /// <param name="data">The rows.</param>
    /// <param name="whose"><c>the model</c>, <c>the candidate</c>, <c>the baseline churn v3</c>.</param>
    /// <param name="missing">At least one column.</param>
    public static ActivityException NoFeature(DatasetRef data, string whose, IReadOnlyList<string> missing) => new(
        "ORC5451",
        $"{Describe(data)} lacks {List(missing)}, which {whose} needs",
        "a model sees the same columns when it predicts as when it learned",
        missing.Count == 1 && NearNames.Question(missing[0], data.Columns.Select(column => column.Name)) is { } question
            ? question
            : $"Add the {(missing.Count == 1 ? "column" : "columns")} to the data, or train a model without {(missing.Count == 1 ? "it" : "them")} and give that one.");

    public static ActivityException NoRows(DatasetRef data, string label, EvaluationRows? left) => new(
        "ORC5452",
        left is null || left.LeftOut == 0
            ? $"{Describe(data)} has no rows"
            : $"no row of {Describe(data)} can be used: in \"{label}\" {Numbers.Rows(left.WithoutLabel)} without a value and {Numbers.Rows(left.UnknownLabel)} of a class that the model does not know",
        "metrics are measured on rows whose true answer is known",
        left is { UnknownClasses.Count: > 0 } ? $"The data has {List(left.UnknownClasses)}; is it the right data set for this model?" : "Look at the step that made this data.");

    public static ActivityException NoMetric(string name, ModelTask task)
    {
        var known = MetricInfo.All.Where(metric => metric.Task == task).Select(metric => metric.Name).ToArray();
        var other = MetricInfo.Find(name);
        return new ActivityException(
            "ORC5453",
            other is null ? $"there is no metric \"{name}\"" : $"\"{other.Name}\" does not measure {Describe(task)}",
            $"the model is one for {Describe(task)}",
            NearNames.Question(name, known) ?? $"Its metrics are {string.Join(", ", known)}.");
    }

    public static ActivityException UndefinedMetric(MetricInfo metric, string reason) => new(
        "ORC5454",
        $"{metric.Title} cannot be computed on this data: {reason}",
        "a comparison needs a number for each model",
        metric.Task == ModelTask.Classification
            ? "Compare on data in which both classes occur (split with stratifyBy), or by a metric that one class has too: accuracy, logLoss."
            : "Compare by another metric: rmse, mae.");

    public static ActivityException NoColumn(DatasetRef data, string input, string column) => new(
        "ORC5455",
        $"{Describe(data)} has no column \"{column}\", which \"{input}\" names",
        help: Help(column, data, $"Its columns are {string.Join(", ", data.Columns.Select(known => known.Name))}."));

    public static ActivityException NotFinite(string whose, int rows, int first) => new(
        "ORC5456",
        $"{whose} answers something that is no number for {Numbers.Rows(rows)}, the first is row {Numbers.Count(first + 1)}",
        "a metric over such answers would be no number either",
        "Look at that row for infinite or extreme values; data.validate finds them with a between rule.");

    public static ActivityException OtherQuestion(string baseline, ModelSignature candidate, ModelSignature other) => new(
        "ORC5457",
        candidate.Task != other.Task
            ? $"{baseline} is a model for {Describe(other.Task)}, the candidate one for {Describe(candidate.Task)}"
            : $"{baseline} predicts \"{other.Label}\", the candidate \"{candidate.Label}\"",
        "only models that answer the same question can be compared",
        "Give the candidate a name of its own in the registry, so that it gets its own champion.");

    public static ActivityException BadSetting(string input, string value, string rule) => new(
        "ORC5458",
        $"input \"{input}\" is {value}",
        $"it must be {rule}");

    /// <summary><c>the test part of customers (1,000 rows)</c>.</summary>
    public static string Describe(DatasetRef data) => $"{(data.Part is { } part ? $"the {part} part of {data.Name}" : data.Name)} ({Numbers.Rows(data.Rows)})";

    private static string Describe(ModelTask task) => task == ModelTask.Regression ? "regression" : "classification";

    private static string Help(string name, DatasetRef data, string otherwise) => NearNames.Question(name, data.Columns.Select(column => column.Name)) ?? otherwise;

    private static string List(IReadOnlyList<string> names)
    {
        const int most = 5;
        var shown = string.Join(", ", names.Take(most).Select(name => $"\"{name}\""));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }
}
