using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>A compiled script in memory. Its code goes when it is disposed and nothing of the script's own types is referred to any more.</summary>
internal sealed class LoadedScript : IDisposable
{
    private readonly AssemblyLoadContext context = new("script", isCollectible: true);
    private readonly Assembly assembly;
    private readonly Func<object?[], Task<object?>> factory;

    /// <exception cref="BadImageFormatException">The bytes are no assembly of a script.</exception>
    public LoadedScript(CompiledScript script)
    {
        assembly = context.LoadFromStream(new MemoryStream(script.Assembly, writable: false), new MemoryStream(script.Symbols, writable: false));
        var entry = assembly.GetType(CompiledScript.ClassName)?.GetMethod(CompiledScript.FactoryName, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new BadImageFormatException("The assembly has no script in it.");
        factory = entry.CreateDelegate<Func<object?[], Task<object?>>>();
    }

    /// <summary>Runs the script.</summary>
    /// <param name="inScope">What it calls by bare name.</param>
    /// <param name="started">Told the object whose fields are the script's variables.</param>
    public async Task<object?> RunAsync(object inScope, Action<object?> started)
    {
        // The script puts itself into the second place when it starts.
        object?[] submissions = [inScope, null];
        try
        {
            return await factory(submissions);
        }
        finally
        {
            started(submissions[1]);
        }
    }

    /// <summary>Where in the script an exception comes from: the innermost of its lines on the way.</summary>
    public (int Line, int Column)? PlaceOf(Exception exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            foreach (var frame in new StackTrace(at, fNeedFileInfo: true).GetFrames())
            {
                if (frame.GetMethod()?.Module.Assembly == assembly && frame.GetFileLineNumber() is > 0 and var line)
                {
                    return (line, frame.GetFileColumnNumber());
                }
            }
        }

        return null;
    }

    public SourceSpan? SpanOf(Exception exception, SourceText source) =>
        PlaceOf(exception) is { } place ? ScriptSpans.Line(source, place.Line, place.Column) : null;

    public void Dispose() => context.Unload();
}
