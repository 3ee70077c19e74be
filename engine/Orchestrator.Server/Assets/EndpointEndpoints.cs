using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Runs;

namespace Orchestrator.Server.Assets;

/// <summary>What answers predictions, what answered before, and the way back.</summary>
internal static class EndpointEndpoints
{
    private const string Resource = "endpoints";

    public static void Map(RouteGroupBuilder api)
    {
        var endpoints = api.MapGroup("/endpoints");
        endpoints.MapGet("", ListAsync).Needs(Permission.Read).Describe(Resource, "Endpoints and what answers them, by name", 400);
        endpoints.MapGet("/{endpoint}", ShowAsync).Needs(Permission.Read).Describe(Resource, "An endpoint: what answers it, and where a rollback would go", 404);
        endpoints.MapGet("/{endpoint}/history", HistoryAsync).Needs(Permission.Read).Describe(Resource, "Everything that ever answered an endpoint, newest first", 400, 404);
        endpoints.MapPost("/{endpoint}/rollback", RollBackAsync).Needs(Permission.Operate)
            .Describe(Resource, "Puts back what answered before. With the header Idempotency-Key a request that is sent again goes back no further", 400, 404, 409, 415, 422, 503);
    }

    private static async Task<Ok<Page<EndpointDocument>>> ListAsync(HttpContext context, ServerParts parts, string? search, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        return TypedResults.Ok(AssetPages.ByName(await parts.Assets.Endpoints.ListAsync(context.RequestAborted), one => one.Name, search, cursor, limit));
    }

    private static async Task<Ok<EndpointDocument>> ShowAsync(string endpoint, HttpContext context, ServerParts parts)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var found = await parts.Assets.Endpoints.GetAsync(endpoint, context.RequestAborted);
        return TypedResults.Ok(found.Endpoint with { RollbackTarget = found.RollbackTarget });
    }

    private static async Task<Ok<Page<DeploymentDocument>>> HistoryAsync(string endpoint, HttpContext context, ServerParts parts, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var (most, before) = (Query.Limit(limit), Query.Number(cursor) ?? long.MaxValue);
        var found = (await parts.Assets.Endpoints.GetAsync(endpoint, context.RequestAborted)).History.Where(one => one.Number < before).Take(most + 1).ToArray();
        return TypedResults.Ok(Page<DeploymentDocument>.Of(found, most, one => one.Number.ToString(CultureInfo.InvariantCulture), one => one));
    }

    private static async Task<Ok<RollbackDocument>> RollBackAsync(string endpoint, RollBackEndpoint rollback, HttpContext context, ServerParts parts, ServerState state)
    {
        state.CheckTaking();
        var caller = AssetPages.CheckEverywhere(context, Permission.Operate);
        var wish = new RollbackWish { Endpoint = endpoint, To = rollback.To, Reason = rollback.Reason, Key = RunStarts.KeyOf(context) is { } key ? $"api:{caller.Via}:{caller.Name}:{key}" : null };
        return TypedResults.Ok(await parts.Assets.Endpoints.RollBackAsync(wish, AssetPages.Audited(caller, "endpoint.rollback", $"endpoint {endpoint}", parts, new { rollback.To, rollback.Reason }), context.RequestAborted));
    }
}
