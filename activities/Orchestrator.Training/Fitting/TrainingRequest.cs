using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Fitting;

/// <summary>What to train, with every input resolved.</summary>
internal sealed record TrainingRequest
{
    public required DatasetRef Data { get; init; }

    public required string Label { get; init; }

    /// <summary>Null: all columns but the label.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    public IReadOnlyList<string> Exclude { get; init; } = [];

    public required Trainer Trainer { get; init; }

    public required ModelTask Task { get; init; }

    public ClassWeights ClassWeights { get; init; } = ClassWeights.None;

    public string? Positive { get; init; }

    public DatasetRef? Validation { get; init; }

    public double ValidationFraction { get; init; }

    public int? Folds { get; init; }

    /// <summary>Rounds without improvement; 0: never stop early.</summary>
    public int EarlyStopping { get; init; }

    public int Seed { get; init; }

    public int? Threads { get; init; }

    public TrainerKind Kind => TrainerKind.Get(Trainer.Kind);
}

/// <summary>What came out.</summary>
internal sealed record TrainingResult
{
    public required ModelRef Model { get; init; }

    /// <summary>On validation rows, by name; empty without them.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The metric that stands for all: auc, logLoss or rmse.</summary>
    public double? Score { get; init; }

    /// <summary>Rounds the model kept; 0 when it is not made in rounds.</summary>
    public required int Rounds { get; init; }
}
