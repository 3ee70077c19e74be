using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Models;

/// <summary>A model that scores feature vectors. Safe to call from several threads.</summary>
internal abstract class VectorScorer
{
    /// <param name="model">What was saved.</param>
    /// <param name="signature">Decides which answers are read.</param>
    /// <exception cref="InvalidDataException">The content is no such model.</exception>
    public static VectorScorer Load(SavedModel model, ModelSignature signature) => model.FileName == SavedModel.LinearFile
        ? new LinearScorer(JsonSerializer.Deserialize<LinearModel>(model.Content, OrcJson.Options) ?? throw new InvalidDataException("the model is empty"))
        : MlnetScorer.Load(model.Content, signature);

    /// <summary>Scores rows of a table.</summary>
    /// <param name="encoder">Over the table.</param>
    /// <param name="rows">Which rows, in the order of the answers; null: the first <paramref name="count"/>.</param>
    /// <param name="count">How many answers.</param>
    public abstract Predictions Score(RowEncoder encoder, int[]? rows, int count);

    private sealed class LinearScorer(LinearModel model) : VectorScorer
    {
        public override Predictions Score(RowEncoder encoder, int[]? rows, int count)
        {
            var slots = new float[encoder.SlotCount];
            var values = new double[count];
            for (var i = 0; i < count; i++)
            {
                encoder.Write(rows is null ? i : rows[i], slots);
                values[i] = model.Bias;
                for (var s = 0; s < slots.Length; s++)
                {
                    values[i] += model.Weights[s] * slots[s];
                }
            }

            return new Predictions { Values = values };
        }
    }
}
