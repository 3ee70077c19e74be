namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>What code that stands in a definition has in scope: <c>{ "uses": "csharp", "with": { "code": "ctx.Log(\"done\");" } }</c>.</summary>
public sealed class StepCodeScope
{
    internal StepCodeScope(StepContext context) => ctx = context;

    /// <summary>The step's context, under the name that steps in scripts give it.</summary>
#pragma warning disable IDE1006, CA1707 // It is a variable of the code, and variables are written small.
    public StepContext ctx { get; }
#pragma warning restore IDE1006, CA1707
}
