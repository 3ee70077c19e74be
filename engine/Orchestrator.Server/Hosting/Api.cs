using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Activities;
using Orchestrator.Server.Alerts;
using Orchestrator.Server.Assets;
using Orchestrator.Server.Audit;
using Orchestrator.Server.Backfills;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Events;
using Orchestrator.Server.Notifications;
using Orchestrator.Server.Pipelines;
using Orchestrator.Server.Retention;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Schedules;
using Orchestrator.Server.Search;
using Scalar.AspNetCore;

namespace Orchestrator.Server.Hosting;

/// <summary>All resources of the API, one file each.</summary>
internal static class Api
{
    public const string Root = "/api/v1";

    public static void Map(WebApplication application)
    {
        var api = application.MapGroup(Root).AddEndpointFilterFactory(QueryFilter.Create);
        PipelineEndpoints.Map(api);
        RunEndpoints.Map(api);
        RunActionEndpoints.Map(api);
        TriggerEndpoints.Map(api);
        BackfillEndpoints.Map(api);
        SignalEndpoints.Map(api);
        DatasetEndpoints.Map(api);
        ModelEndpoints.Map(api);
        EndpointEndpoints.Map(api);
        SearchEndpoints.Map(api);
        LogEndpoints.Map(api);
        ArtifactEndpoints.Map(api);
        StreamEndpoints.Map(api);
        ActivityEndpoints.Map(api);
        SessionEndpoints.Map(api);
        KeyEndpoints.Map(api);
        AuditEndpoints.Map(api);
        AlertEndpoints.Map(api);
        NotificationEndpoints.Map(api);
        RetentionEndpoints.Map(api);
        application.MapOpenApi("/api/{documentName}/openapi.json").NeedsSignIn();
        MapDocs(application);
        application.MapGet("/", () => TypedResults.LocalRedirect("/docs/")).IsOpen().ExcludeFromDescription();
    }

    /// <summary>The reference for people, with its script from this program and from nowhere else.</summary>
    private static void MapDocs(WebApplication application)
    {
        var docs = application.MapGroup("").AddEndpointFilter((invocation, next) =>
        {
            invocation.HttpContext.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
            return next(invocation);
        });
        docs.MapScalarApiReference("/docs", scalar => scalar
            .WithTitle("Orchestrator API")
            .WithOpenApiRoutePattern("/api/{documentName}/openapi.json")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()).IsOpen();
    }
}
