using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Server.Pipelines;

/// <summary>Registered pipelines.</summary>
internal static class PipelineEndpoints
{
    private const string Resource = "pipelines";
    private const string Json = "application/json";
    private const string Script = "text/x-csharp";

    public static void Map(RouteGroupBuilder api)
    {
        var pipelines = api.MapGroup("/pipelines");
        pipelines.MapGet("", ListAsync).Needs(Permission.Read).Describe(Resource, "Pipelines that the caller may see, by name", 400);
        pipelines.MapGet("/{name}", ShowAsync).Needs(Permission.Read).Describe(Resource, "A pipeline with its current definition", 404);
        pipelines.MapGet("/{name}/versions", VersionsAsync).Needs(Permission.Read).Describe(Resource, "The versions of a pipeline, newest first", 400, 404);
        pipelines.MapGet("/{name}/versions/{version:int}", VersionAsync).Needs(Permission.Read).Describe(Resource, "A version with its definition", 404);
        pipelines.MapGet("/{name}/diff", DiffAsync).Needs(Permission.Read).Describe(Resource, "Where two versions differ; without \"to\" the current one, without \"from\" the one before it", 400, 404);
        pipelines.MapPost("", RegisterAsync).Needs(Permission.Register).Accepts<JsonElement>(Json, Script)
            .Describe(Resource, "Registers a pipeline: the body is its JSON, or with text/x-csharp a C# script, which is a permission of its own", 400, 409, 412, 413, 415, 422, 503);
        pipelines.MapPost("/validate", ValidateAsync).Needs(Permission.Register).Accepts<JsonElement>(Json, Script)
            .Describe(Resource, "Checks a pipeline and registers nothing. The body is as for registering; evaluating a script needs the same permission", 400, 413, 415);
        pipelines.MapPost("/{name}/pause", (string name, PausePipeline? pause, HttpContext context, ServerParts parts, ServerState state) => ChangeAsync(name, PipelineAction.Pause, pause?.Reason, context, parts, state))
            .Needs(Permission.Operate).Describe(Resource, "Pauses a pipeline: its triggers start no runs until it is resumed", 400, 404, 412, 415, 503);
        pipelines.MapPost("/{name}/resume", (string name, HttpContext context, ServerParts parts, ServerState state) => ChangeAsync(name, PipelineAction.Resume, null, context, parts, state))
            .Needs(Permission.Operate).Describe(Resource, "Lets the triggers of a paused pipeline start runs again", 400, 404, 412, 503);
        pipelines.MapDelete("/{name}", (string name, HttpContext context, ServerParts parts, ServerState state) => ChangeAsync(name, PipelineAction.Remove, null, context, parts, state))
            .Needs(Permission.Register).Describe(Resource, "Takes a pipeline out of the lists; its versions and runs stay, and registering it again brings it back", 400, 404, 412, 503);
        api.MapGet("/folder", Folder).Needs(Permission.Register)
            .Describe(Resource, "The folder of definitions that the server watches: which files are registered, and what is wrong with the others");
    }

    private static Ok<FolderDocument> Folder(HttpContext context, FolderWatch folder)
    {
        context.GetCaller().Check(Permission.Register, PipelineRegistration.DefaultProject);
        return TypedResults.Ok(folder.Describe());
    }

    private static async Task<Ok<Page<PipelineDocument>>> ListAsync(HttpContext context, ServerParts parts, string? project, string? search, string? cursor, int? limit)
    {
        var most = Query.Limit(limit);
        var readable = context.GetCaller().ProjectsWith(Permission.Read);
        var projects = project is null ? readable : readable is null || readable.Contains(project) ? [project] : [];
        var found = await parts.Stores.Pipelines.ListAsync(new PipelineFilter { Projects = projects, Search = Query.Name(search, "search"), After = Query.Name(cursor, "cursor"), Limit = most + 1 }, context.RequestAborted);
        return TypedResults.Ok(Page<PipelineDocument>.Of(found, most, pipeline => pipeline.Name, pipeline => PipelineDocument.Of(context.GetCaller(), pipeline)));
    }

