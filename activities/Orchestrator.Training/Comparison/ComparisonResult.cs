using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>A comparison as evidence: everything that the outcome rests on and what it takes to compute it again. Written as JSON.</summary>
internal sealed record ComparisonResult
{
    public required ComparisonOutcome Outcome { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Reason { get; init; }

    public required string Metric { get; init; }

    public required bool HigherIsBetter { get; init; }

    public required ComparedModel Candidate { get; init; }

    /// <summary>Null: there is no baseline.</summary>
    public ComparedModel? Baseline { get; init; }

    /// <summary>Positive is better for the candidate, whichever direction the metric has. Null without a baseline.</summary>
    public ComparedDifference? Difference { get; init; }

    /// <summary>Mistakes counted against each other, for classification. Null otherwise.</summary>
    public ComparedMistakes? Mistakes { get; init; }

    public required ComparedData Data { get; init; }

    public required ComparisonSettings Settings { get; init; }
}

internal sealed record ComparedModel
{
    /// <summary><c>churn v3</c>, or the role when the model is not registered.</summary>
    public required string Name { get; init; }

    /// <summary>The hash of its file.</summary>
    public required string Artifact { get; init; }

    public string? TrackingRun { get; init; }

    /// <summary>The metric.</summary>
    public required double Score { get; init; }

    public double? Lower { get; init; }

    public double? Upper { get; init; }
}

internal sealed record ComparedDifference
{
    public required double Value { get; init; }

    public double? Lower { get; init; }

    public double? Upper { get; init; }

    public double? StandardError { get; init; }

    public required IntervalMethod Method { get; init; }

    /// <summary>The share of resamples without a value, which are left out.</summary>
    public required double UndefinedResamples { get; init; }

    /// <summary>The smallest true difference that rows like these would show with a probability of 80 %.</summary>
    public double? Detectable { get; init; }
}

internal sealed record ComparedMistakes
{
    public required int OnlyCandidateRight { get; init; }

    public required int OnlyBaselineRight { get; init; }

    /// <summary>McNemar's, exact with fewer than 25 of these rows.</summary>
    public required double P { get; init; }
}

internal sealed record ComparedData
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public string? Part { get; init; }

    public required int Rows { get; init; }

    /// <summary>Rows left out: no label, or a class that the candidate does not know.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Groups that were drawn whole; null: rows were drawn.</summary>
    public int? Groups { get; init; }
}

internal sealed record ComparisonSettings
{
    /// <summary>The margin that was used; null: none was given and there was no baseline to derive it from.</summary>
    public double? Margin { get; init; }

    public required double Confidence { get; init; }

    public required int Resamples { get; init; }

    public required long Seed { get; init; }

    public required int MinRows { get; init; }

    public string? GroupBy { get; init; }
}
