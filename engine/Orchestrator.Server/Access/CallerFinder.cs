using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Access;

namespace Orchestrator.Server.Access;

/// <summary>Finds out who makes a request: by API key, by token of the identity provider, by the token in the home, or by cookie.</summary>
internal sealed class CallerFinder(AccessStore access, LocalToken local, ServerOptions options, TimeProvider time)
{
    public const string CookieName = "orc_session";

    private const string Scheme = "Bearer ";
    private const string RolePrefix = "orc:";

    // To the minute: a key that comes a thousand times a second is written once.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> noted = new(StringComparer.Ordinal);

    /// <summary>Null: nobody says who calls.</summary>
    /// <exception cref="ProblemException">Somebody says so, and it is not true (ORC6021, ORC6025).</exception>
    public async Task<Caller?> FindAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length > 0)
        {
            var bearer = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : throw ServerErrors.UnknownKey();
            return AccessTokens.TryReadKey(bearer, out var id, out var secret) ? await OfKeyAsync(id, secret, context.RequestAborted)
                : local.IsRight(bearer) ? local.Caller
                : options.Oidc is { } oidc ? await OfTokenAsync(context, oidc)
                : throw ServerErrors.UnknownKey();
        }

        return context.Request.Cookies.TryGetValue(CookieName, out var cookie) && cookie is { Length: > 0 and < 200 } ? await OfCookieAsync(cookie, context.RequestAborted) : null;
    }

    private async Task<Caller> OfKeyAsync(string id, string secret, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (await access.FindKeyAsync(id, cancellation) is not { RevokedAt: null } key || !AccessTokens.AreEqual(key.Hash, AccessTokens.Hash(secret)) || key.ExpiresAt <= now)
        {
            throw ServerErrors.UnknownKey();
        }

        if (!noted.TryGetValue(id, out var last) || time.GetElapsedTime(last) >= NoteEvery)
        {
            noted[id] = time.GetTimestamp();
            await access.UseKeyAsync(id, now, cancellation);
        }

        return new Caller { Name = key.Name, Via = CallerKinds.Key, Roles = key.Roles, Scripts = key.Scripts };
    }

    private async Task<Caller?> OfCookieAsync(string cookie, CancellationToken cancellation)
    {
        var hash = AccessTokens.Hash(cookie);
        return await access.FindSessionAsync(hash, time.GetUtcNow(), cancellation) is { } session
            ? new Caller { Name = session.UserName, Via = CallerKinds.User, Roles = session.Roles, Csrf = session.Csrf, Session = hash }
            : null;
    }

    private static async Task<Caller> OfTokenAsync(HttpContext context, OidcOptions oidc)
    {
        var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (!result.Succeeded)
        {
            // The library's words name what was expected and what came; a token that cannot be checked now is not one that is wrong.
            throw ServerErrors.TokenRefused(result.Failure?.Message ?? "it is no token");
        }

        var principal = result.Principal;
        return new Caller
        {
            Name = principal.FindFirstValue(oidc.NameClaim) ?? principal.FindFirstValue("sub") ?? "(no name)",
            Via = CallerKinds.Token,
            Roles = [.. principal.FindAll(oidc.RolesClaim).Select(claim => RoleOf(claim.Value)).OfType<RoleGrant>()],
        };
    }

    /// <summary>What others keep in the same claim is not ours and grants nothing.</summary>
    private static RoleGrant? RoleOf(string claim)
    {
        try
        {
            return claim.StartsWith(RolePrefix, StringComparison.Ordinal) ? Roles.Parse(claim[RolePrefix.Length..]) : null;
        }
        catch (Core.Activities.ActivityException)
        {
            return null;
        }
    }
}