    private static async Task<Results<Ok<PipelineDocument>, StatusCodeHttpResult>> ShowAsync(string name, HttpContext context, ServerParts parts)
    {
        var pipeline = await FindAsync(name, Permission.Read, context, parts);
        return EntityTags.Tell(context, EntityTags.OfPipeline(pipeline.Revision))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(PipelineDocument.Of(context.GetCaller(), pipeline) with { Json = await DefinitionAsync(parts, pipeline.Hash, context.RequestAborted) });
    }

    private static async Task<Ok<Page<VersionDocument>>> VersionsAsync(string name, HttpContext context, ServerParts parts, string? cursor, int? limit)
    {
        var (most, before) = (Query.Limit(limit), Query.Number(cursor));
        var pipeline = await FindAsync(name, Permission.Read, context, parts);
        var found = await parts.Stores.Pipelines.ListVersionsAsync(pipeline.Name, before is { } number ? (int)Math.Min(number, int.MaxValue) : null, most + 1, context.RequestAborted);
        return TypedResults.Ok(Page<VersionDocument>.Of(found, most, version => $"{version.Version}", version => VersionDocument.Of(context.GetCaller(), pipeline.Project, version)));
    }

    private static async Task<Ok<VersionDocument>> VersionAsync(string name, int version, HttpContext context, ServerParts parts)
    {
        var pipeline = await FindAsync(name, Permission.Read, context, parts);
        var found = await VersionOfAsync(pipeline, version, parts, context.RequestAborted);
        return TypedResults.Ok(VersionDocument.Of(context.GetCaller(), pipeline.Project, found) with { Json = await DefinitionAsync(parts, found.Hash, context.RequestAborted) });
    }

    private static async Task<Ok<VersionDiffDocument>> DiffAsync(string name, HttpContext context, ServerParts parts, int? from, int? to)
    {
        var pipeline = await FindAsync(name, Permission.Read, context, parts);
        var newer = await VersionOfAsync(pipeline, to ?? pipeline.Version, parts, context.RequestAborted);
        var older = await VersionOfAsync(pipeline, from ?? Math.Max(1, newer.Version - 1), parts, context.RequestAborted);
        var (before, after) = (await DefinitionAsync(parts, older.Hash, context.RequestAborted), await DefinitionAsync(parts, newer.Hash, context.RequestAborted));
        return TypedResults.Ok(new VersionDiffDocument { Pipeline = pipeline.Name, From = older.Version, To = newer.Version, Differences = [.. JsonDifferences.Between(before, after)] });
    }

    private static async Task<Results<Created<RegistrationDocument>, Ok<RegistrationDocument>>> RegisterAsync(HttpContext context, ServerParts parts, ServerState state, PipelineRegistrar registrar, ServerOptions options, string? project, string? baseDirectory)
    {
        state.CheckTaking();
        var caller = context.GetCaller();
        var wanted = ProjectOf(project);
        var (text, isScript) = await BodyAsync(context);
        CheckMayRead(caller, wanted, isScript);
        var read = await registrar.ReadAsync(text, isScript, context.RequestAborted);
        if (read.Definition is not { } definition)
        {
            throw ServerErrors.WrongDefinition("the pipeline", read.Diagnostics);
        }

        var known = await parts.Stores.Pipelines.FindAsync(definition.Name, context.RequestAborted);
        if (known is { } other && !caller.May(Permission.Read, other.Project))
        {
            throw ServerErrors.OtherProject(definition.Name);
        }

        caller.Check(isScript ? Permission.RegisterScripts : Permission.Register, known?.Project ?? wanted ?? PipelineRegistration.DefaultProject);
        var now = parts.Time.GetUtcNow();
        var result = await registrar.RegisterAsync(
            read,
            new PipelineRegistration
            {
                Pipeline = definition.Name, Hash = DefinitionWriter.Hash(definition), Project = wanted ?? known?.Project ?? PipelineRegistration.DefaultProject, Source = "api", BaseDirectory = BaseFolders.Of(caller, baseDirectory, options), By = caller.Name, Now = now,
                ExpectedRevision = EntityTags.ExpectedPipeline(context),
            },
            caller.Did("pipeline.register", null, null, now),
            context.RequestAborted);
        return AnswerOf(context, result, read);
    }

