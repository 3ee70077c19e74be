using Orchestrator.Assets.Experiments;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Fitting;

/// <summary>What a training leaves for the tracking tables.</summary>
internal static class TrainingTracking
{
    /// <summary>Says that this attempt is a tracking run, with its parameters. Called before learning, so that a failed training is there to look at.</summary>
    public static void RecordStart(TrainingRequest request, ActivityContext context)
    {
        context.Record(new TrackingRunFact
        {
            Experiment = context.Attempt.Pipeline,
            Name = context.Attempt.MapIndex is { } index ? $"{context.Attempt.Task} {index}" : context.Attempt.Task.Value,
            DatasetVersion = request.Data.Version,
            Seed = request.Seed,
            Environment = TrainingEnvironment.Describe(),
        });
        Param("trainer", request.Trainer.Kind);
        foreach (var parameter in request.Kind.Parameters)
        {
            Param(parameter.Name, request.Trainer.Get(parameter.Name));
        }

        Param("label", request.Label);
        Param("seed", request.Seed);
        Param("validationFraction", request.ValidationFraction);
        Param("earlyStopping", request.EarlyStopping);
        if (request.Folds is { } folds)
        {
            Param("folds", folds);
        }

        if (request.ClassWeights != ClassWeights.None)
        {
            Param("classWeights", request.ClassWeights);
        }

        Tag("dataset", request.Data.Name);
        Tag("dataset.part", request.Data.Part ?? "all");

        void Param<T>(string key, T value) => context.Record(new ParamFact { Key = key, Value = OrcJson.ToElement(value) });
        void Tag(string key, string value) => context.Record(new TagFact { Key = key, Value = value });
    }

    public static void RecordEnd(TrainingResult result, int rows, int slots, IReadOnlyList<string> notes, ActivityContext context)
    {
        var now = context.Time.GetUtcNow();
        foreach (var (key, value) in result.Metrics)
        {
            context.Record(new MetricFact { Key = key, Value = value, Step = result.Rounds, At = now });
        }

        context.Record(new ParamFact { Key = "rows", Value = OrcJson.ToElement(rows) });
        context.Record(new ParamFact { Key = "slots", Value = OrcJson.ToElement(slots) });
        if (result.Rounds > 0)
        {
            context.Record(new MetricFact { Key = "rounds", Value = result.Rounds, At = now });
        }

        if (notes.Count > 0)
        {
            context.Record(new TagFact { Key = "notes", Value = string.Join("; ", notes) });
        }

        context.Record(new RunArtifactFact { Path = "model/model.zip", Artifact = result.Model.Artifact });
    }
}
