using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Webhooks;

/// <summary>Keeps those who cannot sign from keeping the server busy: each request costs a look at the database before its signature can be checked, so one place may make fewer of them than of others.</summary>
internal sealed partial class WebhookGate(ServerOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(from => RateLimitPartition.GetTokenBucketLimiter(from, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = options.WebhookBurst,
        TokensPerPeriod = options.WebhooksPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    }));

    /// <exception cref="ProblemException">Too many came from there (ORC6013).</exception>
    public void Check(HttpContext context)
    {
        using var lease = limiter.AttemptAcquire(context.Connection.RemoteIpAddress?.ToString() ?? "");
        if (!lease.IsAcquired)
        {
            throw ServerErrors.TooManyRequests(1);
        }
    }

    public void Dispose() => limiter.Dispose();

    [LoggerMessage(6130, LogLevel.Warning, "a request to webhook {Webhook} was refused: {Outcome}; it came from {From}")]
    public static partial void LogRefused(ILogger log, string webhook, WebhookOutcome outcome, string from);

    [LoggerMessage(6131, LogLevel.Warning, "the secret {Secret} of a webhook cannot be read: {Problem}")]
    public static partial void LogNoSecret(ILogger log, string secret, string problem);
}
