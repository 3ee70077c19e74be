using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Sweeps;

/// <summary>What scripts write for <c>Space = […]</c> and <c>Search = …</c>.</summary>
[ScriptFunctions]
public static class SweepFunctions
{
    /// <summary>Any number from <paramref name="low"/> to <paramref name="high"/>, or every <paramref name="step"/>-th.</summary>
    public static SearchParameter Uniform(string name, double low, double high, double? step = null) =>
        new() { Kind = SearchKind.Uniform, Name = name, Low = low, High = high, Step = step };

    /// <summary>Any number from <paramref name="low"/> (above 0) to <paramref name="high"/>, each order of magnitude as likely.</summary>
    public static SearchParameter LogUniform(string name, double low, double high) => new() { Kind = SearchKind.LogUniform, Name = name, Low = low, High = high };

    /// <summary>A whole number, or every <paramref name="step"/>-th.</summary>
    public static SearchParameter Integer(string name, int low, int high, int? step = null) =>
        new() { Kind = SearchKind.Integer, Name = name, Low = low, High = high, Step = step };

    /// <summary>A whole number from <paramref name="low"/> (1 or more), each order of magnitude as likely.</summary>
    public static SearchParameter LogInteger(string name, int low, int high) => new() { Kind = SearchKind.LogInteger, Name = name, Low = low, High = high };

    /// <summary>One of the values: numbers, texts, booleans or any value that JSON can say.</summary>
    public static SearchParameter Choice(string name, params object[] values) =>
        new() { Kind = SearchKind.Choice, Name = name, Values = [.. values.Select(value => OrcJson.ToElement(value))] };

    /// <summary>Tree-structured Parzen estimator: learns from the trials so far which values are promising.</summary>
    public static SearchMethod Tpe(int trials, int? startup = null, int? candidates = null, bool? multivariate = null, bool? constantLiar = null) => new()
    {
        Kind = SearchMethodKind.Tpe,
        Trials = trials,
        Startup = startup,
        Candidates = candidates,
        Multivariate = multivariate,
        ConstantLiar = constantLiar,
    };

    /// <summary>Every trial drawn independently.</summary>
    public static SearchMethod RandomSearch(int trials) => new() { Kind = SearchMethodKind.Random, Trials = trials };
}
