using System.Text.Json.Serialization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>How traffic moves from one model version to the next.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AllAtOnceStrategy), "all-at-once")]
public abstract record RolloutStrategy
{
    private protected RolloutStrategy()
    {
    }
}

/// <summary>Every request after the deployment is answered by the new version.</summary>
public sealed record AllAtOnceStrategy : RolloutStrategy;

/// <summary>How scripts write strategies.</summary>
[ScriptFunctions]
public static class RolloutStrategies
{
    /// <summary>Every request after the deployment is answered by the new version. The default.</summary>
    public static RolloutStrategy AllAtOnce() => new AllAtOnceStrategy();
}