    private static Results<Created<RegistrationDocument>, Ok<RegistrationDocument>> AnswerOf(HttpContext context, PipelineResult result, ReadPipeline read)
    {
        var pipeline = result switch
        {
            { Outcome: RegistryOutcome.OtherProject, Pipeline: { } other } => throw ServerErrors.OtherProject(other.Name),
            { Outcome: RegistryOutcome.OtherRevision, Pipeline: var other } => throw ServerErrors.OtherVersion("the pipeline", other is { IsRemoved: false } ? EntityTags.OfPipeline(other.Revision) : "not registered"),
            { Pipeline: { } now } => now,
            _ => throw new InvalidOperationException($"a registration came to {result.Outcome}"),
        };
        EntityTags.Tell(context, EntityTags.OfPipeline(pipeline.Revision));
        var document = new RegistrationDocument
        {
            Changed = result.Outcome == RegistryOutcome.Changed, Pipeline = PipelineDocument.Of(context.GetCaller(), pipeline), Diagnostics = read.Diagnostics.Count == 0 ? null : [.. read.Diagnostics.Select(DiagnosticDocument.Of)],
        };
        return document is { Changed: true, Pipeline.Version: 1 } ? TypedResults.Created($"/api/v1/pipelines/{pipeline.Name}", document) : TypedResults.Ok(document);
    }

    private static async Task<Ok<ValidationDocument>> ValidateAsync(HttpContext context, PipelineRegistrar registrar, string? project)
    {
        var (text, isScript) = await BodyAsync(context);
        CheckMayRead(context.GetCaller(), ProjectOf(project), isScript);
        var read = await registrar.ReadAsync(text, isScript, context.RequestAborted);
        return TypedResults.Ok(new ValidationDocument
        {
            Valid = !read.HasErrors,
            Diagnostics = [.. read.Diagnostics.Select(DiagnosticDocument.Of)],
            Pipeline = read.Definition?.Name,
            Definition = read.Definition is null ? null : DefinitionWriter.Hash(read.Definition).Value,
            Json = read.Definition is null ? null : JsonElement.Parse(DefinitionWriter.ToJson(read.Definition)),
        });
    }

    private static async Task<Ok<PipelineDocument>> ChangeAsync(string name, PipelineAction action, string? reason, HttpContext context, ServerParts parts, ServerState state)
    {
        state.CheckTaking();
        var caller = context.GetCaller();
        var pipeline = await FindAsync(name, action == PipelineAction.Remove ? Permission.Register : Permission.Operate, context, parts);
        var now = parts.Time.GetUtcNow();
        var entry = caller.Did($"pipeline.{action.ToString().ToLowerInvariant()}", $"pipeline {pipeline.Name}", pipeline.Project, now, reason is null ? null : new { reason });
        var result = await parts.Stores.Pipelines.ChangeAsync(
            new PipelineChange { Pipeline = pipeline.Name, Action = action, Reason = reason, By = caller.Name, Now = now, ExpectedRevision = EntityTags.ExpectedPipeline(context) },
            (session, _, token) => AuditLog.AppendAsync(session, entry, token),
            context.RequestAborted);
        if (result is not { Outcome: RegistryOutcome.Changed or RegistryOutcome.Unchanged, Pipeline: { } changed })
        {
            throw result.Outcome == RegistryOutcome.OtherRevision ? ServerErrors.OtherVersion($"pipeline \"{pipeline.Name}\"", EntityTags.OfPipeline(result.Pipeline?.Revision ?? 0)) : ServerErrors.NoSuchPipeline(name);
        }

        EntityTags.Tell(context, EntityTags.OfPipeline(changed.Revision));
        return TypedResults.Ok(PipelineDocument.Of(caller, changed));
    }

