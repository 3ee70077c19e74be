using Orchestrator.Activities.CSharp;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;

namespace Orchestrator.Dsl.Tests.Scripting;

/// <summary>A folder with scripts and a cache, gone after the test.</summary>
internal sealed class ScriptLab : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("orc-scripts-");

    public ScriptLab()
    {
        Environment = new ScriptEnvironment
        {
            Catalog = Catalog,
            CacheDirectory = Path.Combine(root.FullName, "cache"),
            CompilerStarting = _ => Interlocked.Increment(ref compilations),
        };
    }

    private int compilations;

    /// <summary>A few activities of the tests' own, and the one that runs steps.</summary>
    public static ActivityCatalog Catalog { get; } = new(
        new[] { typeof(LoadRows), typeof(FitModel), typeof(SearchBest), typeof(CSharpStep) }.Select(ActivityDescriptor.Of));

    public ScriptEnvironment Environment { get; set; }

    /// <summary>How often the compiler was started.</summary>
    public int Compilations => compilations;

    public string CacheFolder => Path.Combine(root.FullName, "cache");

    public string Write(string text, string name = "pipeline.csx")
    {
        var path = Path.Combine(root.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public Task<ScriptResult> EvaluateAsync(string text) => new ScriptFrontEnd(Environment).EvaluateAsync(Write(text), CancellationToken.None);

    /// <summary>The one finding of a script, as code and place and the text it points at.</summary>
    public async Task<Diagnostic> SingleFindingAsync(string text)
    {
        var result = await EvaluateAsync(text);
        Assert.That(result.Diagnostics, Has.Length.EqualTo(1), DiagnosticRenderer.Render(result.Diagnostics));
        return result.Diagnostics[0];
    }

    public void Dispose()
    {
        try
        {
            root.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The folder is temporary all the same.
        }
    }
}
