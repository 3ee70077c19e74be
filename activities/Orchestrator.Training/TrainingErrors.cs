using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Features;
using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training;

/// <summary>The texts of what can be wrong when a model is trained, loaded or swept: ORC5400 to ORC5449.</summary>
internal static class TrainingErrors
{
    public static ActivityException BadSetting(string what, string? help = null) => new("ORC5400", what, help: help);

    public static ActivityException LabelNotThere(string label, DatasetRef data) => new(
        "ORC5401",
        $"{Describe(data)} has no column \"{label}\" to learn to predict",
        "the label is the column whose values the model learns from the others",
        Near(label, data));

    public static ActivityException LabelMissingValues(string label, int rows) => new(
        "ORC5402",
        $"label \"{label}\" is empty in {Count(rows)} rows",
        "a row without its answer teaches nothing, and leaving rows out silently would hide a broken source",
        $"Filter those rows out before training, or check them in data.validate with \"{label}\" not null.");

    public static ActivityException OneClass(string label, string value, int rows) => new(
        "ORC5403",
        $"label \"{label}\" is \"{value}\" in all {Count(rows)} rows",
        "where everything is the same there is nothing to tell apart",
        "Check the filter or the join that made this data.");

    public static ActivityException LabelNoClasses(string label, ColumnType type) => new(
        "ORC5404",
        $"label \"{label}\" is a {Word(type)}, which has no classes",
        "a classifier predicts one of a few values: texts, booleans or whole numbers",
        "Derive a column with the classes that you want to tell apart.");

    public static ActivityException LabelContinuous(string label, int distinct) => new(
        "ORC5405",
        $"label \"{label}\" has numbers with fractions ({Count(distinct)} different ones), not classes",
        "a classifier predicts one of a few values",
        "To predict the number itself use train.regressor.");

    public static ActivityException TooManyClasses(string label, int classes, int rows, bool text) => new(
        "ORC5406",
        $"label \"{label}\" has {Count(classes)} different values in {Count(rows)} rows; a classifier takes up to {LabelReader.MostClasses}",
        "so many values are usually an identifier, a free text or a measurement",
        text ? "Name the column that holds the class, or group the rare values first." : "To predict the number itself use train.regressor.");

    public static ActivityException RareClass(string label, string name) => new(
        "ORC5407",
        $"class \"{name}\" of label \"{label}\" is in one row only",
        "a class needs rows to learn from and others to check on",
        "Is it a typing error in the data? Otherwise collect more rows of it, or leave it out.");

    public static ActivityException NoSuchPositive(string label, string positive, IReadOnlyList<string> classes) => new(
        "ORC5408",
        classes.Count == 2 ? $"label \"{label}\" has no class \"{positive}\" to be the positive one" : $"\"positive\" is for two classes and label \"{label}\" has {classes.Count}",
        help: NearNames.Question(positive, classes) ?? $"Its classes are {List(classes)}.");

    public static ActivityException WeightOfUnknownClass(string name, string label, IReadOnlyList<string> classes) => new(
        "ORC5409",
        $"class weights name \"{name}\", which is no class of label \"{label}\"",
        help: NearNames.Question(name, classes) ?? $"Its classes are {List(classes)}.");

    public static ActivityException UnknownTrainer(string name) => new(
        "ORC5410",
        $"there is no trainer \"{name}\"",
        help: NearNames.Question(name, TrainerKind.All.Select(kind => kind.Name)) ?? $"The trainers are {List([.. TrainerKind.All.Select(kind => kind.Name)])}.");

    public static ActivityException TrainerOfOtherTask(string trainer, ModelTask task) => new(
        "ORC5411",
        $"trainer {trainer} does not predict {(task == ModelTask.Regression ? "numbers" : "classes")}",
        help: $"Use {(task == ModelTask.Regression ? "linear" : "logistic")}, lightgbm or fasttree, or {(task == ModelTask.Regression ? "train.classifier" : "train.regressor")}.");

    public static ActivityException LabelNoNumber(string label, ColumnType type) => new(
        "ORC5412",
        $"label \"{label}\" is a {Word(type)}, and a regressor predicts numbers",
        help: "To predict classes use train.classifier.");

    public static ActivityException ColumnNotThere(string name, DatasetRef data, string input) => new(
        "ORC5413",
        input == "validation" ? $"{Describe(data)} has no column \"{name}\", which the model learns from" : $"{Describe(data)} has no column \"{name}\", which \"{input}\" names",
        help: Near(name, data));

    public static ActivityException LabelIsFeature(string label) => new(
        "ORC5414",
        $"\"{label}\" is the label and among the features",
        "a model that sees the answer learns nothing else",
        "Take it out of \"features\".");

    public static ActivityException Infinite(string column, int rows, int first, bool infinite = true) => new(
        "ORC5415",
        $"column \"{column}\" is {(infinite ? "infinite" : "beyond ±3.4e38")} in {Count(rows)} rows, the first is row {Count(first + 1)}",
        "trainers compare and add numbers, which one infinite value spoils for all",
        "It comes from a division by zero or an overflow where the data was made: make those values empty, or exclude the column.");

    public static ActivityException NoFeature(IReadOnlyList<string> notes) => new(new Failure
    {
        Code = "ORC5416",
        Kind = FailureKind.Work,
        Message = "no column is left to learn from",
        Why = "the label cannot be predicted from nothing",
        Help = notes.Count > 0 ? "The reasons are below; look at the step that made the data." : "Look at \"features\" and \"exclude\".",
        Details = notes,
    });

