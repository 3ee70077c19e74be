using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What one run may ask of the engine itself.</summary>
public sealed record EngineLimits
{
    /// <summary>The most items of a task's map. Default 1,000,000. Each is a row with a state of its own.</summary>
    public int MapItems { get; init; } = 1_000_000;

    public ExpressionLimits Expressions { get; init; } = ExpressionLimits.Default;
}
