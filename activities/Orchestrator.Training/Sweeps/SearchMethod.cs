using Orchestrator.Core.Activities;

namespace Orchestrator.Training.Sweeps;

/// <summary>How a sweep picks its trials: <c>{ "kind": "tpe", "trials": 40 }</c>.</summary>
public sealed record SearchMethod : ICheckedValue
{
    public required SearchMethodKind Kind { get; init; }

    /// <summary>How many trials, 1 to 10,000.</summary>
    public required int Trials { get; init; }

    /// <summary>TPE: random trials before it learns from them. Default 10.</summary>
    public int? Startup { get; init; }

    /// <summary>TPE: candidates drawn for each trial, of which the most promising is tried. Default 24.</summary>
    public int? Candidates { get; init; }

    /// <summary>TPE: model the parameters together (default) or each for itself.</summary>
    public bool? Multivariate { get; init; }

    /// <summary>TPE: count trials under way as bad ones, so that parallel trials spread. Default true.</summary>
    public bool? ConstantLiar { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check()
    {
        if (Trials is < 1 or > 10_000)
        {
            yield return new ValueProblem("trials", $"a sweep has 1 to 10000 trials, not {Trials}");
        }

        if (Kind == SearchMethodKind.Random && (Startup ?? Candidates) is not null | (Multivariate ?? ConstantLiar) is not null)
        {
            yield return new ValueProblem("kind", "random search has no startup, candidates, multivariate or constantLiar", "Remove them, or use the kind \"tpe\".");
        }

        if (Startup is < 0)
        {
            yield return new ValueProblem("startup", "startup is 0 or more trials");
        }

        if (Candidates is < 1 or > 10_000)
        {
            yield return new ValueProblem("candidates", "candidates goes from 1 to 10000");
        }
    }
}

/// <summary>The search methods.</summary>
public enum SearchMethodKind
{
    Unknown = 0,

    /// <summary>Tree-structured Parzen estimator (Bergstra 2011).</summary>
    Tpe,

    /// <summary>Every trial drawn independently.</summary>
    Random,
}

/// <summary>Which way a metric is better.</summary>
public enum MetricDirection
{
    Unknown = 0,
    Maximize,
    Minimize,
}
