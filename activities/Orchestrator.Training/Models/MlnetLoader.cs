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
            return new MlnetPredictor(new FeatureEncoder(features), VectorScorer.Load(bytes, model.Signature), model.Signature);
        }
        catch (Exception broken) when (broken is InvalidDataException or JsonException or FormatException or InvalidOperationException or IOException)
        {
            throw TrainingErrors.NoModel(model, broken);
        }
    }
}

/// <summary>A loaded <c>mlnet</c> model.</summary>
internal sealed class MlnetPredictor(FeatureEncoder features, VectorScorer scorer, ModelSignature signature) : IPredictor
{
    public ModelSignature Signature => signature;

    public Predictions Predict(Table rows) => scorer.Score(features.Bind(rows), rows: null, rows.RowCount);

    public void Dispose()
    {
        // Everything is managed memory.
    }
}
