using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Remote;
using Orchestrator.Cli.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Scheduling;
using Orchestrator.Server.Access;
using Orchestrator.Server.Pipelines;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Cli.Pipelines;

/// <summary>Registered pipelines, in a home on this machine or behind a server.</summary>
internal interface IPipelines : IAsyncDisposable
{
    /// <summary>Through the server that was named or that serves the home; else on the home itself.</summary>
    static async Task<IPipelines> OpenAsync(Globals globals, CancellationToken cancellation) => await Servers.FindAsync(globals, cancellation) is { } server
        ? new ServerPipelines(server)
        : new HomePipelines(globals, await OrcSession.OpenAsync(globals, cancellation));

    Task<IReadOnlyList<PipelineDocument>> ListAsync(CancellationToken cancellation);

    /// <summary>With its definition.</summary>
    Task<PipelineDocument> ShowAsync(string name, CancellationToken cancellation);

    Task<IReadOnlyList<VersionDocument>> ListVersionsAsync(string name, CancellationToken cancellation);

    /// <param name="file">Without errors.</param>
    /// <param name="project">Null: the one that it has, or the default one.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The pipeline, and whether anything was changed.</returns>
    Task<(PipelineDocument Pipeline, bool Changed)> RegisterAsync(DefinitionFile file, string? project, CancellationToken cancellation);

    Task<PipelineDocument> ChangeAsync(string name, PipelineAction action, string? reason, CancellationToken cancellation);
}

/// <summary>The pipelines of a home on this machine.</summary>
internal sealed class HomePipelines(Globals globals, OrcSession session) : IPipelines
{
    private const int Most = 1000;

    /// <summary>Whoever may open a home may see all that is in it.</summary>
    private static readonly Caller Owner = new() { Name = Environment.UserName, Via = CallerKinds.Local, Roles = [new RoleGrant { Project = RoleGrant.EveryProject, Role = "admin" }] };

    private IPipelineStore Store => session.Stores.Pipelines;

    public async Task<IReadOnlyList<PipelineDocument>> ListAsync(CancellationToken cancellation)
    {
        var all = new List<PipelineDocument>();
        while (await Store.ListAsync(new PipelineFilter { After = all.LastOrDefault()?.Name, Limit = Most }, cancellation) is { Count: > 0 } page)
        {
            all.AddRange(page.Select(one => PipelineDocument.Of(Owner, one)));
        }

        return all;
    }

    public async Task<PipelineDocument> ShowAsync(string name, CancellationToken cancellation)
    {
        var registered = await RegisteredPipeline.FindAsync(session, name, cancellation);
        return PipelineDocument.Of(Owner, registered.Info) with { Json = DeepJson.Parse(registered.Stored.Json) };
    }

    public async Task<IReadOnlyList<VersionDocument>> ListVersionsAsync(string name, CancellationToken cancellation)
    {
        var registered = await RegisteredPipeline.FindAsync(session, name, cancellation);
        return [.. (await Store.ListVersionsAsync(name, null, Most, cancellation)).Select(one => VersionDocument.Of(Owner, registered.Info.Project, one))];
    }

    public async Task<(PipelineDocument Pipeline, bool Changed)> RegisterAsync(DefinitionFile file, string? project, CancellationToken cancellation)
    {
        var definition = file.Pipeline ?? throw new ArgumentException("a pipeline with errors", nameof(file));
        foreach (var script in file.Scripts)
        {
            await session.Get<ArtifactStore>().AddTextAsync(script.Text, Path.GetFileName(script.Name), "text/x-csharp", cancellation);
        }

        var stored = file.ToStored(definition, globals.Time.GetUtcNow());
        await session.Stores.Runs.AddDefinitionAsync(stored, cancellation);
        var result = await Store.RegisterAsync(
            new PipelineRegistration
            {
                Pipeline = definition.Name, Hash = stored.Hash, Project = project, Source = "cli", SourcePath = file.Path, BaseDirectory = file.BaseDirectory, By = Environment.UserName, Now = stored.CreatedAt,
            },
            (write, now, token) => AuditLog.AppendAsync(write, Entry("pipeline.register", now, new { version = now.Version, definition = now.Hash, source = now.Source, path = now.SourcePath }), token),
            cancellation);
        return result is { Outcome: RegistryOutcome.Changed or RegistryOutcome.Unchanged, Pipeline: { } pipeline }
            ? (PipelineDocument.Of(Owner, pipeline), result.Outcome == RegistryOutcome.Changed)
            : throw PipelineErrors.OtherProject(definition.Name, result.Pipeline?.Project);
    }

    public async Task<PipelineDocument> ChangeAsync(string name, PipelineAction action, string? reason, CancellationToken cancellation)
    {
        await RegisteredPipeline.FindAsync(session, name, cancellation);
        var result = await Store.ChangeAsync(
            new PipelineChange { Pipeline = name, Action = action, Reason = reason, By = Environment.UserName, Now = globals.Time.GetUtcNow() },
            (write, now, token) => AuditLog.AppendAsync(write, Entry($"pipeline.{action.ToString().ToLowerInvariant()}", now, reason is null ? null : new { reason }), token),
            cancellation);
        return result.Pipeline is { } pipeline ? PipelineDocument.Of(Owner, pipeline) : throw SchedulingErrors.NoSuchPipeline(name, []);
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private AuditEntry Entry(string action, PipelineInfo pipeline, object? details) => new()
    {
        At = globals.Time.GetUtcNow(), Actor = Environment.UserName, Via = "cli", Action = action, Target = $"pipeline {pipeline.Name}", Project = pipeline.Project, Details = details is null ? null : OrcJson.ToElement(details),
    };
}

/// <summary>What cannot be done with a registered pipeline.</summary>
internal static class PipelineErrors
{
    public static WrongRequestException OtherProject(string name, string? project) => new(
        "ORC6093", $"the name \"{name}\" belongs to a pipeline of project \"{project}\"", why: "runs and their rights go by the name", help: $"Leave out --project, or give the pipeline another name.");
}
