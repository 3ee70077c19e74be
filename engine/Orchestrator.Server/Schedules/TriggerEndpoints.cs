using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Schedules;

/// <summary>What starts runs by itself. <c>/schedules</c> has those that wait for a time, <c>/triggers</c> has all.</summary>
internal static class TriggerEndpoints
{
    private const string Schedule = "schedule";
    private const int MostTimes = 1000;
    private const int ShownTimes = 5;
    private const int ShownTicks = 10;

    private static readonly string[] Kinds = [Schedule, "dataset", "model", "pipeline", "alert", "file", "webhook", "combination"];

    /// <summary>Clocks and calendars are known for these years.</summary>
    private static readonly (DateTimeOffset First, DateTimeOffset Last) Known = (new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2199, 12, 31, 0, 0, 0, TimeSpan.Zero));

    public static void Map(RouteGroupBuilder api)
    {
        var schedules = api.MapGroup("/schedules");
        schedules.MapGet("", (HttpContext context, TriggerView view, string? pipeline, string? search, string? cursor, int? limit) => ListAsync(context, view, Schedule, pipeline, search, cursor, limit))
            .Needs(Permission.Read).Describe("schedules", "Schedules of pipelines that the caller may see, by name", 400);
        schedules.MapGet("/{pipeline}/{name}/next", NextAsync).Needs(Permission.Read).Describe("schedules", "The next times of a schedule, each with the data that its run is for", 400, 404, 422);
        MapOne(schedules, "schedules", Schedule, "schedule", "time of a schedule");
        var triggers = api.MapGroup("/triggers");
        triggers.MapGet("", (HttpContext context, TriggerView view, string? kind, string? pipeline, string? search, string? cursor, int? limit) => ListAsync(context, view, kind, pipeline, search, cursor, limit))
            .Needs(Permission.Read).Describe("triggers", "Triggers of pipelines that the caller may see, schedules among them, by name", 400);
        MapOne(triggers, "triggers", null, "trigger", "thing that happened");
    }

    /// <param name="group">Where.</param>
    /// <param name="resource">Its name in the document.</param>
    /// <param name="kind">Only triggers of this kind; null: any.</param>
    /// <param name="word">What one is called.</param>
    /// <param name="comes">What comes to one.</param>
    private static void MapOne(RouteGroupBuilder group, string resource, string? kind, string word, string comes)
    {
        group.MapGet("/{pipeline}/{name}", (string pipeline, string name, HttpContext context, TriggerView view) => ShowAsync(context, view, kind, new TriggerKey(pipeline, name)))
            .Needs(Permission.Read).Describe(resource, $"A {word}: what it waits for, when it is due, what became of it", 404);
        group.MapGet("/{pipeline}/{name}/ticks", (string pipeline, string name, HttpContext context, TriggerAccess access, ServerParts parts, string? cursor, int? limit) => TicksAsync(context, access, parts, kind, new TriggerKey(pipeline, name), cursor, limit))
            .Needs(Permission.Read).Describe(resource, $"What was decided about each {comes}, and why a run started or did not; newest first", 400, 404);
        group.MapPost("/{pipeline}/{name}/pause", (string pipeline, string name, PauseTrigger? pause, HttpContext context, TriggerChanges changes) => changes.PauseAsync(context, kind, new TriggerKey(pipeline, name), pause?.Reason))
            .Needs(Permission.Operate).Describe(resource, $"Pauses a {word}: what comes until it is resumed gets no run, and is counted", 400, 404, 409, 412, 415, 503);
        group.MapPost("/{pipeline}/{name}/resume", (string pipeline, string name, HttpContext context, TriggerChanges changes) => changes.ResumeAsync(context, kind, new TriggerKey(pipeline, name)))
            .Needs(Permission.Operate).Describe(resource, "Ends a pause; what came while it lasted is passed over", 400, 404, 409, 412, 503);
    }

    private static async Task<Ok<Page<TriggerDocument>>> ListAsync(HttpContext context, TriggerView view, string? kind, string? pipeline, string? search, string? cursor, int? limit)
    {
        var most = Query.Limit(limit);
        if (kind is not null && !Kinds.Contains(kind))
        {
            throw ServerErrors.WrongParameter("kind", kind, $"one of {string.Join(", ", Kinds)}");
        }

        var after = cursor is null ? (TriggerKey?)null : Query.Name(cursor, "cursor")?.Split('/') is [var one, var two] ? new TriggerKey(one, two) : throw ServerErrors.WrongCursor();
        var filter = new TriggerFilter { Kind = kind, Pipeline = Query.Name(pipeline, "pipeline"), Search = Query.Name(search, "search"), After = after, Limit = most + 1 };
        return TypedResults.Ok(await view.PageAsync(context.GetCaller(), filter, most, context.RequestAborted));
    }

    private static async Task<Results<Ok<TriggerDocument>, StatusCodeHttpResult>> ShowAsync(HttpContext context, TriggerView view, string? kind, TriggerKey key)
    {
        var seen = await view.FindAsync(context.GetCaller(), kind, key, context.RequestAborted);
        // Not answered with 304: when it is due next changes as time passes, and what became of its ticks with their runs.
        EntityTags.Tell(context, EntityTags.OfTrigger(seen.Info.Version));
        return TypedResults.Ok(await view.ShowAsync(seen, ShownTicks, ShownTimes, context.RequestAborted));
    }

    private static async Task<Ok<Page<TickDocument>>> TicksAsync(HttpContext context, TriggerAccess access, ServerParts parts, string? kind, TriggerKey key, string? cursor, int? limit)
    {
        var (most, before) = (Query.Limit(limit), Query.Name(cursor, "cursor"));
        var seen = await access.FindAsync(context.GetCaller(), kind, key, Permission.Read, context.RequestAborted);
        var ticks = await parts.Stores.Triggers.ListTicksAsync(seen.Info.Key, before, most + 1, context.RequestAborted);
        return TypedResults.Ok(Page<TickDocument>.Of(ticks, most, tick => tick.Key, TickDocument.Of));
    }

    private static async Task<Ok<PlannedTimeDocument[]>> NextAsync(string pipeline, string name, HttpContext context, TriggerView view, TimeProvider time, int? count, DateTimeOffset? after)
    {
        if (count is < 1 or > MostTimes)
        {
            throw ServerErrors.WrongParameter("count", count.Value.ToString(CultureInfo.InvariantCulture), $"a whole number from 1 to {MostTimes}");
        }

        if (after is { } from && (from < Known.First || from > Known.Last))
        {
            throw ServerErrors.WrongParameter("after", from.ToString("O", CultureInfo.InvariantCulture), "in the years 1900 to 2199");
        }

        var seen = await view.FindAsync(context.GetCaller(), Schedule, new TriggerKey(pipeline, name), context.RequestAborted);
        return TypedResults.Ok((await view.NextAsync(seen.Info, after ?? time.GetUtcNow(), count ?? 10, context.RequestAborted)).ToArray());
    }
}
