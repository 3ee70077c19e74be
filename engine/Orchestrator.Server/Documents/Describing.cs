using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Documents;

/// <summary>What the OpenAPI document says of endpoints.</summary>
internal static class Describing
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="resource">The resource that it is of.</param>
    /// <param name="summary">What it does, in one sentence.</param>
    /// <param name="problems">Status codes with problem details, beyond those that every endpoint may have.</param>
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string resource, string summary, params int[] problems)
    {
        foreach (var status in problems.Union([StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests]).Order())
        {
            endpoint.Produces<ApiProblem>(status, "application/problem+json");
        }

        return endpoint.WithTags(resource).WithSummary(summary);
    }
}
