using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
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

    /// <summary>The scripts among this file and those it names: steps are run from them.</summary>
    public IReadOnlyList<ScriptSource> Scripts { get; init; } = [];

    private bool IsScript => Scripts.Count > 0 && System.IO.Path.GetExtension(Path).Equals(".csx", StringComparison.OrdinalIgnoreCase);

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

        if (!PipelineFiles.IsPipeline(path))
        {
            throw new WrongRequestException("ORC5911", $"{file} ends in \"{System.IO.Path.GetExtension(path)}\", which no front end reads", help: "Pipelines are C# scripts (.csx) or JSON (.json).");
        }

        var environment = Families.Scripts(System.IO.Path.Combine(System.IO.Path.GetFullPath(globals.Home), "cache"), EngineSettings.Load(globals.Home), catalog);
        var result = await new PipelineFiles(environment, Shown).ReadAsync(path, cancellation);
        return new DefinitionFile { Path = path, Pipeline = result.Definition, Diagnostics = result.Diagnostics, Scripts = result.Scripts };
    }

    /// <summary>The definition in the form in which runs are pinned to it.</summary>
    public StoredDefinition ToStored(PipelineDefinition pipeline, DateTimeOffset now) => new()
    {
        Hash = DefinitionWriter.Hash(pipeline),
        Pipeline = pipeline.Name,
        Json = DefinitionWriter.ToJson(pipeline),
        SourceKind = IsScript ? "script" : "json",
        SourcePath = Path,
        ScriptArtifact = IsScript ? Scripts[0].Hash : null,
        CreatedAt = now,
    };

    /// <summary>The path as messages show it: short when the file is below the current folder.</summary>
    private static string Shown(string path) => System.IO.Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
}
