using System.Text.Json;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Tests.Catalog;

namespace Orchestrator.Dsl.Tests.Baselines;

/// <summary>
/// A folder with a broken <c>pipeline.json</c>, its <c>repaired.json</c>, and <c>annotated.txt</c>: the broken file with the findings written under the lines.
/// <c>limits.json</c> lowers limits; <c>params.txt</c> has values that a run of the pipeline is started with, a line each.
/// </summary>
internal sealed record BaselineCase(string Folder)
{
    public string Name => Path.GetFileName(Folder);

    /// <summary>The code that the case is about, when its name starts with one.</summary>
    public string? Code => Name.StartsWith("ORC", StringComparison.Ordinal) ? Name[..7] : null;

    public string Broken => Path.Combine(Folder, "pipeline.json");

    public string Repaired => Path.Combine(Folder, "repaired.json");

    public string Annotated => Path.Combine(Folder, "annotated.txt");

    public static IEnumerable<BaselineCase> All() => Directory.GetDirectories(RepositoryFiles.Baselines)
        .Where(folder => File.Exists(Path.Combine(folder, "pipeline.json")))
        .Order(StringComparer.Ordinal)
        .Select(folder => new BaselineCase(folder));

    /// <summary>The findings in a file of the case.</summary>
    public IReadOnlyList<Diagnostic> Find(string file)
    {
        var source = SourceText.FromBytes(Path.GetFileName(file), File.ReadAllBytes(file));
        var result = Read(source, file);
        Assert.That(result.Definition is null, Is.EqualTo(result.HasErrors), "a definition exactly when there is no error");
        return result.Definition is { } definition && Path.GetFileNameWithoutExtension(file) == "pipeline" && Arguments() is { } arguments
            ? [.. result.Diagnostics, .. ParameterBinder.Bind(definition, arguments).Diagnostics]
            : result.Diagnostics;
    }

    /// <summary>Cases about several files have them in their folder.</summary>
    private DefinitionResult Read(SourceText source, string file)
    {
        if (!Directory.Exists(Path.Combine(Folder, "more")))
        {
            return DefinitionReader.Read(source, TestActivities.Catalog, Limits());
        }

        var files = new PipelineFiles(new Dsl.Scripting.ScriptEnvironment { Catalog = TestActivities.Catalog, Limits = Limits() }, path => Path.GetRelativePath(Folder, path));
        var read = files.ReadAsync(Path.GetFullPath(file), CancellationToken.None).GetAwaiter().GetResult();
        return new DefinitionResult { Definition = read.Definition, Diagnostics = read.Diagnostics };
    }

    public override string ToString() => Name;

    private ReadOptions Limits() => File.Exists(Path.Combine(Folder, "limits.json"))
        ? JsonSerializer.Deserialize<ReadOptions>(File.ReadAllText(Path.Combine(Folder, "limits.json")))!
        : ReadOptions.Default;

    private Dictionary<string, string>? Arguments() => File.Exists(Path.Combine(Folder, "params.txt"))
        ? File.ReadAllLines(Path.Combine(Folder, "params.txt")).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1])
        : null;
}
