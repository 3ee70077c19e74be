using Orchestrator.Assets.Models;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training.Fitting;

/// <summary>What can be said against a request before any data is read.</summary>
internal static class RequestChecks
{
    /// <exception cref="Core.Activities.ActivityException">A setting makes no sense (ORC5400, ORC5410, ORC5411).</exception>
    public static void Check(TrainingRequest request)
    {
        if (TrainerKind.Find(request.Trainer.Kind) is not { } kind)
        {
            throw TrainingErrors.UnknownTrainer(request.Trainer.Kind);
        }

        foreach (var problem in request.Trainer.Check().Concat(request.ClassWeights.Check()))
        {
            throw TrainingErrors.BadSetting(problem.Message, problem.Help);
        }

        if (request.Task == ModelTask.Classification ? !kind.ForClassification : !kind.ForRegression)
        {
            throw TrainingErrors.TrainerOfOtherTask(kind.Name, request.Task);
        }

        if (request.ValidationFraction is < 0 or > 0.9 or double.NaN)
        {
            throw TrainingErrors.BadSetting("\"validationFraction\" goes from 0 to 0.9", "0.2 holds back a fifth of the rows.");
        }

        if (request.Folds is < 2 or > 50)
        {
            throw TrainingErrors.BadSetting("\"folds\" goes from 2 to 50", "5 is usual.");
        }

        if (request.Folds is not null && request.Validation is not null)
        {
            throw TrainingErrors.BadSetting("\"folds\" and \"validation\" are both given", "Cross-validation makes its own validation rows: keep one of the two.");
        }

        if (request.EarlyStopping < 0 || request.Threads is < 1 or > 256)
        {
            throw TrainingErrors.BadSetting(request.EarlyStopping < 0 ? "\"earlyStopping\" is 0 or more rounds" : "\"threads\" goes from 1 to 256");
        }
    }
}
