using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training;

/// <summary>Learns to tell classes apart.</summary>
[Activity("train.classifier", Version = 2, Title = "Train a classifier", Summary = "Learns from a table to predict the class of a row, with its probability.", Lane = Lane.Process)]
public sealed class TrainClassifier : TrainActivity
{
    [Input(Help = "The algorithm and its hyper-parameters.", Hint = "trainer")]
    public Input<Trainer> Trainer { get; set; } = new Trainer { Kind = "lightgbm" };

    [Input(Help = "How much rows of each class count: none, balanced, or numbers by class. Trees count the rows that decide when to stop in the same way.", Hint = "class-weights")]
    public Input<ClassWeights> ClassWeights { get; set; } = Trainers.ClassWeights.None;

    [Input(Help = "With two classes, the one that metrics and thresholds speak of. Default: the last in order (yes after no, true after false, 1 after 0).")]
    public Input<string>? Positive { get; set; }

    protected override Task ExecuteAsync(ActivityContext context) => TrainAsync(
        Request(Trainer.Value, ModelTask.Classification) with { ClassWeights = ClassWeights.Value, Positive = Positive?.Value },
        context);
}
