using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Assets.Models;

/// <summary>A trained model. As text: <c>models:/churn@champion</c> or <c>models:/churn/3</c>.</summary>
public sealed record ModelRef : INamedReference
{
    public static string Scheme => "models";

    /// <summary>The model's bytes, in the layout of its flavor.</summary>
    public required ArtifactRef Artifact { get; init; }

    /// <summary>Who can load it: <c>mlnet</c>.</summary>
    public required string Flavor { get; init; }

    public required ModelSignature Signature { get; init; }

    /// <summary>The tracking run that made it.</summary>
    public string? TrackingRun { get; init; }

    /// <summary>The version of the dataset it learned from, when one is known.</summary>
    public string? DatasetVersion { get; init; }

    /// <summary>The registered model's name; null while it is not registered.</summary>
    public string? Name { get; init; }

    /// <summary>1, 2, … in the registry; null while it is not registered.</summary>
    public int? Version { get; init; }
}

/// <summary>What a model takes and gives.</summary>
public sealed record ModelSignature
{
    public required ModelTask Task { get; init; }

    /// <summary>The column it predicts.</summary>
    public required string Label { get; init; }

    /// <summary>The columns it needs, in order.</summary>
    public required IReadOnlyList<ColumnInfo> Features { get; init; }

    /// <summary>The label's classes for classification, empty for regression. With two, the second is the positive one.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];
}

public enum ModelTask
{
    Unknown = 0,
    Classification,
    Regression,
}

/// <summary>Loads the models of one flavor. A port that every lane has; found by <see cref="ModelRef.Flavor"/> through <see cref="IModelLoader"/>.</summary>
public interface IModelLoader
{
    /// <exception cref="ActivityException">No flavor of that name, or the file is not such a model.</exception>
    IPredictor Load(string path, ModelRef model);
}

/// <summary>A loaded model. Safe to call from several threads.</summary>
public interface IPredictor : IDisposable
{
    ModelSignature Signature { get; }

    /// <summary>Predicts every row. Columns that the model does not need are ignored; a missing feature column is refused.</summary>
    /// <exception cref="ActivityException">A feature is missing or of another type, with its name.</exception>
    Predictions Predict(Table rows);
}

/// <summary>One prediction per row, in row order.</summary>
public sealed record Predictions
{
    /// <summary>Classification: the probability of each class, [row][class in the signature's order]. Regression: empty.</summary>
    public IReadOnlyList<double[]> Probabilities { get; init; } = [];

    /// <summary>Regression: the predicted value of each row. Classification: empty.</summary>
    public double[] Values { get; init; } = [];
}
