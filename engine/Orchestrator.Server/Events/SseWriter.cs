using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Core.Values;

namespace Orchestrator.Server.Events;

/// <summary>Writes server-sent events (the WHATWG's HTML, section 9.2) as an answer that does not end by itself.</summary>
internal sealed class SseWriter(HttpContext context)
{
    public const string MediaType = "text/event-stream";

    /// <summary>How long a stream may be silent: proxies and clients take longer silence for a broken connection.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    public async Task BeginAsync(CancellationToken cancellation)
    {
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // A client that lost its connection comes back after two seconds.
        await WriteAsync("retry: 2000\n\n", cancellation);
    }

    /// <param name="type">The name of the event.</param>
    /// <param name="id">What the client sends as Last-Event-ID to go on after this one; null: this one is no place to go on after.</param>
    /// <param name="data">JSON, which has no line breaks.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public Task SendAsync<T>(string type, string? id, T data, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        if (id is not null)
        {
            text.Append("id: ").Append(id).Append('\n');
        }

        text.Append("event: ").Append(type).Append("\ndata: ").Append(JsonSerializer.Serialize(data, OrcJson.Options)).Append("\n\n");
        return WriteAsync(text.ToString(), cancellation);
    }

    /// <summary>Says that the connection is there.</summary>
    public Task KeepAliveAsync(CancellationToken cancellation) => WriteAsync(": still here\n\n", cancellation);

    private async Task WriteAsync(string text, CancellationToken cancellation)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        await context.Response.Body.FlushAsync(cancellation);
    }
}
