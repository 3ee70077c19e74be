using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Assets;

/// <summary>Datasets and their versions.</summary>
internal static class DatasetEndpoints
{
    private const string Resource = "datasets";

    public static void Map(RouteGroupBuilder api)
    {
        var datasets = api.MapGroup("/datasets").Needs(Permission.Read);
        datasets.MapGet("", ListAsync).Describe(Resource, "Datasets with their newest versions, by name", 400);
        datasets.MapGet("/{dataset}", ShowAsync).Describe(Resource, "A dataset with its newest version", 404);
        datasets.MapGet("/{dataset}/versions", VersionsAsync).Describe(Resource, "The versions of a dataset, newest first", 400, 404);
        datasets.MapGet("/{dataset}/versions/{version}", VersionAsync).Describe(Resource, "A version with its profile and its newest validations: by its hash, the first characters of it, or \"latest\"", 404, 422);
        datasets.MapGet("/{dataset}/diff", DiffAsync).Describe(Resource, "What is different between two versions; without \"to\" the newest one", 400, 404, 422);
    }

    private static async Task<Ok<Page<DatasetDocument>>> ListAsync(HttpContext context, ServerParts parts, string? search, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        return TypedResults.Ok(AssetPages.ByName(await parts.Assets.Datasets.ListAsync(context.RequestAborted), one => one.Name, search, cursor, limit));
    }

    private static async Task<Ok<DatasetDocument>> ShowAsync(string dataset, HttpContext context, ServerParts parts)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        // Says by the family's own words that there is none.
        await parts.Assets.Datasets.VersionsAsync(dataset, context.RequestAborted);
        return TypedResults.Ok((await parts.Assets.Datasets.ListAsync(context.RequestAborted)).First(one => one.Name == dataset));
    }

    private static async Task<Ok<Page<DatasetVersionDocument>>> VersionsAsync(string dataset, HttpContext context, ServerParts parts, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var (most, after) = (Query.Limit(limit), Query.Name(cursor, "cursor"));
        var all = await parts.Assets.Datasets.VersionsAsync(dataset, context.RequestAborted);
        var found = after is null ? all : [.. all.SkipWhile(one => one.Version != after).Skip(1)];
        return TypedResults.Ok(Page<DatasetVersionDocument>.Of([.. found.Take(most + 1)], most, one => one.Version, one => one));
    }

    private static async Task<Ok<DatasetVersionDocument>> VersionAsync(string dataset, string version, HttpContext context, ServerParts parts)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        return TypedResults.Ok(await parts.Assets.Datasets.GetVersionAsync(dataset, version, context.RequestAborted));
    }

    private static async Task<Ok<DatasetDiffDocument>> DiffAsync(string dataset, HttpContext context, ServerParts parts, string? from, string? to)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var before = Query.Name(from, "from") ?? throw Problems.ServerErrors.WrongParameter("from", null, "a version, or the first characters of one");
        return TypedResults.Ok(await parts.Assets.Datasets.DiffAsync(dataset, before, Query.Name(to, "to") ?? "latest", context.RequestAborted));
    }
}
