using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Orchestrator.Scheduling.Webhooks;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Working;

namespace Orchestrator.Server.Webhooks;

/// <summary>
/// <c>POST /hooks/NAME</c>: requests that triggers wait for. Who makes one is known by its signature and by nothing else: no key, no cookie, and so nothing that a page elsewhere could borrow.
/// Who cannot sign gets one answer, whether the name is one or not.
/// </summary>
internal static class WebhookEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/hooks/{name}", ReceiveAsync).IsOpen().ExcludeFromDescription();

    private static async Task<Results<Ok<WebhookDocument>, Accepted<WebhookDocument>>> ReceiveAsync(
        string name, HttpContext context, WebhookGate gate, WebhookIntake intake, SchedulerHost scheduler, ServerState state, ILogger<WebhookGate> log)
    {
        gate.Check(context);
        state.CheckTaking();
        var request = new WebhookRequest { Name = name, Body = await BodyAsync(context), Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase) };
        var outcome = await intake.ReceiveAsync(request, context.RequestAborted);
        switch (outcome)
        {
            case WebhookOutcome.Accepted:
                scheduler.Wake();
                return TypedResults.Accepted((string?)null, new WebhookDocument { Status = "accepted" });
            case WebhookOutcome.Repeated:
                return TypedResults.Ok(new WebhookDocument { Status = "repeated" });
            default:
                // Whoever keeps the server learns what a stranger does not.
                WebhookGate.LogRefused(log, ServerErrors.Shorten(name), outcome, context.Connection.RemoteIpAddress?.ToString() ?? "");
                throw outcome switch
                {
                    WebhookOutcome.OutOfWindow => ServerErrors.HookOutOfWindow(),
                    WebhookOutcome.TooLarge => ServerErrors.BodyTooLarge(WebhookIntake.MostBytes),
                    _ => ServerErrors.NoSuchHook(),
                };
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = WebhookIntake.MostBytes;
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        return bytes.ToArray();
    }
}

/// <summary>What became of a signed request.</summary>
public sealed record WebhookDocument
{
    /// <summary><c>accepted</c>: the triggers that wait for it look at it; <c>repeated</c>: it came before, and nothing is done again.</summary>
    public required string Status { get; init; }
}
