using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Orchestrator.Notifications;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Notifications.Desk;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Notifications;

namespace Orchestrator.Server.Notifications;

/// <summary>Messages to people, and the channels that take them. A message gathers what happened in all projects, so it is for who may administer all.</summary>
internal static class NotificationEndpoints
{
    private const string Resource = "notifications";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/notifications", ListAsync).Needs(Permission.Administer).Describe(Resource, "Messages to people, newest first, with what became of each", 400, 422);
        api.MapGet("/notifications/{id}", ShowAsync).Needs(Permission.Administer).Describe(Resource, "One message, with all that it tells", 404);
        api.MapGet("/channels", Channels).Needs(Permission.Administer).Describe(Resource, "The channels that the settings of the home have, without what is secret of them");
        api.MapPost("/channels/{name}/test", TestAsync).Needs(Permission.Administer).Describe(Resource, "Sends a message to a channel now, and answers when it has taken it", 404, 422, 503);
    }

    private static async Task<Ok<Page<NotificationDocument>>> ListAsync(HttpContext context, ServerParts parts, string? channel, string? status, string? cursor, int? limit)
    {
        Check(context);
        var most = Query.Limit(limit);
        var rows = await new NotificationDesk(parts.Stores.Notifications).ListAsync(Query.Name(channel, "channel"), Query.Name(status, "status"), Query.Identifier(cursor), most + 1, context.RequestAborted);
        return TypedResults.Ok(Page<NotificationDocument>.Of(rows, most, row => row.Id, NotificationDocument.Of));
    }

    private static async Task<Ok<NotificationDocument>> ShowAsync(string id, HttpContext context, ServerParts parts)
    {
        Check(context);
        var found = await new NotificationDesk(parts.Stores.Notifications).FindAsync(id, context.RequestAborted);
        var notices = await parts.Stores.Notifications.ListNoticesAsync(found.Id, NotificationStore.MostNotices, context.RequestAborted);
        return TypedResults.Ok(NotificationDocument.Of(found) with { Tells = [.. notices.Select(one => Core.Values.OrcJson.FromElement<Notice>(one.Payload))] });
    }

    private static Ok<ChannelDocument[]> Channels(HttpContext context, ServerParts parts)
    {
        Check(context);
        return TypedResults.Ok(parts.Channels.Settings.Channels.Values.OrderBy(one => one.Name, StringComparer.Ordinal).Select(ChannelDocument.Of).ToArray());
    }

    private static async Task<Ok<NotificationTestDocument>> TestAsync(string name, HttpContext context, ServerParts parts, ServerState state, AuditLog audit, TimeProvider time, ILogger<ChannelBook> logger)
    {
        var caller = Check(context);
        state.CheckTaking();
        var sent = await parts.Channels.TestAsync(name, caller.Name, logger, context.RequestAborted);
        await audit.AppendAsync(caller.Did("channel.test", $"channel {name}", null, time.GetUtcNow()), context.RequestAborted);
        return TypedResults.Ok(new NotificationTestDocument { Id = sent.Id, Channel = name, SentAt = sent.At });
    }

    private static Caller Check(HttpContext context)
    {
        var caller = context.GetCaller();
        caller.Check(Permission.Administer, RoleGrant.EveryProject);
        return caller;
    }
}

/// <summary>A message to people.</summary>
public sealed record NotificationDocument
{
    public required string Id { get; init; }

    public required string Channel { get; init; }

    /// <summary><c>run-failed</c>, <c>run-recovered</c>, <c>deadline-missed</c>, <c>approval-wanted</c> or <c>alert-raised</c>.</summary>
    public required string Event { get; init; }

    /// <summary>True: it waits neither for others nor for the end of quiet hours.</summary>
    public required bool Urgent { get; init; }

    /// <summary><c>gathering</c>, <c>waiting</c>, <c>sent</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>How many things it tells of.</summary>
    public required long Count { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is sent, or tried again; absent when it has ended.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public required long Attempts { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What it tells; only in the answer about one message.</summary>
    public IReadOnlyList<Notice>? Tells { get; init; }

    internal static NotificationDocument Of(NotificationInfo row) => new()
    {
        Id = row.Id, Channel = row.Channel, Event = row.Event, Urgent = row.Urgent, Status = row.Status, Count = row.Notices, CreatedAt = row.CreatedAt, DueAt = row.EndedAt is null ? row.DueAt : null,
        Attempts = row.Attempts, Error = row.Error, EndedAt = row.EndedAt,
    };
}

/// <summary>A channel.</summary>
public sealed record ChannelDocument
{
    public required string Name { get; init; }

    /// <summary><c>log</c>, <c>email</c>, <c>webhook</c>, <c>slack</c> or <c>teams</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where it leads, in words, without what is secret of it.</summary>
    public required string Where { get; init; }

    internal static ChannelDocument Of(ChannelSettings channel) => new() { Name = channel.Name, Kind = channel.Kind.ToString().ToLowerInvariant(), Where = channel.Where };
}

/// <summary>A message that was sent to try a channel.</summary>
public sealed record NotificationTestDocument
{
    /// <summary>As the channel was told it.</summary>
    public required string Id { get; init; }

    public required string Channel { get; init; }

    public required DateTimeOffset SentAt { get; init; }
}
