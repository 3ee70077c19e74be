using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Runtime.Retention;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Retention;

/// <summary>What is older than the home keeps.</summary>
internal static class RetentionEndpoints
{
    private const string Resource = "retention";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/retention", PlanAsync).Needs(Permission.Administer).Describe(Resource, "What would be removed now, and why what is old enough is kept; the lists of runs have the first ones only", 400);
        api.MapPost("/retention/apply", ApplyAsync).Needs(Permission.Administer).Describe(Resource, "Removes it, and answers when that is done", 409);
    }

    private static async Task<Ok<RetentionPlanDocument>> PlanAsync(HttpContext context, RetentionKeeper retention, int? limit)
    {
        context.GetCaller().Check(Permission.Administer, RoleGrant.EveryProject);
        return TypedResults.Ok(RetentionDocuments.Of(await retention.PlanAsync(context.RequestAborted), Query.Limit(limit)));
    }

    private static async Task<Ok<RetentionReportDocument>> ApplyAsync(HttpContext context, RetentionKeeper retention, ServerState state, AuditLog log, TimeProvider time)
    {
        var caller = context.GetCaller();
        caller.Check(Permission.Administer, RoleGrant.EveryProject);
        state.CheckTaking();
        // Before, so that what is removed by a server that is killed meanwhile has somebody who removed it.
        await log.AppendAsync(caller.Did("retention.apply", null, null, time.GetUtcNow()), context.RequestAborted);
        var report = await retention.ApplyAsync(byHand: true, atOnce: false, context.RequestAborted) ?? throw new InvalidOperationException("by hand it is always done or refused");
        return TypedResults.Ok(RetentionDocuments.Of(report));
    }
}
