using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Documents;

/// <summary>Bodies are UTF-8 (for JSON that is RFC 8259, section 8.1); whoever says that theirs are something else is told so, before something tries to decode them.</summary>
internal sealed class CharsetMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset is { HasValue: true } charset && !charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? throw ServerErrors.WrongMediaType(context.Request.ContentType, "it as UTF-8, with charset=utf-8 or none")
            : next(context);
}
