using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;

namespace Orchestrator.Deployment.Prediction;

/// <summary>A model that was behind an endpoint when it was opened, loaded. Safe to call from several threads; a later deployment does not change it.</summary>
public sealed class LoadedEndpoint : IDisposable
{
    private readonly IPredictor predictor;
    private readonly ITableReader tables;

    internal LoadedEndpoint(string endpoint, ModelRef model, IPredictor predictor, ITableReader tables)
    {
        Endpoint = endpoint;
        Model = model;
        this.predictor = predictor;
        this.tables = tables;
    }

    public string Endpoint { get; }

    /// <summary>With name and version.</summary>
    public ModelRef Model { get; }

    private string ModelWords => $"{Model.Name} version {Model.Version}";

    /// <summary>Predicts one row as a JSON object, or a list of rows.</summary>
    /// <exception cref="ActivityException">Not such JSON (ORC5556), no rows (ORC5559), or not the model's columns (ORC5557).</exception>
    public EndpointAnswer PredictJson(string json) => Answer(JsonRows.Read(json, Model.Signature, ModelWords));

    /// <summary>Predicts every row of a table. Columns that the model does not need are ignored.</summary>
    /// <exception cref="ActivityException">No rows (ORC5559), or not the model's columns (ORC5557).</exception>
    public EndpointAnswer Predict(Table table) =>
        table.RowCount == 0 ? throw DeploymentErrors.NoRows("the table") : Answer(TableFit.Fit(table, Model.Signature, ModelWords));

    /// <summary>Predicts every row of a CSV, TSV, Parquet or JSON lines file.</summary>
    /// <exception cref="ActivityException">The file is not there (ORC5560), has no rows (ORC5559), or does not fit the model (ORC5557); or the reader refuses it.</exception>
    public async Task<EndpointAnswer> PredictFileAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw DeploymentErrors.FileNotFound(path);
        }

        var table = await tables.ReadSourceAsync(path, cancellation);
        return table.RowCount == 0 ? throw DeploymentErrors.NoRows(path) : Predict(table);
    }

    public void Dispose() => predictor.Dispose();

    private EndpointAnswer Answer(FittedTable fitted)
    {
        var predictions = predictor.Predict(fitted.Table);
        var signature = Model.Signature;
        return new EndpointAnswer
        {
            Endpoint = Endpoint,
            Model = Model.Name ?? "",
            Version = Model.Version ?? 0,
            Label = signature.Label,
            Rows = signature.Task == ModelTask.Classification
                ? [.. predictions.Probabilities.Select(row => ClassOf(row, signature.Classes))]
                : [.. predictions.Values.Select(value => new RowAnswer { Value = value })],
            Notes = fitted.Notes,
        };
    }

    /// <summary>The most probable class; of equal ones the first.</summary>
    private static RowAnswer ClassOf(double[] probabilities, IReadOnlyList<string> classes) => new()
    {
        Class = classes[Array.IndexOf(probabilities, probabilities.Max())],
        Probabilities = classes.Zip(probabilities).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal),
    };
}

/// <summary>What an endpoint answered.</summary>
public sealed record EndpointAnswer
{
    public required string Endpoint { get; init; }

    /// <summary>The registered model's name.</summary>
    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary>The column that is predicted.</summary>
    public required string Label { get; init; }

    /// <summary>One per row, in row order.</summary>
    public required IReadOnlyList<RowAnswer> Rows { get; init; }

    /// <summary>What a person should know: columns that were not used.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>The prediction of one row: a class with probabilities, or a value.</summary>
public sealed record RowAnswer
{
    /// <summary>Classification: the most probable class. Regression: null.</summary>
    public string? Class { get; init; }

    /// <summary>Classification: the probability of each class, which sum to 1. Regression: empty.</summary>
    public IReadOnlyDictionary<string, double> Probabilities { get; init; } = new Dictionary<string, double>();

    /// <summary>Regression: the value. Classification: null.</summary>
    public double? Value { get; init; }
}
