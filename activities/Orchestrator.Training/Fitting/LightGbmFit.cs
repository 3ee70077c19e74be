using System.Collections;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Orchestrator.Assets.Models;

namespace Orchestrator.Training.Fitting;

/// <summary>LightGBM by ML.NET, made deterministic: fixed seeds, a fixed number of threads, and histograms always built by column.</summary>
internal static class LightGbmFit
{
    public static FittedModel Fit(MLContext ml, FitRequest request)
    {
        if (request.Task == ModelTask.Regression)
        {
            var options = new LightGbmRegressionTrainer.Options { EvaluationMetric = LightGbmRegressionTrainer.Options.EvaluateMetricType.RootMeanSquaredError };
            var trainer = ml.Regression.Trainers.LightGbm(Configure(options, request));
            var model = request.Validation is { } rows ? trainer.Fit(request.Train, rows) : trainer.Fit(request.Train);
            return Fitter.Of(model, request, model.Model.TrainedTreeEnsemble.Trees.Count);
        }

        if (request.IsBinary)
        {
            var options = new LightGbmBinaryTrainer.Options { EvaluationMetric = LightGbmBinaryTrainer.Options.EvaluateMetricType.Logloss, Sigmoid = 1 };
            var trainer = ml.BinaryClassification.Trainers.LightGbm(Configure(options, request));
            var model = request.Validation is { } rows ? trainer.Fit(request.Train, rows) : trainer.Fit(request.Train);
            return Fitter.Of(model, request, model.Model.SubModel.TrainedTreeEnsemble.Trees.Count);
        }

        return FitClasses(ml, request);
    }

    private static FittedModel FitClasses(MLContext ml, FitRequest request)
    {
        var options = new LightGbmMulticlassTrainer.Options { EvaluationMetric = LightGbmMulticlassTrainer.Options.EvaluateMetricType.LogLoss, UseSoftmax = true, Sigmoid = 1 };
        var trainer = ml.MulticlassClassification.Trainers.LightGbm(Configure(options, request));
        var model = request.Validation is { } rows ? trainer.Fit(request.Train, rows) : trainer.Fit(request.Train);
        return Fitter.Of(model, request, CountRounds(model.Model));
    }

    private static TOptions Configure<TOptions, TOutput, TTransformer, TModel>(LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase options, FitRequest request)
        where TOptions : LightGbmTrainerBase<TOptions, TOutput, TTransformer, TModel>.OptionsBase, new()
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        var trainer = request.Trainer;
        options.FeatureColumnName = FeatureView.FeaturesColumn;
        options.LabelColumnName = FeatureView.LabelColumn;
        options.ExampleWeightColumnName = FeatureView.WeightColumn;
        options.NumberOfIterations = (int)trainer.Get("rounds");
        options.LearningRate = trainer.Get("learningRate");
        options.NumberOfLeaves = (int)trainer.Get("leaves");
        options.MinimumExampleCountPerLeaf = Fitter.MinExamplesPerLeaf(request);
        options.UseCategoricalSplit = false;
        options.HandleMissingValue = true;
        options.Seed = request.Seed;
        options.Deterministic = true;
        options.ForceColumnWise = true;
        options.NumberOfThreads = request.Threads;
        options.Verbose = false;
        options.Silent = true;
        options.EarlyStoppingRound = request.Validation is null ? 0 : request.EarlyStopping;
        options.Booster = new GradientBooster.Options
        {
            L1Regularization = trainer.Get("l1"),
            L2Regularization = trainer.Get("l2"),
            FeatureFraction = trainer.Get("featureFraction"),
            SubsampleFraction = trainer.Get("rowFraction"),
            SubsampleFrequency = trainer.Get("rowFraction") < 1 ? 1 : 0,
            MaximumTreeDepth = (int)trainer.Get("maxDepth"),
            MinimumSplitGain = trainer.Get("minSplitGain"),
            MinimumChildWeight = 1e-3,
        };
        return (TOptions)options;
    }

    /// <summary>Trees per class. ML.NET keeps the classes' models to itself, and only their count is wanted; 0 should it ever hide them better.</summary>
    private static int CountRounds(OneVersusAllModelParameters model)
    {
        var parts = typeof(OneVersusAllModelParameters).GetProperty("SubModelParameters", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)?.GetValue(model);
        return (parts as IEnumerable)?.OfType<object>().FirstOrDefault() switch
        {
            TreeEnsembleModelParametersBasedOnRegressionTree trees => trees.TrainedTreeEnsemble.Trees.Count,
            CalibratedModelParametersBase<LightGbmBinaryModelParameters, PlattCalibrator> calibrated => calibrated.SubModel.TrainedTreeEnsemble.Trees.Count,
            _ => 0,
        };
    }
}
