using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Activities;

namespace Orchestrator.Training.Sweeps;

/// <summary>
/// One dimension of a search space: <c>{ "kind": "log-uniform", "name": "learningRate", "low": 0.01, "high": 0.3 }</c>. The name is a hyper-parameter of
/// the template's trainer, or an input of the template itself (<c>classWeights</c>, <c>trainer</c>).
/// </summary>
public sealed record SearchParameter : ICheckedValue
{
    public required SearchKind Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Lowest value, inclusive. Not for <see cref="SearchKind.Choice"/>.</summary>
    public double? Low { get; init; }

    /// <summary>Highest value, inclusive. Not for <see cref="SearchKind.Choice"/>.</summary>
    public double? High { get; init; }

    /// <summary>Distance between legal values, counted from <see cref="Low"/>. Default: any number, or 1 for integers. Not with logarithms or choices.</summary>
    public double? Step { get; init; }

    /// <summary>The legal values of a <see cref="SearchKind.Choice"/>.</summary>
    public IReadOnlyList<JsonElement>? Values { get; init; }

    internal bool IsLog => Kind is SearchKind.LogUniform or SearchKind.LogInteger;

    internal bool IsInteger => Kind is SearchKind.Integer or SearchKind.LogInteger;

    /// <inheritdoc/>
    public IEnumerable<ValueProblem> Check()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return new ValueProblem("name", "a search parameter needs a name", "It is the hyper-parameter that the sweep should try values of.");
        }

        foreach (var problem in Kind == SearchKind.Choice ? CheckChoice() : CheckRange())
        {
            yield return problem;
        }
    }

    private IEnumerable<ValueProblem> CheckChoice()
    {
        if (Values is not { Count: > 0 })
        {
            yield return new ValueProblem("values", $"choice \"{Name}\" has no values", "List at least two values to choose from.");
        }

        if (Low is not null || High is not null || Step is not null)
        {
            yield return new ValueProblem("", $"choice \"{Name}\" has a range as well as values", "Remove low, high and step, or take another kind.");
        }
    }

    private IEnumerable<ValueProblem> CheckRange()
    {
        if (Values is not null)
        {
            yield return new ValueProblem("values", $"\"{Name}\" lists values, which only a choice does", "Use the kind \"choice\", or low and high.");
        }

        if (Low is not { } low || High is not { } high || !double.IsFinite(low) || !double.IsFinite(high))
        {
            yield return new ValueProblem("", $"\"{Name}\" needs low and high, both finite");
            yield break;
        }

        if (low > high)
        {
            yield return new ValueProblem("low", string.Create(CultureInfo.InvariantCulture, $"the range of \"{Name}\" is the wrong way round: low {low} is above high {high}"), "Swap them.");
        }

        if (IsLog && low <= 0)
        {
            yield return new ValueProblem("low", string.Create(CultureInfo.InvariantCulture, $"\"{Name}\" is searched on a logarithmic scale from {low}, and there is no logarithm of it"), "Start above 0, or search on a plain scale.");
        }

        if (IsInteger && (low != Math.Floor(low) || high != Math.Floor(high) || Step is { } whole && whole != Math.Floor(whole)))
        {
            yield return new ValueProblem("", $"\"{Name}\" is an integer and its low, high or step is not");
        }

        if (Step is { } step && (IsLog || !(step > 0) || step > high - low && high > low))
        {
            yield return new ValueProblem("step", $"the step of \"{Name}\" is above 0, no larger than the range, and not for logarithmic scales");
        }
    }
}

/// <summary>How the values of a <see cref="SearchParameter"/> lie.</summary>
public enum SearchKind
{
    Unknown = 0,

    /// <summary>Any number of a range, each as likely.</summary>
    Uniform,

    /// <summary>Any number of a range above 0; each order of magnitude as likely.</summary>
    LogUniform,

    /// <summary>A whole number of a range.</summary>
    Integer,

    /// <summary>A whole number of a range from 1 up; each order of magnitude as likely.</summary>
    LogInteger,

    /// <summary>One of a list.</summary>
    Choice,
}
