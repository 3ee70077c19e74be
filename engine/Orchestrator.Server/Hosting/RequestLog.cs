using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Server.Access;

namespace Orchestrator.Server.Hosting;

/// <summary>One line for each request that changed something or failed; those that only looked are told for who asks for more (debug).</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> log, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var begun = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var status = context.Response.StatusCode;
            var level = status >= 500 ? LogLevel.Warning : AccessMiddleware.IsSafe(context.Request.Method) ? LogLevel.Debug : LogLevel.Information;
            if (log.IsEnabled(level))
            {
                LogRequest(log, level, context.Request.Method, context.Request.Path.Value ?? "", status, context.FindCaller()?.Name ?? "-", time.GetElapsedTime(begun).TotalMilliseconds);
            }
        }
    }

    [LoggerMessage(EventId = 6002, Message = "{Method} {Path} {Status} by {Caller} in {Milliseconds:0.0} ms")]
    private static partial void LogRequest(ILogger log, LogLevel level, string method, string path, int status, string caller, double milliseconds);
}
