using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Experiments;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Training.Evaluation;
using Orchestrator.Training.Evaluation.Metrics;

namespace Orchestrator.Training.Comparison;

/// <summary>Asks whether a new model may take the place of the one that is in use, on rows that neither has learned from.</summary>
/// <remarks>
/// <para>The difference of the metric gets a confidence interval by a paired bootstrap; a difference is positive when the candidate is better, also for
/// metrics where lower is better. With δ the margin, L and U the interval's ends:</para>
/// <list type="table">
/// <listheader><term>outcome</term><description>when; Better; NotWorse</description></listheader>
/// <item><term><c>no-baseline</c></term><description>there is nothing to compare with yet; false; true</description></item>
/// <item><term><c>same-model</c></term><description>the same file, or the same columns and the same answer on every row; false; false</description></item>
/// <item><term><c>better</c></term><description>L &gt; 0; true; true</description></item>
/// <item><term><c>not-worse</c></term><description>−δ ≤ L ≤ 0; false; true</description></item>
/// <item><term><c>worse</c></term><description>L &lt; −δ and U &lt; 0; false; false</description></item>
/// <item><term><c>inconclusive</c></term><description>L &lt; −δ and U ≥ 0, too few rows, or too many resamples of one class; false; false</description></item>
/// </list>
/// <para><see cref="NotWorse"/> therefore reads "may be deployed in the baseline's place": a second run of an unchanged pipeline finds its own champion
/// (<c>same-model</c>) and deploys nothing.</para>
/// </remarks>
[Activity("model.compare", Title = "Compare with the baseline", Summary = "Asks whether a new model is better, not worse or worse than the one in use, with evidence.", Lane = Lane.Process)]
public sealed class CompareToBaseline : Activity
{
    [Input(Help = "The new model.")]
    public required ReferenceInput<ModelRef> Candidate { get; set; }

    [Input(Help = "The model in use, usually by alias: models:/churn@champion. Absent while there is none.")]
    public ReferenceInput<ModelRef>? Baseline { get; set; }

    [Input(Help = "Labelled rows that neither model has learned from.")]
    public required ReferenceInput<DatasetRef> Data { get; set; }

    [Input(Help = "What to compare by: auc, prAuc, logLoss, brier, accuracy, precision, recall, f1; rmse, mae, medianAe, mape, r2.")]
    public required Input<string> Metric { get; set; }

    [Input(Help = "The largest loss that still counts as not worse, in the metric's unit. Default: 0.005 for AUC, accuracy and other shares, 1 % of the baseline's value for losses and errors.", Minimum = 0)]
    public Input<double>? Margin { get; set; }

    [Input(Help = "How sure the interval must be.", Minimum = 0.5, Maximum = 0.999)]
    public Input<double> Confidence { get; set; } = 0.95;

    [Input(Help = "How often the rows are drawn again. More make the interval steadier.", Minimum = 100, Maximum = 100_000)]
    public Input<int> Resamples { get; set; } = 2000;

    [Input(Help = "The same seed draws the same rows on every machine.")]
    public Input<long> Seed { get; set; } = 1L;

    [Input(Help = "Rows with the same value here are drawn together: the customer, when a customer has several rows.", Hint = "column")]
    public Input<string>? GroupBy { get; set; }

    [Input(Help = "On fewer rows (or groups) nothing is decided: inconclusive.", Minimum = 1)]
    public Input<int> MinRows { get; set; } = 50;

    [Output(Help = "better, not-worse, worse, inconclusive, no-baseline or same-model.")]
    public Output<string> Outcome { get; } = new();

    [Output(Help = "The candidate's metric.")]
    public Output<double> CandidateScore { get; } = new();

    [Output(Help = "The baseline's metric; unset without a baseline.")]
    public Output<double?> BaselineScore { get; } = new();

    [Output(Help = "How much better the candidate is, in the metric's unit: positive is better, also for errors and losses. Unset without a baseline.")]
    public Output<double?> Difference { get; } = new();

    [Output(Help = "Lower end of the difference's interval.")]
    public Output<double?> Lower { get; } = new();

    [Output(Help = "Upper end of the difference's interval.")]
    public Output<double?> Upper { get; } = new();

    [Output(Help = "True when the outcome is better.")]
    public Output<bool> Better { get; } = new();

    [Output(Help = "True when the candidate may take the baseline's place: better, not-worse or no-baseline. False for the very same model.")]
    public Output<bool> NotWorse { get; } = new();

    [Output(Help = "One sentence for people: what happens and on what evidence.")]
    public Output<string> Reason { get; } = new();

    [Output(Help = "Everything that the outcome rests on, as JSON.")]
    public Output<ArtifactRef> Evidence { get; } = new();

    [Output(Help = "The same as a page for people, with a picture of the interval.")]
    public Output<ArtifactRef> Report { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var settings = CheckedSettings();
        var metric = MetricOf(Candidate.Value.Signature.Task);
        var candidate = new Contender(Candidate.Value, "the candidate");
        var baseline = Baseline is { } given ? new Contender(given.Value, NameOf(given.Value)) : null;
        if (baseline is not null && !AnswerTheSameQuestion(candidate.Model.Signature, baseline.Model.Signature))
        {
            throw EvaluationErrors.OtherQuestion(baseline.Name, candidate.Model.Signature, baseline.Model.Signature);
        }

        Contender[] contenders = baseline is null || baseline.Model.Artifact.Hash == candidate.Model.Artifact.Hash ? [candidate] : [candidate, baseline];
        var rows = await EvaluationRows.LoadAsync(
            context, Data.Value, [.. contenders.Select(c => (c.Name, c.Model.Signature))], GroupBy is { } group ? [("groupBy", group.Value)] : []);
        context.Progress(0.2, "predict");
        var scored = contenders.Select(contender => Score(context, contender, rows)).ToArray();
        CheckDefined(metric, scored[0]);
        context.Progress(0.4, $"{settings.Resamples} resamples");
        var units = GroupBy is { } by ? Units.Of(rows.Table, by.Value) : null;
        var result = new Comparer(metric, settings, rows, units, Data.Value, context.Cancellation).Compare(candidate, baseline, scored);
        await PublishAsync(context, result);
    }

