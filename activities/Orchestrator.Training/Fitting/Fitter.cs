using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Models;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Fitting;

/// <summary>A trained model.</summary>
/// <param name="Saved">Takes the feature vector.</param>
/// <param name="Rounds">Trees kept (per class); 0 when it is not made in rounds.</param>
internal sealed record FittedModel(SavedModel Saved, int Rounds);

/// <summary>What one fit is given.</summary>
internal sealed record FitRequest
{
    public required Trainer Trainer { get; init; }

    public required ModelTask Task { get; init; }

    public required int ClassCount { get; init; }

    public required FeatureView Train { get; init; }

    /// <summary>Rows to stop early by; null: all rounds are made.</summary>
    public FeatureView? Validation { get; init; }

    public required int EarlyStopping { get; init; }

    public required int Seed { get; init; }

    public required int Threads { get; init; }

    public bool IsBinary => Task == ModelTask.Classification && ClassCount == 2;
}

/// <summary>Runs the trainer that a request names, so that the same request gives the same model.</summary>
internal static class Fitter
{
    /// <exception cref="Core.Activities.ActivityException">LightGBM's native library cannot be loaded (ORC5431).</exception>
    public static FittedModel Fit(FitRequest request)
    {
        var ml = new MLContext(request.Seed);
        try
        {
            return request.Trainer.Kind switch
            {
                "lightgbm" => LightGbmFit.Fit(ml, request),
                "fasttree" => FitFastTree(ml, request),
                "logistic" => FitLogistic(ml, request),
                "linear" => new FittedModel(SavedModel.Of(request.Train.FitRidge(request.Trainer.Get("l2"))), 0),
                var kind => throw TrainingErrors.UnknownTrainer(kind),
            };
        }
        catch (DllNotFoundException missing)
        {
            throw TrainingErrors.NativeLibraryMissing(missing);
        }
        catch (TypeInitializationException broken) when (broken.InnerException is DllNotFoundException missing)
        {
            throw TrainingErrors.NativeLibraryMissing(missing);
        }
    }

    /// <summary>A fitted model of ML.NET as it is stored.</summary>
    public static FittedModel Of(ITransformer fitted, FitRequest request, int rounds) => new(SavedModel.Of(fitted, request.Train.SlotNames), rounds);

    /// <summary>The default number of rows a leaf must have, less on small tables where it would forbid every split.</summary>
    public static int MinExamplesPerLeaf(FitRequest request)
    {
        var wanted = (int)request.Trainer.Get("minExamplesPerLeaf");
        return request.Trainer.Says("minExamplesPerLeaf") ? wanted : Math.Clamp((int)(request.Train.GetRowCount() ?? 0) / 20, 1, wanted);
    }

    private static FittedModel FitFastTree(MLContext ml, FitRequest request)
    {
        if (request.Task == ModelTask.Regression)
        {
            var options = Boosted(new FastTreeRegressionTrainer.Options { EarlyStoppingMetric = EarlyStoppingMetric.L2Norm }, request);
            var regressor = ml.Regression.Trainers.FastTree(options);
            var model = request.Validation is { } rows ? regressor.Fit(request.Train, rows) : regressor.Fit(request.Train);
            return Of(model, request, model.Model.TrainedTreeEnsemble.Trees.Count);
        }

        var binary = ml.BinaryClassification.Trainers.FastTree(Boosted(new FastTreeBinaryTrainer.Options { EarlyStoppingMetric = EarlyStoppingMetric.L1Norm }, request));
        if (request.IsBinary)
        {
            var model = request.Validation is { } rows ? binary.Fit(request.Train, rows) : binary.Fit(request.Train);
            return Of(model, request, model.Model.SubModel.TrainedTreeEnsemble.Trees.Count);
        }

        // One model per class against the others; ML.NET offers no validation there, so every round is made.
        var all = ml.MulticlassClassification.Trainers.OneVersusAll(binary, FeatureView.LabelColumn);
        return Of(all.Fit(request.Train), request, (int)request.Trainer.Get("rounds"));
    }

    private static T Boosted<T>(T options, FitRequest request) where T : BoostedTreeOptions
    {
        options.FeatureColumnName = FeatureView.FeaturesColumn;
        options.LabelColumnName = FeatureView.LabelColumn;
        options.ExampleWeightColumnName = FeatureView.WeightColumn;
        options.NumberOfTrees = (int)request.Trainer.Get("rounds");
        options.LearningRate = request.Trainer.Get("learningRate");
        options.NumberOfLeaves = (int)request.Trainer.Get("leaves");
        options.MinimumExampleCountPerLeaf = MinExamplesPerLeaf(request);
        options.FeatureFraction = request.Trainer.Get("featureFraction");
        options.Seed = request.Seed;
        options.FeatureSelectionSeed = request.Seed;
        options.NumberOfThreads = request.Threads;
        if (request.Validation is not null && request.EarlyStopping > 0 && request.ClassCount <= 2)
        {
            // The rule ends training; pruning then cuts the ensemble back to its best round.
            options.EarlyStoppingRule = new ConsecutiveGeneralityLossRule(Math.Max(1, request.EarlyStopping));
            options.EnablePruning = true;
        }

        return options;
    }

    private static FittedModel FitLogistic(MLContext ml, FitRequest request)
    {
        if (request.IsBinary)
        {
            var options = Lbfgs(new LbfgsLogisticRegressionBinaryTrainer.Options(), request);
            return Of(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(options).Fit(request.Train), request, 0);
        }

        var entropy = Lbfgs(new LbfgsMaximumEntropyMulticlassTrainer.Options(), request);
        return Of(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(entropy).Fit(request.Train), request, 0);
    }

    private static TOptions Lbfgs<TOptions, TTransformer, TModel>(LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase options, FitRequest request)
        where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        options.FeatureColumnName = FeatureView.FeaturesColumn;
        options.LabelColumnName = FeatureView.LabelColumn;
        options.ExampleWeightColumnName = FeatureView.WeightColumn;
        options.L1Regularization = (float)request.Trainer.Get("l1");
        options.L2Regularization = (float)request.Trainer.Get("l2");
        // Sums of floats depend on how many threads make them; one thread gives one answer.
        options.NumberOfThreads = 1;
        return (TOptions)options;
    }
}
