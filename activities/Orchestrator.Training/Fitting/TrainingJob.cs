using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation;
using Orchestrator.Training.Features;
using Orchestrator.Training.Models;

namespace Orchestrator.Training.Fitting;

/// <summary>One training from data to a stored model: read, check, hold rows back, encode, fit, measure, store.</summary>
internal sealed class TrainingJob
{
    // Up to so many numbers one thread is about as fast as several, and leaves the other cores to the trials beside.
    private const long SmallTable = 4_000_000;

    // Not the number of cores: sums of floats depend on how many threads make them, and a model must not depend on the machine.
    private const int ThreadsForLargeTables = 4;

    private readonly TrainingRequest request;
    private readonly ActivityContext context;
    private readonly TrainingData data;
    private readonly float[]? classWeights;
    private readonly float[] weights;

    private TrainingJob(TrainingRequest request, ActivityContext context, TrainingData data)
    {
        (this.request, this.context, this.data) = (request, context, data);
        classWeights = RowWeights.ByClass(request, data.Labels);
        weights = RowWeights.Of(data.Labels.Values, classWeights);
    }

    private bool IsClassification => request.Task == ModelTask.Classification;

    /// <exception cref="ActivityException">The inputs or the data cannot be learned from (ORC5400 to 5431).</exception>
    public static async Task<TrainingResult> RunAsync(TrainingRequest request, ActivityContext context)
    {
        RequestChecks.Check(request);
        TrainingTracking.RecordStart(request, context);
        var data = await TrainingData.ReadAsync(request, context);
        context.Cancellation.ThrowIfCancellationRequested();
        return await new TrainingJob(request, context, data).RunAsync();
    }

    private async Task<TrainingResult> RunAsync()
    {
        var all = Enumerable.Range(0, data.Table.RowCount).ToArray();
        Fit fit;
        IReadOnlyDictionary<string, double> metrics;
        if (request.Folds is { } folds)
        {
            (metrics, var rounds) = CrossValidate(folds);
            fit = FitRows(all, null, data.Table, rounds);
        }
        else if (request.Validation is { } validation)
        {
            var rows = await ReadValidationAsync(validation);
            fit = FitRows(all, rows, data.Table, null);
            metrics = Measure(fit, rows);
        }
        else if (request.ValidationFraction > 0)
        {
            var (rest, held) = Holdout.Split(data.Labels.Values, IsClassification, request.ValidationFraction);
            var rows = new ValidationRows(data.Table, held, data.Labels.Values);
            fit = FitRows(rest, rows, data.Table, null);
            metrics = Measure(fit, rows);
        }
        else
        {
            fit = FitRows(all, null, data.Table, null);
            metrics = new Dictionary<string, double>();
        }

        return await StoreAsync(fit, metrics);
    }

    /// <summary>Trains one model per part and means their metrics; also says how many rounds they kept in the middle.</summary>
    private (IReadOnlyDictionary<string, double> Metrics, int? Rounds) CrossValidate(int folds)
    {
        var sums = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var rounds = new List<int>();
        foreach (var (rest, held) in Holdout.Folds(data.Labels.Values, IsClassification, folds))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var rows = new ValidationRows(data.Table, held, data.Labels.Values);
            var fit = FitRows(rest, rows, data.Table, null);
            rounds.Add(fit.Rounds);
            foreach (var (name, value) in Measure(fit, rows))
            {
                sums[name] = sums.GetValueOrDefault(name) + value / folds;
            }

            context.Progress((double)rounds.Count / (folds + 1), $"part {rounds.Count} of {folds}");
        }

