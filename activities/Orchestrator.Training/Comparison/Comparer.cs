using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Training.Evaluation;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>Turns scored rows into an outcome with its evidence.</summary>
/// <param name="metric">What is compared.</param>
/// <param name="settings">As the pipeline wrote them.</param>
/// <param name="rows">The rows.</param>
/// <param name="units">For each row the group it is drawn with; null: rows are drawn.</param>
/// <param name="data">Where the rows are from.</param>
/// <param name="cancellation">Stops between resamples.</param>
internal sealed class Comparer(MetricInfo metric, ComparisonSettings settings, EvaluationRows rows, int[]? units, DatasetRef data, CancellationToken cancellation)
{
    private int Count => rows.Table.RowCount;

    private int UnitCount => units is null ? Count : units.Max() + 1;

    private BootstrapOptions Options => new() { Resamples = settings.Resamples, Seed = settings.Seed, Units = units, Cancellation = cancellation };

    /// <param name="candidate">The new model.</param>
    /// <param name="baseline">The model in use; null: none.</param>
    /// <param name="scored">The candidate's rows, then the baseline's when it is another file.</param>
    public ComparisonResult Compare(Contender candidate, Contender? baseline, IReadOnlyList<ScoredRows> scored)
    {
        if (baseline is null)
        {
            var alone = PairedComparison.Alone(metric, scored[0], settings.Confidence, Options);
            return Result(ComparisonOutcome.NoBaseline, Sentences.NoBaseline(metric, alone, Count, settings.Confidence), Of(candidate, alone), settings.Margin);
        }

        var other = scored.Count > 1 ? scored[1] : scored[0];
        var compared = PairedComparison.Of(metric, scored[0], other, settings.Confidence, Options);
        var margin = settings.Margin ?? metric.UsualMargin(compared.Baseline.Value);
        var (outcome, reason) = Decide(candidate, baseline, scored, compared, margin);
        return Result(outcome, reason, Of(candidate, compared.Candidate), margin) with
        {
            Baseline = Of(baseline, compared.Baseline),
            Difference = Of(compared),
            Mistakes = Mistakes(scored[0], other),
        };
    }

    private (ComparisonOutcome Outcome, string Reason) Decide(
        Contender candidate, Contender baseline, IReadOnlyList<ScoredRows> scored, PairedComparison compared, double margin)
    {
        if (scored.Count == 1)
        {
            return (ComparisonOutcome.SameModel, Sentences.SameFile(baseline.Name, candidate.Model.Artifact.Hash, metric, compared.Candidate.Value));
        }

        if (HaveSameFeatures(candidate.Model, baseline.Model) && AnswerTheSame(scored[0], scored[1]))
        {
            return (ComparisonOutcome.SameModel, Sentences.SameAnswers(baseline.Name, Count, metric, compared.Candidate.Value));
        }

        var interval = compared.Difference.Interval;
        var doubt = Verdict.Doubt(UnitCount, settings.MinRows, units is null ? "rows" : "groups", interval.UndefinedShare);
        var outcome = doubt is null ? Verdict.Decide(interval.Lower, interval.Upper, margin) : ComparisonOutcome.Inconclusive;
        return (outcome, Sentences.Compared(outcome, baseline.Name, metric, compared, margin, settings.Confidence, doubt ?? Blindness(outcome, compared)));
    }

    /// <summary>What an inconclusive comparison could not have seen, so that nobody waits for a difference that these rows cannot show.</summary>
    private string? Blindness(ComparisonOutcome outcome, PairedComparison compared) => outcome == ComparisonOutcome.Inconclusive && double.IsFinite(compared.Detectable)
        ? $"with {Numbers.Count(Count)} rows a difference below {metric.Format(compared.Detectable)} is seldom seen"
        : null;

    private ComparisonResult Result(ComparisonOutcome outcome, string reason, ComparedModel candidate, double? margin) => new()
    {
        Outcome = outcome,
        Reason = reason,
        Metric = metric.Name,
        HigherIsBetter = metric.HigherIsBetter,
        Candidate = candidate,
        Data = new ComparedData { Name = data.Name, Version = data.Version, Part = data.Part, Rows = Count, LeftOut = rows.LeftOut, Groups = units is null ? null : UnitCount },
        Settings = settings with { Margin = margin },
    };

    private static ComparedModel Of(Contender contender, MeasuredScore score) => new()
    {
        Name = contender.Name,
        Artifact = contender.Model.Artifact.Hash,
        TrackingRun = contender.Model.TrackingRun,
        Score = score.Value,
        Lower = Finite(score.Interval.Lower),
        Upper = Finite(score.Interval.Upper),
    };

    private static ComparedDifference Of(PairedComparison compared)
    {
        var interval = compared.Difference.Interval;
        return new ComparedDifference
        {
            Value = compared.Difference.Value,
            Lower = Finite(interval.Lower),
            Upper = Finite(interval.Upper),
            StandardError = Finite(interval.StandardError),
            Method = interval.Method,
            UndefinedResamples = interval.UndefinedShare,
            Detectable = Finite(compared.Detectable),
        };
    }

    private static ComparedMistakes? Mistakes(ScoredRows candidate, ScoredRows baseline)
    {
        if (candidate is not ClassScores first || baseline is not ClassScores second)
        {
            return null;
        }

        var test = McNemar.Of(first.Labels, first.Predicted, second.Predicted);
        return new ComparedMistakes { OnlyCandidateRight = test.OnlyCandidateRight, OnlyBaselineRight = test.OnlyBaselineRight, P = test.P };
    }

    private static bool HaveSameFeatures(ModelRef first, ModelRef second) =>
        first.Signature.Features.Select(feature => feature.Name).Order(StringComparer.Ordinal)
            .SequenceEqual(second.Signature.Features.Select(feature => feature.Name).Order(StringComparer.Ordinal));

    private static bool AnswerTheSame(ScoredRows first, ScoredRows second) => (first, second) switch
    {
        (ClassScores a, ClassScores b) => a.Probabilities.Zip(b.Probabilities).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)),
        (ValueScores a, ValueScores b) => a.Predicted.AsSpan().SequenceEqual(b.Predicted),
        _ => false,
    };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
