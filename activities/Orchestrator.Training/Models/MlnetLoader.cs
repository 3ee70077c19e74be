using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Models;

/// <summary>Loads models of flavor <c>mlnet</c>: what train.classifier and train.regressor make.</summary>
internal sealed class MlnetLoader : IModelLoader
{
    public const string Flavor = "mlnet";

    public IPredictor Load(string path, ModelRef model)
    {
        if (model.Flavor != Flavor)
        {
            throw TrainingErrors.UnknownFlavor(model.Flavor);
        }

        try
        {
            var (bytes, features) = ModelBundle.Read(path);
            return new MlnetPredictor(features, VectorScorer.Load(bytes, model.Signature), model.Signature);
        }
        catch (Exception broken) when (broken is InvalidDataException or JsonException or FormatException or InvalidOperationException or IOException)
        {
            throw TrainingErrors.NoModel(model, broken);
        }
    }
}

/// <summary>A loaded <c>mlnet</c> model.</summary>
internal sealed class MlnetPredictor(FeaturePlan features, VectorScorer scorer, ModelSignature signature) : IPredictor
{
    public ModelSignature Signature => signature;

    public Predictions Predict(Table rows)
    {
        CheckColumns(rows);
        var encoder = new RowEncoder(features, rows);
        return scorer.Score(encoder, [.. Enumerable.Range(0, rows.RowCount)]);
    }

    public void Dispose()
    {
        // Everything is managed memory.
    }

    /// <summary>Refuses a table without one of the signature's columns, all of them at once, also those that turned out to teach nothing.</summary>
    private void CheckColumns(Table rows)
    {
        var names = rows.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var missing = signature.Features.Where(feature => !names.Contains(feature.Name)).Select(feature => feature.Name).ToList();
        if (missing.Count > 0)
        {
            throw TrainingErrors.FeaturesMissing(missing, names);
        }
    }
}
