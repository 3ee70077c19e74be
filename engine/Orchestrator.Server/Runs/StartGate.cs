using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Runs;

/// <summary>
/// Lets in as many starts of runs as the database keeps up with. The others are told at once to come later: in a line that only grows, every start would be answered
/// seconds late, and those of a server that dies would not be answered at all.
/// </summary>
internal sealed class StartGate(ServerOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.StartsAtOnce, QueueLimit = options.StartsWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <exception cref="ProblemException">Too many wait already (ORC6017).</exception>
    public async ValueTask<object?> PassAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        using var lease = await limiter.AcquireAsync(1, call.HttpContext.RequestAborted);
        return lease.IsAcquired ? await next(call) : throw ServerErrors.TooManyStarts();
    }

    public void Dispose() => limiter.Dispose();
}

internal static class StartGates
{
    /// <summary>The endpoint starts runs.</summary>
    public static RouteHandlerBuilder Starts(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter((call, next) => call.HttpContext.RequestServices.GetRequiredService<StartGate>().PassAsync(call, next));
}
