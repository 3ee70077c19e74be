using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Sweeps;

/// <summary>
/// Trains the same template with different hyper-parameters and keeps the best. Every trial is a durable attempt of its own: what has ended is never
/// trained again, and a sweep that was killed and taken up again tries the same trials.
/// </summary>
[Activity("train.sweep", Title = "Sweep hyper-parameters", Summary = "Trains a template with different hyper-parameters and keeps the best.", Kind = ActivityKind.Mapped, Lane = Lane.Inline)]
public sealed class Sweep : MappedActivity
{
    [Input(Help = "What to train: train.classifier or train.regressor with its inputs.", Hint = "activity")]
    public required ActivityInput Train { get; set; }

    [Input(Help = "The hyper-parameters to vary, by the names of the trainer, and their ranges.", Hint = "search-space")]
    public required InputList<SearchParameter> Space { get; set; }

    [Input(Help = "How the trials are picked.", Hint = "search")]
    public Input<SearchMethod> Search { get; set; } = new SearchMethod { Kind = SearchMethodKind.Tpe, Trials = 40 };

    [Input(Help = "The metric that decides, as the training names it: auc, logLoss, f1, rmse, …")]
    public required Input<string> Metric { get; set; }

    [Input(Help = "Which way the metric is better. Default: known by its name.")]
    public Input<MetricDirection>? Direction { get; set; }

    [Input(Help = "Trials under way at a time. A trial is picked when all but this many before it have ended, so the number is part of what is tried.", Minimum = 1, Maximum = 1000)]
    public Input<int> Parallel { get; set; } = 2;

    [Input(Help = "Decides which trials are picked.")]
    public Input<int> Seed { get; set; } = 0;

    [Input(Help = "How many trials may fail before the sweep gives up.", Minimum = 0)]
    public Input<int> MaxFailedTrials { get; set; } = 3;

    [Input(Help = "Score trials by cross-validation with this many parts instead of one held-back share.", Minimum = 2, Maximum = 50)]
    public Input<int>? Folds { get; set; }

    [Input(Help = "Share of the training data held back to score trials on: the same rows for every trial. Default: as the template says, else 0.2.", Minimum = 0.01, Maximum = 0.9)]
    public Input<double>? ValidationFraction { get; set; }

    [Input(Help = "Train the best once more on all the data, with as many rounds as it kept.")]
    public Input<bool> Retrain { get; set; } = false;

    [Output(Help = "The best model.")]
    public Output<ModelRef> Best { get; } = new();

    [Output(Help = "The hyper-parameters of the best, by name.")]
    public Output<JsonElement> BestParams { get; } = new();

    [Output(Help = "The metric of the best, on its validation rows.")]
    public Output<double> BestScore { get; } = new();

    [Output(Help = "All trials with parameters, scores and failures, as JSON.")]
    public Output<ArtifactRef> Trials { get; } = new();

    [Output(Help = "A page that shows the history of the sweep.")]
    public Output<ArtifactRef> Report { get; } = new();

    protected override Expansion Expand(ExpansionContext context) => Study.Of(this).Expand(context.Items);

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var study = Study.Of(this);
        var trials = study.ReadTrials(context.Items);
        var best = study.PickBest(trials);
        var kept = study.RetrainedOf(context.Items) ?? best;
        var model = kept.Model ?? throw TrainingErrors.TrialWithoutModel(best.Index, Train.Value.Uses);
        SweepTracking.LogBest(context, study, trials, best);

        var table = await context.Artifacts.AddTextAsync(SweepReport.Json(study, trials, best), "trials.json", "application/json", context.Cancellation);
        var page = await context.Artifacts.AddTextAsync(SweepReport.Html(study, trials, best), "sweep.html", "text/html", context.Cancellation);
        SweepTracking.Record(context, study, trials, best, table, page);
        context.Set(Best, model);
        context.Set(BestParams, OrcJson.ToElement(best.Parameters));
        context.Set(BestScore, best.Score ?? double.NaN);
        context.Set(Trials, table);
        context.Set(Report, page);
    }
}
