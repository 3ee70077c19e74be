using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;

namespace Orchestrator.Testing.Pipelines;

/// <summary>A pipeline as a test names it, read by the same front ends as the program's.</summary>
internal sealed record PipelineSource
{
    /// <summary>Compiling a script costs a second or two; the tests of one process share it.</summary>
    private static readonly ConcurrentDictionary<string, PipelineDefinition> Scripts = new(StringComparer.Ordinal);

    public string? Path { get; init; }

    public string? Json { get; init; }

    public PipelineDefinition? Definition { get; init; }

    /// <exception cref="PipelineTestException">The pipeline has errors.</exception>
    public async Task<PipelineDefinition> ReadAsync(ActivityCatalog catalog, IReadOnlyList<Assembly> assemblies, CancellationToken cancellation)
    {
        if (Definition is { } given)
        {
            return DefinitionReader.Load(DefinitionWriter.ToJson(given));
        }

        if (Json is { } json)
        {
            return Read(new SourceText("pipeline.json", json), catalog);
        }

        var path = System.IO.Path.GetFullPath(Path ?? "");
        if (!File.Exists(path))
        {
            throw new PipelineTestException($"there is no pipeline {path}");
        }

        return await ReadFileAsync(path, catalog, assemblies, cancellation);
    }

    private static PipelineDefinition Read(SourceText source, ActivityCatalog catalog)
    {
        var result = DefinitionReader.Read(source, catalog);
        return Require(result.Definition, result.Diagnostics);
    }

    private static async Task<PipelineDefinition> ReadFileAsync(string path, ActivityCatalog catalog, IReadOnlyList<Assembly> assemblies, CancellationToken cancellation)
    {
        var key = $"{path} {Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(path, cancellation)))} {string.Join(' ', assemblies.Select(assembly => assembly.FullName))}";
        // JSON is quick to read, and what it names may have changed; so may what a script names, but nobody edits pipelines while their tests run.
        var isScript = System.IO.Path.GetExtension(path) == ".csx";
        if (isScript && Scripts.TryGetValue(key, out var known))
        {
            return known;
        }

        var files = new PipelineFiles(new ScriptEnvironment { Catalog = catalog, Assemblies = [.. assemblies] }, file => file);
        var result = await files.ReadAsync(path, cancellation);
        var definition = Require(result.Definition, result.Diagnostics);
        if (isScript)
        {
            Scripts[key] = definition;
        }

        return definition;
    }

    private static PipelineDefinition Require(PipelineDefinition? definition, IReadOnlyList<Diagnostic> diagnostics) =>
        definition ?? throw new PipelineTestException($"the pipeline has errors:\n{DiagnosticRenderer.Render(diagnostics)}");
}
