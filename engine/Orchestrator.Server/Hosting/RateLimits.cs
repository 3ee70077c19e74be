using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Access;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Hosting;

/// <summary>Keeps one caller from keeping the others out: a bucket of requests for each, that fills at a steady rate.</summary>
internal sealed class RateLimitMiddleware : IDisposable
{
    private readonly RequestDelegate next;
    private readonly PartitionedRateLimiter<string> limiter;

    public RateLimitMiddleware(RequestDelegate next, ServerOptions options)
    {
        this.next = next;
        limiter = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.RequestBurst,
            TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        // Who is not signed in is told apart by where the request comes from.
        var caller = context.FindCaller() is { } known ? $"{known.Via}/{known.Name}" : $"from/{context.Connection.RemoteIpAddress}";
        using var lease = limiter.AttemptAcquire(caller);
        if (!lease.IsAcquired)
        {
            throw ServerErrors.TooManyRequests(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1);
        }

        await next(context);
    }

    public void Dispose() => limiter.Dispose();
}
