using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Access;

/// <summary>Signing in with a link, signing out, and who one is.</summary>
internal static class SessionEndpoints
{
    private static readonly TimeSpan Length = TimeSpan.FromDays(7);

    /// <summary>The pages, which are not part of the API.</summary>
    public static void MapPages(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", (HttpContext context, string? token) => Html(context, SignInPage.Ask(token is { Length: <= 200 } ? token : ""))).IsOpen().ExcludeFromDescription();
        routes.MapPost("/sign-in", SignInAsync).IsOpen().ExcludeFromDescription().DisableAntiforgery();
    }

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/session", (HttpContext context) => TypedResults.Ok(SessionDocument.Of(context.GetCaller()))).NeedsSignIn()
            .Describe("session", "Who calls, what the caller may do, and the header that changes need beside a cookie");
        api.MapDelete("/session", SignOutAsync).NeedsSignIn().Describe("session", "Signs out: ends the session of the cookie");
    }

    private static async Task SignInAsync(HttpContext context, AccessStore access, FailedSignIns failed, TimeProvider time)
    {
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "";
        failed.Check(from);
        if (!context.Request.HasFormContentType || context.Request.ContentLength is not < 10_000)
        {
            throw ServerErrors.WrongMediaType(context.Request.ContentType, "application/x-www-form-urlencoded");
        }

        var token = (await context.Request.ReadFormAsync(context.RequestAborted))["token"].ToString();
        var (now, secret) = (time.GetUtcNow(), AccessTokens.NewSecret());
        var session = await access.SignInAsync(
            AccessTokens.Hash(token), AccessTokens.Hash(secret), AccessTokens.NewSecret(), now, now + Length,
            user => new AuditEntry { At = now, Actor = user, Via = CallerKinds.User, Action = "session.begin", Target = $"user {user}" },
            context.RequestAborted);
        if (session is null)
        {
            failed.Count(from);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            var problem = ServerErrors.LinkUsed().Problem;
            await Html(context, SignInPage.Tell($"{problem.Code}: {problem.Detail}. {problem.Help}"));
            return;
        }

        context.Response.Cookies.Append(CallerFinder.CookieName, secret, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/", Expires = session.ExpiresAt, IsEssential = true,
        });
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
    }

    private static async Task<NoContent> SignOutAsync(HttpContext context, AccessStore access, TimeProvider time)
    {
        var caller = context.GetCaller();
        if (caller.Session is { } session)
        {
            await access.EndSessionAsync(session, caller.Did("session.end", $"user {caller.Name}", null, time.GetUtcNow()), context.RequestAborted);
            context.Response.Cookies.Delete(CallerFinder.CookieName, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Path = "/" });
        }

        return TypedResults.NoContent();
    }

    private static Task Html(HttpContext context, string page)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = SignInPage.Policy;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(page, context.RequestAborted);
    }
}

/// <summary>Who calls.</summary>
public sealed record SessionDocument
{
    public required string Name { get; init; }

    /// <summary><c>user</c>, <c>key</c>, <c>token</c> or <c>local</c>.</summary>
    public required string Via { get; init; }

    public required IReadOnlyList<RoleDocument> Roles { get; init; }

    /// <summary>What a page sends as X-Orc-Csrf with everything that changes something; absent without a cookie.</summary>
    public string? Csrf { get; init; }

    internal static SessionDocument Of(Caller caller) => new() { Name = caller.Name, Via = caller.Via, Roles = [.. caller.Roles.Select(RoleDocument.Of)], Csrf = caller.Csrf };
}

/// <summary>A role in a project.</summary>
public sealed record RoleDocument
{
    /// <summary>A project, or <c>*</c> for every one.</summary>
    public required string Project { get; init; }

    /// <summary><c>viewer</c>, <c>operator</c>, <c>author</c>, <c>approver</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }

    internal static RoleDocument Of(RoleGrant grant) => new() { Project = grant.Project, Role = grant.Role };
}
