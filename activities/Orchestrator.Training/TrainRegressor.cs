using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training;

/// <summary>Learns to predict a number.</summary>
[Activity("train.regressor", Title = "Train a regressor", Summary = "Learns from a table to predict a number for a row.", Lane = Lane.Process)]
public sealed class TrainRegressor : TrainActivity
{
    [Input(Help = "The algorithm and its hyper-parameters.", Hint = "trainer")]
    public Input<Trainer> Trainer { get; set; } = new Trainer { Kind = "lightgbm" };

    protected override Task ExecuteAsync(ActivityContext context) => TrainAsync(Request(Trainer.Value, ModelTask.Regression), context);
}
