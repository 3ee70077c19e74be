using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Hosting;

/// <summary>For whoever keeps the server alive: <c>/healthz</c> says that the process answers, <c>/readyz</c> that it can do its work, <c>/metrics</c> what it does.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Text("ok\n")).IsOpen().ExcludeFromDescription();
        routes.MapGet("/readyz", ReadyAsync).IsOpen().ExcludeFromDescription();
        routes.MapPrometheusScrapingEndpoint("/metrics").Needs(Permission.Read);
    }

    /// <summary>Ready is who can read the database and takes work. Says no more than that to those who are not signed in.</summary>
    private static async Task<Results<ContentHttpResult, StatusCodeHttpResult>> ReadyAsync(ServerState state, EngineStores stores, TimeProvider time, HttpContext context)
    {
        if (state.NotReady is { } why)
        {
            return TypedResults.Text($"{why}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            await stores.Runs.ListAsync(new RunFilter { Limit = 1 }, context.RequestAborted).WaitAsync(Patience, time, context.RequestAborted);
            return TypedResults.Text("ready\n");
        }
        catch (Exception away) when (away is StorageException or TimeoutException)
        {
            return TypedResults.Text("the database does not answer\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