    /// <summary>A pipeline that may not be seen is one that is not there.</summary>
    private static async Task<PipelineInfo> FindAsync(string name, Permission permission, HttpContext context, ServerParts parts)
    {
        var caller = context.GetCaller();
        if (!TaskName.IsValid(name) || await parts.Stores.Pipelines.FindAsync(name, context.RequestAborted) is not { IsRemoved: false } pipeline || !caller.May(Permission.Read, pipeline.Project))
        {
            throw ServerErrors.NoSuchPipeline(name);
        }

        caller.Check(permission, pipeline.Project);
        return pipeline;
    }

    private static async Task<PipelineVersion> VersionOfAsync(PipelineInfo pipeline, int version, ServerParts parts, CancellationToken cancellation) =>
        await parts.Stores.Pipelines.FindVersionAsync(pipeline.Name, version, cancellation) ?? throw ServerErrors.NoSuchVersion(pipeline.Name, $"{version}");

    private static async Task<JsonElement> DefinitionAsync(ServerParts parts, DefinitionHash hash, CancellationToken cancellation)
    {
        var stored = await parts.Stores.Definitions.FindAsync(hash, cancellation) ?? throw new InvalidOperationException($"the definition {hash} is registered and not stored");
        return DefinitionJson.Parse(stored);
    }

    /// <summary>Whoever may not register a script may not have one evaluated either: that is the same.</summary>
    private static void CheckMayRead(Caller caller, string? project, bool isScript)
    {
        if (isScript && !(project is null ? caller.MaySomewhere(Permission.RegisterScripts) : caller.May(Permission.RegisterScripts, project)))
        {
            throw ServerErrors.NoScripts(caller.Name);
        }
    }

    private static string? ProjectOf(string? project) => project is null || Projects.IsName(project) ? project : throw ServerErrors.WrongProject(project);

    private static async Task<(SourceText Text, bool IsScript)> BodyAsync(HttpContext context)
    {
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var given) ? given.MediaType.ToString().ToLowerInvariant() : null;
        if (type is not (Json or Script))
        {
            throw ServerErrors.WrongMediaType(context.Request.ContentType, $"{Json} or {Script}");
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        return (SourceText.FromBytes(type == Script ? "<script>" : "<pipeline>", bytes.ToArray()), type == Script);
    }
}

/// <summary>The folders that relative paths of runs are relative to.</summary>
internal static class BaseFolders
{
    /// <summary>What was asked for, when whoever owns the home asks; for others the server's own.</summary>
    /// <exception cref="ProblemException">The caller may not choose (ORC6083), or there is no such folder (ORC6084).</exception>
    public static string Of(Caller caller, string? asked, ServerOptions options) => asked is not { } folder ? options.PipelinesFolder ?? Environment.CurrentDirectory
        : caller.Via != CallerKinds.Local ? throw ServerErrors.NotYourFolder(caller.Name)
        : Path.IsPathFullyQualified(folder) && Directory.Exists(folder) ? Path.GetFullPath(folder)
        : throw ServerErrors.WrongFolder(folder);
}

/// <summary>Definitions as answers have them.</summary>
internal static class DefinitionJson
{
    /// <summary>Sub-pipelines in sub-pipelines nest deeper than other values may.</summary>
    public static JsonElement Parse(StoredDefinition stored) => JsonDocument.Parse(stored.Json, new JsonDocumentOptions { MaxDepth = 512 }).RootElement;
}
