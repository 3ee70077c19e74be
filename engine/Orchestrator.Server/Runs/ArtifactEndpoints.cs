using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Artifacts;

namespace Orchestrator.Server.Runs;

/// <summary>An artifact that an attempt of a run made or kept.</summary>
public sealed record ArtifactDocument
{
    /// <summary>SHA-256 of its bytes.</summary>
    public required string Hash { get; init; }

    public required long SizeInBytes { get; init; }

    /// <summary>The file's name.</summary>
    public required string FileName { get; init; }

    public required string MediaType { get; init; }

    public required string Task { get; init; }

    public int? Item { get; init; }

    /// <summary>The output it stands in, or the name it was added under.</summary>
    public required string Name { get; init; }

    internal static ArtifactDocument Of(ArtifactUse use) => new()
    {
        Hash = use.Artifact.Hash, SizeInBytes = use.Artifact.SizeInBytes, FileName = use.Artifact.Name, MediaType = use.Artifact.MediaType, Task = use.Task.Value, Item = use.MapIndex, Name = use.Name,
    };
}

/// <summary>The files of runs. An artifact is reached through a run that uses it, by whoever may see that run.</summary>
internal static class ArtifactEndpoints
{
    private const string Resource = "artifacts";

    public static void Map(RouteGroupBuilder api)
    {
        var runs = api.MapGroup("/runs").Needs(Permission.Read);
        runs.MapGet("/{run}/artifacts", ListAsync).Describe(Resource, "The artifacts that the attempts of a run made or kept", 404);
        runs.MapGet("/{run}/artifacts/{hash}", DownloadAsync)
            .Describe(Resource, "The bytes of an artifact; Range asks for a part of them", 404, 416)
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream");
    }

    private static async Task<Ok<ArtifactDocument[]>> ListAsync(string run, HttpContext context, ServerParts parts, RunAccess access)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        return TypedResults.Ok((await parts.Stores.Artifacts.ListAsync(seen.Id, context.RequestAborted)).Select(ArtifactDocument.Of).ToArray());
    }

    private static async Task<PhysicalFileHttpResult> DownloadAsync(string run, string hash, HttpContext context, ServerParts parts, RunAccess access)
    {
        var seen = await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted);
        // Only what the run uses, by the hash as the database has it: no path is made of what was asked for.
        if ((await parts.Stores.Artifacts.ListAsync(seen.Id, context.RequestAborted)).FirstOrDefault(use => use.Artifact.Hash == hash) is not { } use || !parts.Artifacts.Contains(use.Artifact.Hash))
        {
            throw ServerErrors.NoSuchArtifact(seen.Id.Value);
        }

        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        // Whatever is in it, a browser saves it and does not run it under this server's name.
        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return TypedResults.PhysicalFile(
            parts.Artifacts.PathOf(use.Artifact.Hash), MediaTypeOf(use.Artifact.MediaType), use.Artifact.Name, entityTag: new EntityTagHeaderValue($"\"{use.Artifact.Hash}\""), enableRangeProcessing: true);
    }

    /// <summary>What an activity called it; what is no media type must not end up in a header.</summary>
    private static string MediaTypeOf(string named) => MediaTypeHeaderValue.TryParse(named, out var type) ? type.ToString() : "application/octet-stream";
}
