using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;
using Orchestrator.Training.Features;

namespace Orchestrator.Training.Models;

/// <summary>What a model's artifact holds, as files of an MLflow model folder in one zip.</summary>
internal sealed record ModelBundle
{
    public const string MlModelFile = "MLmodel";
    public const string FeaturesFile = "features.json";
    public const string SignatureFile = "signature.json";
    public const string TrainingFile = "training.json";

    /// <summary>Takes the vector that <see cref="Features"/> describes.</summary>
    public required SavedModel Model { get; init; }

    /// <summary>How the columns become that vector.</summary>
    public required FeaturePlan Features { get; init; }

    public required ModelSignature Signature { get; init; }

    /// <summary>How it was trained: trainer, parameters, seed, dataset version, notes. Nothing that differs between two equal trainings.</summary>
    public required JsonElement Training { get; init; }

    /// <summary>Writes the bundle. The same content gives the same bytes.</summary>
    public void Write(string path)
    {
        using var file = File.Create(path);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        ReproducibleZip.Add(zip, MlModelFile, Encoding.UTF8.GetBytes(MlModelYaml.Write(this)));
        ReproducibleZip.Add(zip, Model.FileName, Model.Content);
        ReproducibleZip.Add(zip, FeaturesFile, JsonSerializer.SerializeToUtf8Bytes(Features, OrcJson.Indented));
        ReproducibleZip.Add(zip, SignatureFile, JsonSerializer.SerializeToUtf8Bytes(Signature, OrcJson.Indented));
        ReproducibleZip.Add(zip, TrainingFile, JsonSerializer.SerializeToUtf8Bytes(Training, OrcJson.Indented));
    }

    /// <summary>Reads what predicting needs: the model and its features.</summary>
    /// <exception cref="InvalidDataException">The file is no such bundle.</exception>
    /// <exception cref="JsonException">A part of it is not readable.</exception>
    public static (SavedModel Model, FeaturePlan Features) Read(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        var model = zip.GetEntry(SavedModel.MlnetFile) ?? zip.GetEntry(SavedModel.LinearFile) ?? throw new InvalidDataException($"it has no {SavedModel.MlnetFile}");
        var features = zip.GetEntry(FeaturesFile) ?? throw new InvalidDataException($"it has no {FeaturesFile}");
        return (
            new SavedModel(model.FullName, ReproducibleZip.Read(model)),
            JsonSerializer.Deserialize<FeaturePlan>(ReproducibleZip.Read(features), OrcJson.Options) ?? throw new InvalidDataException($"{FeaturesFile} is empty"));
    }
}
