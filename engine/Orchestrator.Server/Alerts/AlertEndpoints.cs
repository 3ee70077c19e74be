using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Notifications.Desk;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Alerts;

namespace Orchestrator.Server.Alerts;

/// <summary>Alerts. An alert of a project that the caller may not see is one that is not there.</summary>
internal static class AlertEndpoints
{
    private const string Resource = "alerts";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/alerts", ListAsync).Needs(Permission.Read).Describe(Resource, "Alerts that are not closed, newest first; with all=true closed ones too", 400);
        api.MapPost("/alerts", RaiseAsync).Needs(Permission.Operate).Describe(Resource, "Raises an alert. While the same is open it is counted, and news only when it is worse", 400, 415, 422);
        api.MapGet("/alerts/{id}", ShowAsync).Needs(Permission.Read).Describe(Resource, "One alert, with what people have said of it", 404);
        api.MapPost("/alerts/{id}/acknowledge", AcknowledgeAsync).Needs(Permission.Operate).Describe(Resource, "Says that somebody looks at an alert", 400, 404, 409, 415);
        api.MapPost("/alerts/{id}/close", CloseAsync).Needs(Permission.Operate).Describe(Resource, "Says that it is over: raised again, it is a new alert", 400, 404, 409, 415);
    }

    private static async Task<Ok<Page<AlertDocument>>> ListAsync(HttpContext context, ServerParts parts, string? name, bool? all, string? cursor, int? limit)
    {
        var most = Query.Limit(limit);
        var rows = await parts.Stores.Alerts.ListAsync(
            new AlertFilter { All = all ?? false, Name = Query.Name(name, "name"), Projects = context.GetCaller().ProjectsWith(Permission.Read), Before = Query.Identifier(cursor), Limit = most + 1 }, context.RequestAborted);
        return TypedResults.Ok(Page<AlertDocument>.Of(rows, most, row => row.Id, AlertDocument.Of));
    }

    private static async Task<Results<Created<AlertDocument>, Ok<AlertDocument>>> RaiseAsync(RaiseAlert raise, HttpContext context, ServerParts parts, ServerState state, TimeProvider time)
    {
        var caller = context.GetCaller();
        state.CheckTaking();
        var project = raise.Project ?? NewAlert.DefaultProject;
        if (!Projects.IsName(project))
        {
            throw ServerErrors.WrongBody($"\"{project}\" is not the name of a project");
        }

        caller.Check(Permission.Operate, project);
        var alert = new NewAlert { Name = raise.Name, Subject = raise.Subject ?? "", Severity = AlertSeverities.Parse(raise.Severity), Reason = raise.Reason, Project = project, Details = raise.Details, By = caller.Name };
        var raised = await new AlertDesk(parts.Stores.Alerts, time).RaiseAsync(alert, caller.Did("alert.raise", null, project, time.GetUtcNow(), new { raise.Name, raise.Subject, raise.Severity }), context.RequestAborted);
        return raised.Alert.Times == 1 ? TypedResults.Created($"/api/v1/alerts/{raised.Alert.Id}", AlertDocument.Of(raised.Alert)) : TypedResults.Ok(AlertDocument.Of(raised.Alert));
    }

    private static async Task<Ok<AlertDocument>> ShowAsync(string id, HttpContext context, ServerParts parts, TimeProvider time) =>
        TypedResults.Ok(AlertDocument.Of(await FindAsync(id, context, parts, time)));

    private static async Task<Ok<AlertDocument>> AcknowledgeAsync(string id, ChangeAlert change, HttpContext context, ServerParts parts, ServerState state, TimeProvider time)
    {
        var (alert, caller) = await FindForChangeAsync(id, context, parts, state, time);
        var changed = await new AlertDesk(parts.Stores.Alerts, time).AcknowledgeAsync(alert, caller.Name, change.Comment, Entry(caller, "alert.acknowledge", alert, time), context.RequestAborted);
        return TypedResults.Ok(AlertDocument.Of(changed));
    }

    private static async Task<Ok<AlertDocument>> CloseAsync(string id, ChangeAlert change, HttpContext context, ServerParts parts, ServerState state, TimeProvider time)
    {
        var (alert, caller) = await FindForChangeAsync(id, context, parts, state, time);
        var changed = await new AlertDesk(parts.Stores.Alerts, time).CloseAsync(alert, caller.Name, change.Comment, Entry(caller, "alert.close", alert, time), context.RequestAborted);
        return TypedResults.Ok(AlertDocument.Of(changed));
    }

    private static async Task<(AlertInfo Alert, Caller Caller)> FindForChangeAsync(string id, HttpContext context, ServerParts parts, ServerState state, TimeProvider time)
    {
        state.CheckTaking();
        var alert = await FindAsync(id, context, parts, time);
        var caller = context.GetCaller();
        caller.Check(Permission.Operate, alert.Project);
        return (alert, caller);
    }

    private static Task<AlertInfo> FindAsync(string id, HttpContext context, ServerParts parts, TimeProvider time) =>
        new AlertDesk(parts.Stores.Alerts, time).FindAsync(id, context.GetCaller().ProjectsWith(Permission.Read), context.RequestAborted);

    private static Storage.Audit.AuditEntry Entry(Caller caller, string action, AlertInfo alert, TimeProvider time) => caller.Did(action, $"alert {alert.Id}", alert.Project, time.GetUtcNow());
}

/// <summary>An alert to raise.</summary>
public sealed record RaiseAlert
{
    /// <summary>What has been found; triggers wait for it by this name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about: a model, a feature, an endpoint.</summary>
    public string? Subject { get; init; }

    /// <summary><c>info</c>, <c>warning</c> or <c>critical</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>In a sentence for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The project whose people it concerns; <c>default</c> unless given.</summary>
    public string? Project { get; init; }

    /// <summary>What a machine may want to know of it.</summary>
    public JsonElement? Details { get; init; }
}

/// <summary>What somebody says of an alert.</summary>
public sealed record ChangeAlert
{
    public string? Comment { get; init; }
}

/// <summary>An alert.</summary>
public sealed record AlertDocument
{
    public required string Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    public required string Subject { get; init; }

    /// <summary>The highest that it was raised with: <c>info</c>, <c>warning</c> or <c>critical</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>The newest.</summary>
    public required string Reason { get; init; }

    /// <summary><c>open</c>, <c>acknowledged</c> or <c>closed</c>.</summary>
    public required string Status { get; init; }

    public JsonElement? Details { get; init; }

    /// <summary>The run that found it.</summary>
    public string? Run { get; init; }

    public required string RaisedBy { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    /// <summary>When it was raised last.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>How often it was raised.</summary>
    public required long Times { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public string? ClosedBy { get; init; }

    public string? Comment { get; init; }

    internal static AlertDocument Of(AlertInfo row) => new()
    {
        Id = row.Id, Project = row.Project, Name = row.Name, Subject = row.Subject, Severity = row.Severity, Reason = row.Reason, Status = row.Status, Details = row.Details, Run = row.RunId?.Value,
        RaisedBy = row.RaisedBy, RaisedAt = row.RaisedAt, LastAt = row.LastAt, Times = row.Times, AcknowledgedAt = row.AcknowledgedAt, AcknowledgedBy = row.AcknowledgedBy, ClosedAt = row.ClosedAt,
        ClosedBy = row.ClosedBy, Comment = row.Comment,
    };
}
