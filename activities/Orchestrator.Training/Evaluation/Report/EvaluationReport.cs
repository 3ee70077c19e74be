using Orchestrator.Assets.Models;
using Orchestrator.Training.Evaluation.Metrics;
using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>An evaluation as a page for people. The same evaluation gives the same bytes.</summary>
internal static class EvaluationReport
{
    public static string Render(EvaluationSubject subject, EvaluationResult evaluation)
    {
        var model = subject.Model is { Name: { } name, Version: { } version } ? $"{name} v{version}" : "the model";
        var title = $"How well {model} predicts {subject.Model.Signature.Label}";
        return Page.Document(title, Lead(subject, evaluation),
        [
            .. Notes(evaluation),
            Page.Tiles(Tiles(evaluation)),
            .. evaluation.Scored switch
            {
                ClassScores { IsBinary: true } binary => BinarySections.Render(binary),
                ClassScores classes => ManyClassesSections.Render(classes),
                ValueScores values => RegressionSections.Render(values, subject.Model.Signature.Label),
                _ => throw new ArgumentOutOfRangeException(nameof(evaluation), evaluation.Scored.GetType().Name, "not a kind of scored rows"),
            },
            .. evaluation.Slices.Select(SliceSection.Render),
            .. evaluation.Importance is { } importance ? [ImportanceSection.Render(importance)] : Array.Empty<string>(),
        ]);
    }

    private static string Lead(EvaluationSubject subject, EvaluationResult evaluation)
    {
        var task = evaluation.Scored switch
        {
            ClassScores { IsBinary: true } binary => $"The positive class is <strong>{Page.Text(binary.Classes[1])}</strong>, called from a probability of {Page.Text(Numbers.Format(binary.Threshold))} up.",
            ClassScores classes => $"{classes.Classes.Count} classes; the most probable one is called.",
            _ => "Errors are in the label's own unit.",
        };
        return $"Measured on {Page.Text(EvaluationErrors.Describe(subject.Data))}, "
            + $"data version <code>{Page.Text(Short(subject.Data.Version))}</code>, model <code>{Page.Text(Short(subject.Model.Artifact.Hash))}</code>. {task}";
    }

    private static IEnumerable<string> Notes(EvaluationResult evaluation)
    {
        if (evaluation.WithoutLabel > 0)
        {
            yield return Page.Note($"Left out: {Numbers.Rows(evaluation.WithoutLabel)} without a label.");
        }

        if (evaluation.UnknownLabel > 0)
        {
            yield return Page.Note($"Left out: {Numbers.Rows(evaluation.UnknownLabel)} of a class that the model does not know ({Page.Text(string.Join(", ", evaluation.UnknownClasses))}).");
        }

        if (evaluation.Scored is ClassScores { HasOneClass: true } one)
        {
            yield return Page.Note($"Every row is <strong>{Page.Text(one.Classes[one.Labels[0]])}</strong>: with one class there is nothing to rank, so there is no AUC and no curve.");
        }
    }

    private static IEnumerable<(string Name, string Value, string? Note)> Tiles(EvaluationResult evaluation) =>
        evaluation.Metrics.Select(measured => (
            char.ToUpperInvariant(measured.Metric.Title[0]) + measured.Metric.Title[1..],
            measured.Metric.Format(measured.Value),
            measured.Metric == evaluation.Headline.Metric ? RangeOf(evaluation.Headline) : null));

    /// <summary><c>95 %: 0.9012 – 0.9533</c>, or null when there is no interval.</summary>
    internal static string? RangeOf(HeadlineInterval headline) => headline.Interval.Method == IntervalMethod.None
        ? null
        : $"{headline.Metric.Format(headline.Interval.Lower)} – {headline.Metric.Format(headline.Interval.Upper)}";

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
