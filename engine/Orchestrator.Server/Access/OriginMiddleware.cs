using System.Net;
using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Access;

/// <summary>
/// Keeps out what browsers are made to send. By the Host: a name that somebody pointed at this machine is not ours (DNS rebinding). By the Origin: pages of others change nothing here.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next, ServerOptions options)
{
    private static readonly string[] Own = ["localhost", "127.0.0.1", "::1"];

    private readonly HashSet<string> hosts = new([.. Own, .. options.AllowedHosts, .. options.Urls.Select(HostOf).OfType<string>()], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Set(context.Response.Headers);
        var host = context.Request.Host;
        if (!host.HasValue || !hosts.Contains(host.Host.Trim('[', ']')))
        {
            throw ServerErrors.OtherHost(host.Value ?? "");
        }

        if (!AccessMiddleware.IsSafe(context.Request.Method) && IsOfAnother(context.Request) is { } origin)
        {
            throw ServerErrors.OtherOrigin(origin);
        }

        return next(context);
    }

    /// <summary>The origin, when it is not this server's own. Programs send none.</summary>
    private string? IsOfAnother(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" ? "(another site)" : null;
        }

        return origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase) ? null : origin;
    }

    /// <summary>An address of the machine that was named to listen on; "every address" names no host.</summary>
    private static string? HostOf(string url) =>
        Uri.TryCreate(url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var address)
        && !(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
            ? address.Host.Trim('[', ']')
            : null;
}
