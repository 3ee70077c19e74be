using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Server.Backfills;

/// <summary>Runs over logical dates: a plan is stored and looked at first, and then exactly that plan is run.</summary>
internal static class BackfillEndpoints
{
    private const string Resource = "backfills";

    private static readonly string[] Statuses = [BackfillStatuses.Planned, BackfillStatuses.Running, BackfillStatuses.Paused, BackfillStatuses.Cancelled, BackfillStatuses.Done];

    public static void Map(RouteGroupBuilder api)
    {
        var backfills = api.MapGroup("/backfills");
        backfills.MapGet("", ListAsync).Needs(Permission.Read).Describe(Resource, "Backfills of pipelines that the caller may see, newest first, with how far they are", 400);
        backfills.MapPost("", PlanAsync).Needs(Permission.Operate).Describe(Resource, "Plans a backfill and stores the plan. Nothing of it is run before it is started", 400, 404, 415, 422, 503);
        backfills.MapGet("/{backfill}", ShowAsync).Needs(Permission.Read).Describe(Resource, "A backfill and how far it is", 404);
        backfills.MapGet("/{backfill}/items", ItemsAsync).Needs(Permission.Read).Describe(Resource, "The dates of a backfill in their order: what is planned, why, and which run each has", 400, 404);
        backfills.MapPost("/{backfill}/start", (string backfill, HttpContext context, BackfillChanges changes) => changes.StartAsync(context, backfill, "start")).Needs(Permission.Operate)
            .Describe(Resource, "Runs exactly the stored plan, whatever is registered or run meanwhile", 404, 409, 503);
        backfills.MapPost("/{backfill}/pause", (string backfill, HttpContext context, BackfillChanges changes) => changes.PauseAsync(context, backfill)).Needs(Permission.Operate)
            .Describe(Resource, "Starts no more of its runs; those that go on go on", 404, 409, 503);
        backfills.MapPost("/{backfill}/resume", (string backfill, HttpContext context, BackfillChanges changes) => changes.StartAsync(context, backfill, "resume")).Needs(Permission.Operate)
            .Describe(Resource, "Lets a paused backfill go on", 404, 409, 503);
        backfills.MapPost("/{backfill}/cancel", (string backfill, HttpContext context, BackfillChanges changes) => changes.CancelAsync(context, backfill)).Needs(Permission.Operate)
            .Describe(Resource, "Starts no more of its runs, for good, and asks those that go on to cancel", 404, 409, 503);
        backfills.MapPost("/{backfill}/retry", (string backfill, HttpContext context, BackfillChanges changes) => changes.RetryAsync(context, backfill)).Needs(Permission.Operate)
            .Describe(Resource, "Gives dates whose run failed or was cancelled another one", 404, 409, 503);
    }

    private static async Task<Ok<Page<BackfillDocument>>> ListAsync(HttpContext context, BackfillAccess access, string? pipeline, string? status, string? cursor, int? limit)
    {
        var most = Query.Limit(limit);
        if (status is not null && !Statuses.Contains(status))
        {
            throw ServerErrors.WrongParameter("status", status, $"one of {string.Join(", ", Statuses)}");
        }

        var filter = new BackfillFilter
        {
            Pipeline = Query.Name(pipeline, "pipeline"), Status = status, Projects = context.GetCaller().ProjectsWith(Permission.Read), After = Query.Identifier(cursor)?.ToUpperInvariant(), Limit = most + 1,
        };
        return TypedResults.Ok(Page<BackfillDocument>.Of(await access.ListAsync(filter, context.RequestAborted), most, one => one.Id, one => one));
    }

    private static async Task<Created<BackfillDocument>> PlanAsync(PlanBackfill plan, HttpContext context, BackfillPlans plans, ServerState state)
    {
        state.CheckTaking();
        var document = await plans.MakeAsync(context.GetCaller(), plan, context.RequestAborted);
        return TypedResults.Created($"/api/v1/backfills/{document.Id}", document);
    }

    private static async Task<Ok<BackfillDocument>> ShowAsync(string backfill, HttpContext context, BackfillAccess access) =>
        TypedResults.Ok(await access.DocumentAsync(await access.FindAsync(context.GetCaller(), backfill, Permission.Read, context.RequestAborted), context.RequestAborted));

    private static async Task<Ok<Page<BackfillItemDocument>>> ItemsAsync(string backfill, HttpContext context, BackfillAccess access, ServerParts parts, string? cursor, int? limit)
    {
        var (most, after) = (Query.Limit(limit), (int)Math.Min(Query.Number(cursor) ?? 0, int.MaxValue));
        var seen = await access.FindAsync(context.GetCaller(), backfill, Permission.Read, context.RequestAborted);
        var items = await parts.Stores.Backfills.ListItemsAsync(seen.Info.Id, after, most + 1, context.RequestAborted);
        return TypedResults.Ok(Page<BackfillItemDocument>.Of(items, most, item => item.Position.ToString(CultureInfo.InvariantCulture), BackfillItemDocument.Of));
    }
}
