using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Server.Pipelines;

/// <summary>A text that somebody wrote, as one of the front ends read it.</summary>
internal sealed record ReadPipeline
{
    /// <summary>Null when there are errors.</summary>
    public PipelineDefinition? Definition { get; init; }

    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>The scripts that its steps are run from, the one that was asked for first.</summary>
    public IReadOnlyList<ScriptSource> Scripts { get; init; } = [];

    public required bool IsScript { get; init; }

    public bool HasErrors => Definition is null;
}

/// <summary>Reads pipelines and registers them.</summary>
internal sealed class PipelineRegistrar(ServerParts parts) : IDisposable
{
    // The compiler is heavy, and scripts are code: one at a time.
    private readonly SemaphoreSlim scripts = new(1);

    public void Dispose() => scripts.Dispose();

    /// <summary>Reads a text that came without a folder around it: it can name no other files.</summary>
    public async Task<ReadPipeline> ReadAsync(SourceText text, bool isScript, CancellationToken cancellation)
    {
        if (!isScript)
        {
            var json = DefinitionReader.Read(text, parts.Activities, parts.Scripts.Limits);
            return new ReadPipeline { Definition = json.Definition, Diagnostics = json.Diagnostics, IsScript = false };
        }

        await scripts.WaitAsync(cancellation);
        try
        {
            var script = await new ScriptFrontEnd(parts.Scripts).EvaluateAsync(text, cancellation);
            return new ReadPipeline { Definition = script.Definition, Diagnostics = script.Diagnostics, Scripts = [script.Source], IsScript = true };
        }
        finally
        {
            scripts.Release();
        }
    }

    /// <summary>Reads a file with all that it names, and answers which files those were.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<(ReadPipeline Read, IReadOnlyCollection<string> Files)> ReadFileAsync(string path, Func<string, string> shown, CancellationToken cancellation)
    {
        await scripts.WaitAsync(cancellation);
        try
        {
            var files = new PipelineFiles(parts.Scripts, shown);
            var result = await files.ReadAsync(path, cancellation);
            var isScript = Path.GetExtension(path).Equals(".csx", StringComparison.OrdinalIgnoreCase);
            return (new ReadPipeline { Definition = result.Definition, Diagnostics = result.Diagnostics, Scripts = result.Scripts, IsScript = isScript }, files.Files);
        }
        finally
        {
            scripts.Release();
        }
    }

    /// <summary>Stores a definition with its scripts and makes it the current one of its pipeline.</summary>
    /// <param name="read">Without errors.</param>
    /// <param name="wish">All but the definition's hash and the time.</param>
    /// <param name="entry">For the audit log, without what was registered.</param>
    /// <param name="cancellation">Ends the waiting for the writer.</param>
    public async Task<PipelineResult> RegisterAsync(ReadPipeline read, PipelineRegistration wish, AuditEntry entry, CancellationToken cancellation)
    {
        var definition = read.Definition ?? throw new ArgumentException("a pipeline with errors cannot be registered", nameof(read));
        foreach (var script in read.Scripts)
        {
            await parts.Artifacts.AddTextAsync(script.Text, Path.GetFileName(script.Name.Trim('<', '>')), "text/x-csharp", cancellation);
        }

        var stored = new StoredDefinition
        {
            Hash = wish.Hash,
            Pipeline = definition.Name,
            Json = DefinitionWriter.ToJson(definition),
            SourceKind = read.IsScript ? "script" : wish.SourcePath is null ? "api" : "json",
            SourcePath = wish.SourcePath,
            ScriptArtifact = read.IsScript ? read.Scripts[0].Hash : null,
            CreatedAt = wish.Now,
        };
        await parts.Stores.Runs.AddDefinitionAsync(stored, cancellation);
        return await parts.Stores.Pipelines.RegisterAsync(
            wish,
            (session, now, token) => AuditLog.AppendAsync(
                session,
                entry with { Action = "pipeline.register", Target = $"pipeline {now.Name}", Project = now.Project, Details = OrcJson.ToElement(new { version = now.Version, definition = now.Hash, source = now.Source, path = now.SourcePath }) },
                token),
            cancellation);
    }
}