    public static ActivityException TooFewRows(int rows, int least) => new(
        "ORC5417",
        $"there are {Count(rows)} rows to learn from; at least {least} are needed",
        "a model of fewer rows repeats them instead of learning from them",
        "Check the filter or the split that made this data.");

    public static ActivityException EmptyValidation(DatasetRef data, string label) => new(
        "ORC5418",
        $"{Describe(data)} has no row to validate on whose \"{label}\" is a class of the training data",
        help: "Is it the right dataset?");

    public static ActivityException FeaturesMissing(IReadOnlyList<string> names, IEnumerable<string> present) => new(
        "ORC5420",
        $"the rows have no {(names.Count == 1 ? "column" : "columns")} {List(names)}, which the model needs",
        "a model sees the same columns when it predicts as when it learned",
        names.Count == 1 && NearNames.Question(names[0], present) is { } question ? question : "Add them; a value that is not known may be empty.");

    public static ActivityException FeatureOfOtherType(string name, ColumnType learned, ColumnType got) => new(
        "ORC5421",
        $"column \"{name}\" is a {Word(got)}; the model learned it as a {Word(learned)}",
        "a text and a number are not comparable, so what was learned of the one says nothing of the other",
        "Convert the column, or train again on data of this form.");

    public static ActivityException NoModel(ModelRef model, Exception broken) => new(
        new Failure
        {
            Code = "ORC5422",
            Kind = FailureKind.Work,
            Message = $"artifact {model.Artifact.Name} ({model.Artifact.Hash[..Math.Min(12, model.Artifact.Hash.Length)]}) cannot be loaded as a model of flavor {model.Flavor}",
            Why = broken.Message,
            Help = "Is it a model that train.classifier or train.regressor made? If the program is older than the model, update the program.",
        },
        broken);

    public static ActivityException UnknownFlavor(string flavor) => new(
        "ORC5423",
        $"no part of this program loads models of flavor \"{flavor}\"",
        help: "The flavors are mlnet.");

    public static ActivityException NativeLibraryMissing(DllNotFoundException missing) => new(
        new Failure
        {
            Code = "ORC5431",
            Kind = FailureKind.Infrastructure,
            Message = "the native library that learns cannot be loaded",
            Why = missing.Message.ReplaceLineEndings(" "),
            Help = "LightGBM needs the OpenMP runtime: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora), brew install libomp (macOS). It runs on x64 with glibc; elsewhere use the trainer fasttree.",
        },
        missing);

    public static ActivityException EmptySpace() => new(
        "ORC5440",
        "the search space is empty",
        "a sweep tries different values of hyper-parameters, and none is named",
        "For example: { \"kind\": \"log-uniform\", \"name\": \"learningRate\", \"low\": 0.01, \"high\": 0.3 }.");

    public static ActivityException BadSweep(string what, string? help) => new("ORC5441", what, help: help);

    public static ActivityException UnknownSearchParameter(string name, TrainerKind kind, ActivityDescriptor activity)
    {
        var known = kind.Parameters.Select(parameter => parameter.Name).ToList();
        return new(
            "ORC5442",
            $"the search space has \"{name}\", which is no parameter of trainer {kind.Name} and no input of {activity.Type}",
            "every trial would train the same model",
            NearNames.Question(name, known.Concat(activity.Inputs.Select(input => input.Name))) ?? $"The trainer's parameters are {List(known)}.");
    }

    public static ActivityException UnknownDirection(string metric) => new(
        "ORC5443",
        $"nobody knows whether a higher or a lower \"{metric}\" is better",
        help: NearNames.Question(metric, MetricInfo.All.Select(known => known.Name)) ?? "Set \"direction\" to maximize or minimize.");

    public static ActivityException TooManyFailedTrials(IReadOnlyList<Trial> failed, int trials, int allowed) => new(new Failure
    {
        Code = "ORC5444",
        Kind = FailureKind.Work,
        Message = $"{failed.Count} of {trials} trials failed; up to {allowed} may",
        Why = "a best of what is left could be an accident",
        Help = "Look at the first failure below: what fails in one trial often fails in all. To allow more, raise \"maxFailedTrials\".",
        Details = [.. failed.Take(5).Select(trial => $"trial {trial.Index}: {trial.Problem}")],
    });

    public static ActivityException RetrainFailed(Failure? failure) => new(new Failure
    {
        Code = "ORC5445",
        Kind = FailureKind.Work,
        Message = "training the best trial again on all data failed",
        Why = failure is null ? null : $"{failure.Code}: {failure.Message}",
        Help = failure?.Help,
    });

    public static ActivityException TrialWithoutModel(int index, string uses) => new(
        "ORC5446",
        $"the best trial ({index}) gave no model",
        help: $"A sweep needs an activity with the output \"model\"; does {uses} have one?");

    private static string Near(string name, DatasetRef data) =>
        NearNames.Question(name, data.Columns.Select(column => column.Name)) ?? $"Its columns are {List([.. data.Columns.Select(column => column.Name)])}.";

    private static string Describe(DatasetRef data) => data.Part is { } part ? $"the {part} part of {data.Name}" : data.Name;

    private static string Word(ColumnType type) => type switch
    {
        ColumnType.Integer => "whole number",
        ColumnType.Boolean => "boolean",
        ColumnType.Unknown => "column of unknown type",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static string Count(int count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    private static string List(IReadOnlyList<string> names)
    {
        const int most = 30;
        var shown = string.Join(", ", names.Take(most).Select(name => $"\"{name}\""));
        return names.Count > most ? $"{shown} and {names.Count - most} more" : shown;
    }
}
