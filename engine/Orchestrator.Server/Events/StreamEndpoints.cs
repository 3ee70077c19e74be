using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Working;

namespace Orchestrator.Server.Events;

/// <summary>Server-sent events: of one run, from any of its events on, and of everything, from where the connection broke.</summary>
internal static class StreamEndpoints
{
    private const int Page = 200;

    /// <summary>How soon events of a run are seen that another process works on.</summary>
    private static readonly TimeSpan LookElsewhere = TimeSpan.FromSeconds(1);

    /// <summary>Followers of everything, and of how far attempts are, are told a few times a second, however much happens.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/runs/{run}/stream", RunAsync).Needs(Permission.Read)
            .Describe("events", "The events of a run as they happen, until it has ended, and between them, as \"progress\", how far attempts say they are. The event's id is its number: Last-Event-ID, or \"after\", goes on after it", 400, 404)
            .Produces<string>(StatusCodes.Status200OK, SseWriter.MediaType);
        api.MapGet("/events", AllAsync).Needs(Permission.Read)
            .Describe("events", "What happens in all runs that the caller may see. Last-Event-ID goes on where the connection broke; an event \"reset\" says that too much was missed, so lists must be read anew", 400)
            .Produces<string>(StatusCodes.Status200OK, SseWriter.MediaType);
    }

    private static async Task RunAsync(string run, HttpContext context, ServerParts parts, RunAccess access, RunFeed feed, ServerState state, string? after)
    {
        var place = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : after;
        var seen = Query.Number(place) ?? 0;
        var id = (await access.FindAsync(context.GetCaller(), run, Permission.Read, context.RequestAborted)).Id;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping);
        var writer = new SseWriter(context);
        using var follower = feed.Follow(id);
        await EndQuietlyAsync(async () =>
        {
            await writer.BeginAsync(over.Token);
            while (true)
            {
                var next = follower.Next;
                var events = await parts.Stores.Runs.ListEventsAsync(id, seen, Page, over.Token);
                foreach (var change in events)
                {
                    await writer.SendAsync(change.Type, change.Sequence.ToString(CultureInfo.InvariantCulture), EventDocument.Of(change), over.Token);
                    seen = change.Sequence;
                }

                if (events.Count == Page)
                {
                    continue;
                }

                // After the events, so that what is told of has started.
                var said = follower.TakeProgress();
                foreach (var progress in said)
                {
                    await writer.SendAsync("progress", null, progress, over.Token);
                }

                var now = await parts.Stores.Runs.FindAsync(id, over.Token);
                if (now is null || (now.EndedAt is not null && seen >= now.Sequence))
                {
                    await writer.SendAsync("end", null, new { run = id, status = now?.Status, sequence = seen }, over.Token);
                    return;
                }

                await WaitAsync(next, parts.Engine.IsWorkingOn(id) ? SseWriter.Silence : LookElsewhere, writer, parts.Time, over.Token);
                if (said.Count > 0 && events.Count == 0)
                {
                    // An attempt may say how far it is a thousand times a second.
                    await Task.Delay(Gather, parts.Time, over.Token);
                }
            }
        }, over.Token);
    }

    private static async Task AllAsync(HttpContext context, ServerParts parts, RunAccess access, RunFeed feed, ServerState state)
    {
        var caller = context.GetCaller();
        var mine = new Dictionary<string, bool>(StringComparer.Ordinal);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, state.Stopping);
        using var following = feed.FollowAll();
        var writer = new SseWriter(context);
        long? seen = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? feed.PlaceOf(last) : null;
        await EndQuietlyAsync(async () =>
        {
            await writer.BeginAsync(over.Token);
            if (seen is null)
            {
                seen = feed.Read(null).Newest;
                await writer.SendAsync("begin", feed.IdOf(seen.Value), new { }, over.Token);
            }

            while (true)
            {
                var (events, newest, missed, more) = feed.Read(seen);
                if (missed)
                {
                    await writer.SendAsync("reset", feed.IdOf(newest), new { why = "some of what happened is no longer kept here; read the lists anew" }, over.Token);
                }

                foreach (var one in events)
                {
                    if (!mine.TryGetValue(one.Pipeline, out var may))
                    {
                        mine[one.Pipeline] = may = caller.May(Permission.Read, await access.ProjectOfAsync(one.Pipeline, over.Token));
                    }

                    if (may)
                    {
                        await writer.SendAsync(one.Type, feed.IdOf(one.Number), one, over.Token);
                    }
                }

                seen = newest;
                await WaitAsync(more, SseWriter.Silence, writer, parts.Time, over.Token);
                await Task.Delay(Gather, parts.Time, over.Token);
            }
        }, over.Token);
    }

    private static async Task WaitAsync(Task next, TimeSpan atMost, SseWriter writer, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await next.WaitAsync(atMost, time, cancellation);
        }
        catch (TimeoutException)
        {
            await writer.KeepAliveAsync(cancellation);
        }
    }

    /// <summary>A stream ends when the client goes or the server stops; neither is an error.</summary>
    private static async Task EndQuietlyAsync(Func<Task> stream, CancellationToken over)
    {
        try
        {
            await stream();
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // Nobody listens, or nobody will be there to tell.
        }
    }
}
