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
    public const string ModelFile = "model.zip";
    public const string FeaturesFile = "features.json";
    public const string SignatureFile = "signature.json";
    public const string TrainingFile = "training.json";

    // Before 1980 a zip has no date; this one is in every bundle, so equal models have equal bytes.
    private static readonly DateTimeOffset NoDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The model as ML.NET saves it; takes the vector that <see cref="Features"/> describes.</summary>
    /// <remarks>Kept without the dates that ML.NET writes into it, which would make equal models differ.</remarks>
    public required byte[] Model { get; init => field = WithoutDates(value); }

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
        Add(zip, MlModelFile, Encoding.UTF8.GetBytes(MlModelYaml.Write(this)));
        Add(zip, ModelFile, Model);
        Add(zip, FeaturesFile, JsonSerializer.SerializeToUtf8Bytes(Features, OrcJson.Indented));
        Add(zip, SignatureFile, JsonSerializer.SerializeToUtf8Bytes(Signature, OrcJson.Indented));
        Add(zip, TrainingFile, JsonSerializer.SerializeToUtf8Bytes(Training, OrcJson.Indented));
    }

    /// <summary>Reads what predicting needs: the model and its features.</summary>
    /// <exception cref="InvalidDataException">The file is no such bundle.</exception>
    /// <exception cref="JsonException">A part of it is not readable.</exception>
    public static (byte[] Model, FeaturePlan Features) Read(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        return (ReadEntry(zip, ModelFile), JsonSerializer.Deserialize<FeaturePlan>(ReadEntry(zip, FeaturesFile), OrcJson.Options) ?? throw new InvalidDataException($"{FeaturesFile} is empty"));
    }

    private static byte[] ReadEntry(ZipArchive zip, string name)
    {
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"it has no {name}");
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = NoDate;
        using var stream = entry.Open();
        stream.Write(content);
    }

    /// <summary>The same zip with the time taken out of every entry, in order of name.</summary>
    private static byte[] WithoutDates(byte[] zipped)
    {
        using var source = new ZipArchive(new MemoryStream(zipped), ZipArchiveMode.Read);
        using var bytes = new MemoryStream();
        using (var target = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                using var content = entry.Open();
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                Add(target, entry.FullName, copy.ToArray());
            }
        }

        return bytes.ToArray();
    }
}
