using System.Text.Json;
using Microsoft.ML;
using Orchestrator.Core.Values;
using Orchestrator.Training.Fitting;

namespace Orchestrator.Training.Models;

/// <summary>The part of a model that scores feature vectors, as one file of its bundle.</summary>
/// <param name="FileName"><see cref="MlnetFile"/> or <see cref="LinearFile"/>.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record SavedModel(string FileName, byte[] Content)
{
    /// <summary>What ML.NET saves.</summary>
    public const string MlnetFile = "model.zip";

    /// <summary>Weights of a linear model.</summary>
    public const string LinearFile = "model.json";

    /// <summary>Saves a fitted ML.NET model with the schema of its features alone, without the dates that its zip has.</summary>
    public static SavedModel Of(ITransformer fitted, IReadOnlyList<string> slotNames)
    {
        using var stream = new MemoryStream();
        new MLContext(0).Model.Save(fitted, FeatureView.FeaturesOnly(slotNames), stream);
        return new SavedModel(MlnetFile, ReproducibleZip.WithoutDates(stream.ToArray()));
    }

    public static SavedModel Of(LinearModel fitted) => new(LinearFile, JsonSerializer.SerializeToUtf8Bytes(fitted, OrcJson.Indented));
}

/// <summary>A number that is a weighted sum of slots.</summary>
internal sealed record LinearModel
{
    public required double Bias { get; init; }

    /// <summary>One per slot.</summary>
    public required double[] Weights { get; init; }
}
