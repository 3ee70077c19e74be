using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Orchestrator.Core.Values;
using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Server.Problems;

/// <summary>Turns whatever ends a request other than well into problem details. Outermost, so that nothing goes out in another form.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            {
                await WriteAsync(context, PlainProblem(context));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (Exception error)
        {
            var problem = ProblemMapping.Of(error, context);
            if (ProblemMapping.IsDefect(problem))
            {
                LogDefect(log, error, context.Request.Method, context.Request.Path.Value ?? "", problem.Trace ?? "");
            }

            if (context.Response.HasStarted)
            {
                // Half an answer must not look like a whole one.
                context.Abort();
                return;
            }

            await WriteAsync(context, problem);
        }
    }

    /// <summary>Writes a problem as the answer.</summary>
    public static async Task WriteAsync(HttpContext context, ApiProblem problem)
    {
        var headers = context.Response.Headers;
        var allow = headers.Allow;
        context.Response.Clear();
        SecurityHeaders.Set(headers);
        headers.Allow = allow;
        headers.CacheControl = "no-store";
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        if (problem.RetryAfter is { } seconds)
        {
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"orc\"";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await JsonSerializer.SerializeAsync(context.Response.Body, problem with { Instance = context.Request.Path.Value }, OrcJson.Options, context.RequestAborted);
        }
    }

    /// <summary>An answer that the framework gave without a body.</summary>
    private static ApiProblem PlainProblem(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ServerErrors.NoSuchAddress(context.Request.Path.Value ?? "").Problem,
        StatusCodes.Status405MethodNotAllowed => ServerErrors.WrongMethod(context.Request.Method, context.Request.Path.Value ?? "", context.Response.Headers.Allow.ToString().Split(", ")).Problem,
        StatusCodes.Status413PayloadTooLarge => ServerErrors.BodyTooLarge(BadRequests.LimitOf(context)).Problem,
        StatusCodes.Status415UnsupportedMediaType => ServerErrors.WrongMediaType(context.Request.ContentType, WantedBy(context)).Problem,
        var status => ServerErrors.WrongBody("it cannot be read").Problem with { Status = status },
    };

    private static string WantedBy(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>()?.ContentTypes is { Count: > 0 } types ? string.Join(" or ", types) : "application/json";

    [LoggerMessage(6001, LogLevel.Error, "{Method} {Path} failed; trace {Trace}")]
    private static partial void LogDefect(ILogger log, Exception error, string method, string path, string trace);
}

/// <summary>What every answer says to browsers.</summary>
internal static class SecurityHeaders
{
    public static void Set(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    }
}
