namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>A script as code that can be loaded.</summary>
/// <param name="Assembly">The assembly's bytes.</param>
/// <param name="Symbols">The bytes of its portable PDB, for the lines in stack traces.</param>
/// <param name="Map">What the compiler saw.</param>
internal sealed record CompiledScript(byte[] Assembly, byte[] Symbols, ScriptMap Map)
{
    /// <summary>The class that the compiler makes of a script.</summary>
    public const string ClassName = "Script";

    /// <summary>The compiler's entry to that class: takes the things in scope, runs the script, answers what it returns.</summary>
    public const string FactoryName = "<Factory>";
}
