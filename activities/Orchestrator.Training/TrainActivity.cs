using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Training.Fitting;
using Orchestrator.Training.Trainers;

namespace Orchestrator.Training;

/// <summary>What training a classifier and a regressor have in common: data, columns, trainer and how the model is checked while it learns.</summary>
public abstract class TrainActivity : Activity
{
    private protected TrainActivity()
    {
    }

    [Input(Help = "The rows to learn from.")]
    public required Input<DatasetRef> Data { get; set; }

    [Input(Help = "The column to predict.", Hint = "column")]
    public required Input<string> Label { get; set; }

    [Input(Help = "The columns to learn from. Default: all but the label.", Hint = "columns")]
    public InputList<string>? Features { get; set; }

    [Input(Help = "Columns to leave out: identifiers, and what is known only after the fact.", Hint = "columns")]
    public InputList<string>? Exclude { get; set; }

    [Input(Help = "Rows to validate on, when they come from elsewhere. They are never learned from, but decide when to stop.")]
    public Input<DatasetRef>? Validation { get; set; }

    [Input(Help = "Share of the data held back to validate on. Always the same rows for the same data, whatever the seed. 0: none.", Minimum = 0, Maximum = 0.9)]
    public Input<double> ValidationFraction { get; set; } = 0.2;

    [Input(Help = "Validate by cross-validation with this many parts: the metrics are means over them, and the model learns from all rows. Costs as many trainings more.", Minimum = 2, Maximum = 50)]
    public Input<int>? Folds { get; set; }

    [Input(Help = "Stop when the validation loss has not improved for this many rounds. 0: never. For trees.", Minimum = 0, Maximum = 10000, Unit = "rounds")]
    public Input<int> EarlyStopping { get; set; } = 25;

    [Input(Help = "Decides every random choice while learning. Same seed and data: same model, to the byte.")]
    public Input<int> Seed { get; set; } = 0;

    [Input(Help = "Threads to learn with. Another number may change the last digits, so it never follows the machine. Default: one for small tables, else four.", Minimum = 1, Maximum = 256)]
    public Input<int>? Threads { get; set; }

    [Output(Help = "The trained model.")]
    public Output<ModelRef> Model { get; } = new();

    [Output(Help = "Metrics on the validation rows by name; empty without validation.")]
    public Output<JsonElement> Metrics { get; } = new();

    [Output(Help = "The first of them: auc with two classes, logLoss with more, rmse for numbers. Not set without validation.")]
    public Output<double>? Score { get; } = new();

    [Output(Help = "Rounds that the model kept; 0 when it is not made in rounds.")]
    public Output<int> Rounds { get; } = new();

    private protected TrainingRequest Request(Trainer trainer, ModelTask task) => new()
    {
        Data = Data.Value,
        Label = Label.Value,
        Features = Features?.Value,
        Exclude = Exclude?.Value ?? [],
        Validation = Validation?.Value,
        ValidationFraction = ValidationFraction.Value,
        Folds = Folds?.Value,
        EarlyStopping = EarlyStopping.Value,
        Seed = Seed.Value,
        Threads = Threads?.Value,
        Trainer = trainer,
        Task = task,
    };

    private protected async Task TrainAsync(TrainingRequest request, ActivityContext context)
    {
        var result = await TrainingJob.RunAsync(request, context);
        context.Set(Model, result.Model);
        context.Set(Metrics, Core.Values.OrcJson.ToElement(result.Metrics));
        context.Set(Rounds, result.Rounds);
        if (result.Score is { } score && Score is { } output)
        {
            context.Set(output, score);
        }
    }
}
