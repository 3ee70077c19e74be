namespace Orchestrator.Core.Activities;

/// <summary>Marks a static class whose functions C# scripts call by bare name: <c>Column("churn").NotNull()</c>, <c>LightGbm()</c>, <c>Tpe(trials: 40)</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScriptFunctionsAttribute : Attribute;

/// <summary>Runs the steps that a script wrote in place. A port of the process lane, implemented where the compiler is.</summary>
public interface IScriptSteps
{
    /// <summary>Evaluates the script again and runs one of its steps. What the step sets are its outputs.</summary>
    /// <param name="scriptPath">The script's bytes, as the definition was registered with them.</param>
    /// <param name="step">The step's name in the script.</param>
    /// <param name="inputs">The values of the outputs and parameters that the step reads, by the reference's text (<c>tasks.sweep.best</c>).</param>
    /// <exception cref="ActivityException">The script no longer compiles here, has no such step, or the step threw.</exception>
    Task RunAsync(string scriptPath, string step, IReadOnlyDictionary<string, System.Text.Json.JsonElement> inputs, ActivityContext context);

    /// <summary>Compiles and runs a body of code that stands in the definition itself, with <c>ctx</c> in scope.</summary>
    Task RunCodeAsync(string code, IReadOnlyDictionary<string, System.Text.Json.JsonElement> inputs, ActivityContext context);
}
