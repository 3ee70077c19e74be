using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Access;

/// <summary>Lets a request through to its endpoint, or does not. What no endpoint says it needs is closed.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, CallerFinder callers, FailedSignIns failed)
{
    private const string CsrfHeader = "X-Orc-Csrf";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            // There is nothing at this address, or nothing that takes this method or body (of which the framework tells by an endpoint of its own). Which addresses there are is no secret.
            await next(context);
            return;
        }

        var need = endpoint.Metadata.GetMetadata<Need>();
        if (need is { IsOpen: true })
        {
            await next(context);
            return;
        }

        var caller = await FindAsync(context) ?? throw ServerErrors.NotSignedIn();
        if (need is null || (need.Permission is { } permission && !caller.MaySomewhere(permission)))
        {
            throw need?.Permission == Permission.RegisterScripts ? ServerErrors.NoScripts(caller.Name) : ServerErrors.NotAllowed(caller.Name, Roles.Words(need?.Permission ?? Permission.Administer), null);
        }

        if (caller.Csrf is { } csrf && !IsSafe(context.Request.Method) && !AccessTokens.AreEqual(csrf, context.Request.Headers[CsrfHeader].ToString()))
        {
            throw ServerErrors.NoCsrf();
        }

        context.SetCaller(caller);
        await next(context);
    }

    /// <summary>Methods that change nothing.</summary>
    internal static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <summary>Who comes with wrong secrets again and again is made to wait; a right one is not asked for.</summary>
    private async Task<Caller?> FindAsync(HttpContext context)
    {
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "";
        failed.Check(from);
        try
        {
            return await callers.FindAsync(context);
        }
        catch (ProblemException wrong) when (wrong.Problem.Status == StatusCodes.Status401Unauthorized)
        {
            failed.Count(from);
            throw;
        }
    }
}