    private ComparisonSettings CheckedSettings()
    {
        if (Margin is { Value: not >= 0 })
        {
            throw EvaluationErrors.BadSetting("margin", Numbers.Format(Margin.Value), "0 or more");
        }

        if (Confidence.Value is not (>= 0.5 and < 1))
        {
            throw EvaluationErrors.BadSetting("confidence", Numbers.Format(Confidence.Value), "a share from 0.5 to below 1, such as 0.95");
        }

        if (Resamples.Value is < 100 or > 100_000)
        {
            throw EvaluationErrors.BadSetting("resamples", Numbers.Count(Resamples.Value), "100 to 100,000");
        }

        return new ComparisonSettings
        {
            Margin = Margin?.Value,
            Confidence = Confidence.Value,
            Resamples = Resamples.Value,
            Seed = Seed.Value,
            MinRows = MinRows.Value,
            GroupBy = GroupBy?.Value,
        };
    }

    private MetricInfo MetricOf(ModelTask task) =>
        MetricInfo.Find(Metric.Value) is { } metric && metric.Task == task ? metric : throw EvaluationErrors.NoMetric(Metric.Value, task);

    private ScoredRows Score(ActivityContext context, Contender contender, EvaluationRows rows)
    {
        using var predictor = context.Port<IModelLoader>().Load(context.Artifacts.PathOf(contender.Model.Artifact), contender.Model);
        return Scoring.Score(predictor, contender.Name, rows, Candidate.Value.Signature.Classes);
    }

    private static void CheckDefined(MetricInfo metric, ScoredRows scored)
    {
        if (scored is ClassScores { HasOneClass: true } classes && metric.Name is "auc" or "prAuc")
        {
            throw EvaluationErrors.UndefinedMetric(metric, $"every row is \"{classes.Classes[classes.Labels[0]]}\"");
        }

        if (!double.IsFinite(scored.Prepare(metric).Evaluate()))
        {
            throw EvaluationErrors.UndefinedMetric(metric, metric.Name == "mape" ? "every label is 0" : "every label is the same");
        }
    }

    private async Task PublishAsync(ActivityContext context, ComparisonResult result)
    {
        context.Set(Outcome, OutcomeText(result));
        context.Set(CandidateScore, result.Candidate.Score);
        context.Set(Better, result.Outcome == ComparisonOutcome.Better);
        context.Set(NotWorse, Verdict.IsNotWorse(result.Outcome));
        context.Set(Reason, result.Reason);
        if (result is { Baseline: { } baseline, Difference: { } difference })
        {
            context.Set(BaselineScore, baseline.Score);
            context.Set(Difference, difference.Value);
            context.Set(Lower, difference.Lower);
            context.Set(Upper, difference.Upper);
        }

        var evidence = await context.Artifacts.AddTextAsync(JsonSerializer.Serialize(result, OrcJson.Indented), "comparison.json", "application/json", context.Cancellation);
        var report = await context.Artifacts.AddTextAsync(ComparisonReport.Render(result), "comparison.html", "text/html", context.Cancellation);
        context.Set(Evidence, evidence);
        context.Set(Report, report);
        Track(context, result, evidence, report);
        context.Progress(1, result.Reason);
        context.Log(result.Reason);
    }

    private void Track(ActivityContext context, ComparisonResult result, ArtifactRef evidence, ArtifactRef report)
    {
        var now = context.Time.GetUtcNow();
        context.Record(new TrackingRunFact { Experiment = context.Attempt.Pipeline, Name = "comparison", DatasetVersion = Data.Value.Version, Seed = Seed.Value });
        context.Record(new TagFact { Key = "comparison.outcome", Value = OutcomeText(result) });
        context.Record(new MetricFact { Key = $"candidate.{result.Metric}", Value = result.Candidate.Score, At = now });
        if (result.Baseline is { } baseline)
        {
            context.Record(new MetricFact { Key = $"baseline.{result.Metric}", Value = baseline.Score, At = now });
        }

        context.Record(new RunArtifactFact { Path = "comparison/evidence.json", Artifact = evidence });
        context.Record(new RunArtifactFact { Path = "comparison/report.html", Artifact = report });
    }

    private static string OutcomeText(ComparisonResult result) => JsonNamingPolicy.KebabCaseLower.ConvertName(result.Outcome.ToString());

    private static bool AnswerTheSameQuestion(ModelSignature candidate, ModelSignature baseline) =>
        candidate.Task == baseline.Task && candidate.Label == baseline.Label;

    private static string NameOf(ModelRef model) => model is { Name: { } name, Version: { } version } ? $"{name} v{version}" : "the baseline";
}

/// <param name="Model">The model.</param>
/// <param name="Name">What messages call it: <c>the candidate</c>, <c>churn v3</c>.</param>
internal sealed record Contender(ModelRef Model, string Name);
