using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Audit;

/// <summary>Who changed what.</summary>
internal static class AuditEndpoints
{
    private const string Resource = "audit";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/audit", ListAsync).Needs(Permission.Administer).Describe(Resource, "The audit log, newest first", 400);
        api.MapGet("/audit/verify", VerifyAsync).Needs(Permission.Administer).Describe(Resource, "Whether the audit log is as it was written; \"expect\" is a head that was noted earlier");
    }

    private static async Task<Ok<Page<AuditDocument>>> ListAsync(HttpContext context, AuditLog log, string? actor, string? action, string? target, string? cursor, int? limit)
    {
        context.GetCaller().Check(Permission.Administer, RoleGrant.EveryProject);
        var most = Query.Limit(limit);
        var rows = await log.ListAsync(
            new AuditFilter { Actor = Query.Name(actor, "actor"), Action = Query.Name(action, "action"), Target = Query.Name(target, "target"), Before = Query.Number(cursor), Limit = most + 1 }, context.RequestAborted);
        return TypedResults.Ok(Page<AuditDocument>.Of(rows, most, row => $"{row.Seq}", AuditDocument.Of));
    }

    private static async Task<Ok<AuditVerdictDocument>> VerifyAsync(HttpContext context, AuditLog log, string? expect)
    {
        context.GetCaller().Check(Permission.Administer, RoleGrant.EveryProject);
        var verdict = await log.VerifyAsync(Query.Name(expect, "expect"), context.RequestAborted);
        return TypedResults.Ok(new AuditVerdictDocument { Sound = verdict.Problem is null, Rows = verdict.Sound, Head = verdict.Head, Problem = verdict.Problem });
    }
}

/// <summary>A row of the audit log.</summary>
public sealed record AuditDocument
{
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Actor { get; init; }

    /// <summary>How the actor was known: <c>user</c>, <c>key</c>, <c>token</c>, <c>folder</c> or <c>local</c>.</summary>
    public required string Via { get; init; }

    public required string Action { get; init; }

    public string? Target { get; init; }

    public string? Project { get; init; }

    public JsonElement? Details { get; init; }

    public required string Hash { get; init; }

    internal static AuditDocument Of(AuditRow row) => new()
    {
        Seq = row.Seq, At = row.At, Actor = row.Actor, Via = row.Via, Action = row.Action, Target = row.Target, Project = row.Project, Details = row.Details, Hash = row.Hash,
    };
}

/// <summary>What a look at the whole log came to.</summary>
public sealed record AuditVerdictDocument
{
    public required bool Sound { get; init; }

    /// <summary>How many rows are as they were written, from the first on.</summary>
    public required long Rows { get; init; }

    /// <summary>The hash of the last of them.</summary>
    public required string Head { get; init; }

    public string? Problem { get; init; }
}