        rounds.Sort();
        return (sums, request.Kind.IsTree ? Math.Max(1, rounds[rounds.Count / 2]) : null);
    }

    private async Task<ValidationRows> ReadValidationAsync(DatasetRef validation)
    {
        var needed = data.Features.Select(column => column.Name).Append(request.Label).ToList();
        var present = validation.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in needed.Where(name => !present.Contains(name)))
        {
            throw name == request.Label ? TrainingErrors.LabelNotThere(name, validation) : TrainingErrors.ColumnNotThere(name, validation, "validation");
        }

        var table = await context.Port<ITableReader>().ReadAsync(context.Artifacts.PathOf(validation.Data), needed, context.Cancellation);
        TrainingData.CheckFinite(table);
        var rows = EvaluationRows.Of(table, Signature(needed));
        if (rows.Table.RowCount == 0)
        {
            throw TrainingErrors.EmptyValidation(validation, request.Label);
        }

        if (rows.LeftOut > 0)
        {
            context.Log(LogSeverity.Warning, $"{rows.LeftOut} rows of the validation data are left out: their \"{request.Label}\" is empty or no class of the training data");
        }

        return new ValidationRows(rows.Table, [.. Enumerable.Range(0, rows.Table.RowCount)], IsClassification ? [.. rows.Labels.Select(label => (double)label)] : rows.Values);
    }

    private Fit FitRows(int[] rows, ValidationRows? validation, Table table, int? rounds)
    {
        var (plan, notes) = FeaturePlanner.Make(data.Features, rows, request.Kind);
        if (plan.Columns.Count == 0)
        {
            throw TrainingErrors.NoFeature(notes);
        }

        var encoder = new FeatureEncoder(plan);
        var slots = encoder.SlotNames;
        var form = !IsClassification ? LabelForm.Number : data.Labels.Classes.Count == 2 ? LabelForm.Boolean : LabelForm.Key;
        var train = new FeatureView(encoder.Bind(table), slots, rows, data.Labels.Values, weights, form, data.Labels.Classes.Count);
        var stops = validation is not null && request.Kind.IsTree && request.EarlyStopping > 0;
        var fitted = Fitter.Fit(new FitRequest
        {
            Trainer = rounds is { } fixedRounds ? request.Trainer with { Parameters = new SortedDictionary<string, double>(request.Trainer.Parameters.ToDictionary(), StringComparer.Ordinal) { ["rounds"] = fixedRounds } } : request.Trainer,
            Task = request.Task,
            ClassCount = data.Labels.Classes.Count,
            Train = train,
            Validation = stops && validation is { } held ? new FeatureView(encoder.Bind(held.Table), slots, held.Rows, held.Labels, RowWeights.OfValidation(held.Labels, held.Rows, classWeights), form, data.Labels.Classes.Count) : null,
            EarlyStopping = request.EarlyStopping,
            Seed = request.Seed,
            Threads = request.Threads ?? ((long)rows.Length * slots.Count <= SmallTable ? 1 : ThreadsForLargeTables),
        });
        return new Fit(encoder, notes, fitted.Saved, fitted.Rounds, slots.Count, rows.Length);
    }

    private SortedDictionary<string, double> Measure(Fit fit, ValidationRows rows)
    {
        // The model is loaded from what will be stored, so what is measured is what will predict.
        var predictions = VectorScorer.Load(fit.Model, Signature([])).Score(fit.Encoder.Bind(rows.Table), rows.Rows, rows.Rows.Length);
        ScoredRows scored = IsClassification
            ? new ClassScores { Classes = data.Labels.Classes, Labels = [.. rows.Rows.Select(row => (int)rows.Labels[row])], Probabilities = predictions.Probabilities }
            : new ValueScores { Actual = [.. rows.Rows.Select(row => rows.Labels[row])], Predicted = predictions.Values };
        return new SortedDictionary<string, double>(scored.Measure().ToDictionary(value => value.Metric.Name, value => value.Value), StringComparer.Ordinal);
    }

    private async Task<TrainingResult> StoreAsync(Fit fit, IReadOnlyDictionary<string, double> metrics)
    {
        foreach (var note in fit.Notes)
        {
            context.Log(LogSeverity.Warning, note);
        }

        var signature = Signature(fit.Encoder.Plan.Columns.Select(column => column.Name));
        var path = Path.Combine(context.WorkingDirectory, "model.zip");
        new ModelBundle { Model = fit.Model, Features = fit.Encoder.Plan, Signature = signature, Training = Describe(fit, metrics) }.Write(path);
        var artifact = await context.Artifacts.AddFileAsync(path, "model.zip", "application/zip", context.Cancellation);
        var result = new TrainingResult
        {
            Model = new ModelRef
            {
                Artifact = artifact,
                Flavor = MlnetLoader.Flavor,
                Signature = signature,
                TrackingRun = context.Attempt.Id.Value,
                DatasetVersion = request.Data.Version,
            },
            Metrics = metrics,
            Score = ScoreOf(metrics),
            Rounds = fit.Rounds,
        };
        TrainingTracking.RecordEnd(result, fit.Rows, fit.Slots, fit.Notes, context);
        context.Progress(1, Summary(result, fit));
        context.Log(Summary(result, fit));
        return result;
    }

    /// <summary>What the model takes and gives. Columns that teach nothing are not asked for when it predicts.</summary>
    private ModelSignature Signature(IEnumerable<string> kept) => new()
    {
        Task = request.Task,
        Label = request.Label,
        Features = [.. data.Features.IntersectBy(kept, column => column.Name).Select(column => new ColumnInfo { Name = column.Name, Type = column.Type })],
        Classes = data.Labels.Classes,
    };

    private double? ScoreOf(IReadOnlyDictionary<string, double> metrics)
    {
        var name = !IsClassification ? "rmse" : data.Labels.Classes.Count == 2 ? "auc" : "logLoss";
        return metrics.TryGetValue(name, out var score) ? score : null;
    }

    private System.Text.Json.JsonElement Describe(Fit fit, IReadOnlyDictionary<string, double> metrics) => OrcJson.ToElement(new
    {
        Trainer = request.Trainer.Kind,
        Parameters = request.Kind.Parameters.ToDictionary(parameter => parameter.Name, parameter => request.Trainer.Get(parameter.Name)),
        request.ClassWeights,
        request.Seed,
        Dataset = new { request.Data.Name, request.Data.Version, request.Data.Part },
        fit.Rows,
        fit.Rounds,
        Metrics = metrics,
        fit.Notes,
    });

    private string Summary(TrainingResult result, Fit fit)
    {
        var metrics = string.Join(", ", result.Metrics.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:0.####}")));
        var rounds = fit.Rounds > 0 ? $", {fit.Rounds} rounds" : "";
        return $"{request.Trainer.Kind} on {fit.Rows} rows, {fit.Slots} features{rounds}{(metrics.Length > 0 ? $": {metrics}" : "")}";
    }

    /// <summary>One fitted model with what made it.</summary>
    private sealed record Fit(FeatureEncoder Encoder, IReadOnlyList<string> Notes, SavedModel Model, int Rounds, int Slots, int Rows);

    /// <summary>Rows that were not learned from; labels are by row of the table.</summary>
    private sealed record ValidationRows(Table Table, int[] Rows, double[] Labels);
}
