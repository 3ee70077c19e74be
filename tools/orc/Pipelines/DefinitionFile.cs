using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Runtime.Settings;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Cli.Pipelines;

/// <summary>A pipeline's file, read by the front end that its ending names.</summary>
internal sealed record DefinitionFile
{
    public required string Path { get; init; }

    /// <summary>Null when there are errors.</summary>
    public PipelineDefinition? Pipeline { get; init; }

    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    public ScriptSource? Script { get; init; }

    public string BaseDirectory => System.IO.Path.GetDirectoryName(Path) ?? "/";

    /// <exception cref="WrongRequestException">There is no such file, or nobody reads files with its ending.</exception>
    public static async Task<DefinitionFile> ReadAsync(Globals globals, string file, ActivityCatalog catalog, CancellationToken cancellation)
    {
        var path = System.IO.Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            throw new WrongRequestException(
                "ORC5910",
                Directory.Exists(path) ? $"{file} is a folder and not a pipeline" : $"there is no file {file}",
                help: "Give a pipeline as a C# script (.csx) or as JSON (.json). `orc init TABLE` writes a first one.");
        }

        return System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" or ".jsonc" => await ReadJsonAsync(globals, path, catalog, cancellation),
            ".csx" => await ReadScriptAsync(globals, path, catalog, cancellation),
            var other => throw new WrongRequestException("ORC5911", $"{file} ends in \"{other}\", which no front end reads", help: "Pipelines are C# scripts (.csx) or JSON (.json)."),
        };
    }

    /// <summary>The definition in the form in which runs are pinned to it.</summary>
    public StoredDefinition ToStored(PipelineDefinition pipeline, DateTimeOffset now, ArtifactRef? script) => new()
    {
        Hash = DefinitionWriter.Hash(pipeline),
        Pipeline = pipeline.Name,
        Json = DefinitionWriter.ToJson(pipeline),
        SourceKind = Script is null ? "json" : "script",
        SourcePath = Path,
        ScriptArtifact = script?.Hash,
        CreatedAt = now,
    };

    private static async Task<DefinitionFile> ReadJsonAsync(Globals globals, string path, ActivityCatalog catalog, CancellationToken cancellation)
    {
        var limits = EngineSettings.Load(globals.Home).Reading;
        if (DefinitionReader.RefuseSize(Shown(path), new FileInfo(path).Length, limits) is { } tooLarge)
        {
            return new DefinitionFile { Path = path, Diagnostics = [tooLarge] };
        }

        var source = SourceText.FromBytes(Shown(path), await File.ReadAllBytesAsync(path, cancellation));
        var result = DefinitionReader.Read(source, catalog, limits);
        return new DefinitionFile { Path = path, Pipeline = result.Definition, Diagnostics = result.Diagnostics };
    }

    private static async Task<DefinitionFile> ReadScriptAsync(Globals globals, string path, ActivityCatalog catalog, CancellationToken cancellation)
    {
        var environment = Families.Scripts(System.IO.Path.Combine(System.IO.Path.GetFullPath(globals.Home), "cache"), EngineSettings.Load(globals.Home), catalog);
        var result = await ScriptFrontEnd.EvaluateAsync(Shown(path), environment, cancellation);
        return new DefinitionFile { Path = path, Pipeline = result.Definition, Diagnostics = result.Diagnostics, Script = result.Source };
    }

    /// <summary>The path as messages show it: short when the file is below the current folder.</summary>
    private static string Shown(string path) => System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
