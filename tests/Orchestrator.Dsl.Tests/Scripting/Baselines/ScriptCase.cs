using System.Text.RegularExpressions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Dsl.Tests.Baselines;

namespace Orchestrator.Dsl.Tests.Scripting.Baselines;

/// <summary>
/// A folder with a broken <c>pipeline.csx</c>, its <c>repaired.csx</c> when it stands for a code, and <c>annotated.txt</c>: the broken script with the findings
/// written under the lines. <c>limits.json</c> lowers limits.
/// </summary>
internal sealed partial record ScriptCase(string Folder)
{
    public string Name => Path.GetFileName(Folder);

    /// <summary>The code that the case stands for, when its name starts with one.</summary>
    public string? Code => Name.StartsWith("ORC", StringComparison.Ordinal) ? Name[..7] : null;

    public string Broken => Path.Combine(Folder, "pipeline.csx");

    public string Repaired => Path.Combine(Folder, "repaired.csx");

    public string Annotated => Path.Combine(Folder, "annotated.txt");

    public bool HasLimits => File.Exists(Path.Combine(Folder, "limits.json"));

    public static IEnumerable<ScriptCase> All() =>
        Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "tests", "Orchestrator.Dsl.Tests", "Scripting", "Baselines"))
            .Order(StringComparer.Ordinal)
            .Select(folder => new ScriptCase(folder));

    public static SourceText Read(string file) => SourceText.FromBytes(Path.GetFileName(file), File.ReadAllBytes(file));

    /// <summary>The findings in a script of the case.</summary>
    public async Task<IReadOnlyList<Diagnostic>> FindAsync(string file)
    {
        var limits = HasLimits ? OrcJson.FromElement<Limits>(System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "limits.json"))).RootElement) : new Limits();
        var usual = new ScriptEnvironment { Catalog = ScriptLab.Catalog };
        var environment = usual with { TimeLimit = limits.TimeLimit ?? usual.TimeLimit, MaxCharacters = limits.MaxCharacters ?? usual.MaxCharacters, MaxMemoryBytes = limits.MaxMemoryBytes ?? usual.MaxMemoryBytes };
        var result = await new ScriptFrontEnd(environment).EvaluateAsync(Read(file), CancellationToken.None);
        Assert.That(result.Definition is null, Is.EqualTo(result.HasErrors), "a definition exactly when there is no error");
        return [.. result.Diagnostics.Select(finding => finding with { Message = Values().Replace(finding.Message, "was …, then …") })];
    }

    public override string ToString() => Name;

    /// <summary>What a script that is not deterministic wrote is different in each run of the test, too.</summary>
    [GeneratedRegex("was .+, then .+$")]
    private static partial Regex Values();

    private sealed record Limits
    {
        public TimeSpan? TimeLimit { get; init; }

        public int? MaxCharacters { get; init; }

        public long? MaxMemoryBytes { get; init; }
    }
}
