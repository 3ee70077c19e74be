using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Testing;

namespace Orchestrator.Training.Tests.Evaluation;

/// <summary>A place to evaluate in: tables as the tests write them down, and models whose formula is known, so that every expected number can be derived.</summary>
internal sealed class EvaluationWorld : IDisposable
{
    public EvaluationWorld() => Environment.With<ITableReader>(new JsonTables()).With<IModelLoader>(new FormulaModels());

    public ActivityEnvironment Environment { get; } = new();

    /// <summary>Stores a table. Values are numbers, texts, truth values or null.</summary>
    public async Task<DatasetRef> AddDataAsync(params (string Name, ColumnType Type, object?[] Values)[] columns)
    {
        var text = JsonSerializer.Serialize(columns.Select(column => new { column.Name, Type = column.Type.ToString(), column.Values }));
        var data = await Environment.Artifacts.AddTextAsync(text, "table.json");
        return new DatasetRef
        {
            Name = "made", Version = data.Hash, Part = "test", Data = data, Rows = columns[0].Values.Length,
            Columns = [.. columns.Select(column => new ColumnInfo { Name = column.Name, Type = column.Type })],
        };
    }

    /// <summary>Stores a model that answers with a formula over its features; the text makes its file unique.</summary>
    public async Task<ModelRef> AddModelAsync(string text, ModelSignature signature, Func<double[], double[]> formula, string? name = null, int? version = null)
    {
        var artifact = await Environment.Artifacts.AddTextAsync(text, "model.txt");
        FormulaModels.Known[text] = formula;
        return new ModelRef { Artifact = artifact, Flavor = "formula", Signature = signature, Name = name, Version = version };
    }

    /// <summary>Two classes, <c>no</c> and <c>yes</c>, from numeric features.</summary>
    public static ModelSignature Binary(params string[] features) => Signature(ModelTask.Classification, features) with { Classes = ["no", "yes"] };

    public static ModelSignature Signature(ModelTask task, params string[] features) => new()
    {
        Task = task, Label = "label", Features = [.. features.Select(name => new ColumnInfo { Name = name, Type = ColumnType.Number })],
    };

    /// <summary>The probability of the second class, and of the first.</summary>
    public static double[] Yes(double probability) => [1 - probability, probability];

    public static object?[] Boxed(IEnumerable<double> values) => [.. values.Select(value => (object?)value)];

    public void Dispose() => Environment.Dispose();

    private sealed class JsonTables : ITableReader
    {
        public async Task<Table> ReadAsync(string path, IReadOnlyList<string>? columns, CancellationToken cancellation)
        {
            using var document = JsonDocument.Parse(await File.ReadAllTextAsync(path, cancellation));
            TableColumn[] all = [.. document.RootElement.EnumerateArray().Select(Read)];
            var rows = document.RootElement[0].GetProperty("Values").GetArrayLength();
            return new Table { RowCount = rows, Columns = columns is null ? all : [.. columns.Select(name => all.Single(column => column.Name == name))] };
        }

        public Task<Table> ReadSourceAsync(string path, CancellationToken cancellation) => ReadAsync(path, null, cancellation);

        private static TableColumn Read(JsonElement column)
        {
            var (name, type) = (column.GetProperty("Name").GetString()!, Enum.Parse<ColumnType>(column.GetProperty("Type").GetString()!));
            JsonElement[] values = [.. column.GetProperty("Values").EnumerateArray()];
            return type == ColumnType.Text
                ? new TextColumn { Name = name, Type = type, Values = [.. values.Select(value => value.GetString())] }
                : new NumberColumn
                {
                    Name = name, Type = type, Values = [.. values.Select(value => value.ValueKind switch
                    {
                        JsonValueKind.Null => double.NaN,
                        JsonValueKind.True => 1,
                        JsonValueKind.False => 0,
                        _ => value.GetDouble(),
                    })],
                };
        }
    }

    private sealed class FormulaModels : IModelLoader
    {
        public static System.Collections.Concurrent.ConcurrentDictionary<string, Func<double[], double[]>> Known { get; } = new();

        public IPredictor Load(string path, ModelRef model) => new Formula(model.Signature, Known[File.ReadAllText(path)]);
    }

    private sealed class Formula(ModelSignature signature, Func<double[], double[]> formula) : IPredictor
    {
        public ModelSignature Signature => signature;

        public Predictions Predict(Table rows)
        {
            double[][] features = [.. signature.Features.Select(feature => ((NumberColumn)rows.Find(feature.Name)!).Values)];
            double[][] answers = [.. Enumerable.Range(0, rows.RowCount).Select(row => formula([.. features.Select(values => values[row])]))];
            return signature.Task == ModelTask.Regression ? new Predictions { Values = [.. answers.Select(answer => answer[0])] } : new Predictions { Probabilities = answers };
        }

        public void Dispose()
        {
        }
    }
}
