using Microsoft.AspNetCore.Http;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Problems;

/// <summary>Which problem an exception is. What is not known here is a defect, of which nobody outside is told more than where to look.</summary>
internal static class ProblemMapping
{
    public static ApiProblem Of(Exception error, HttpContext context) => error switch
    {
        ProblemException known => known.Problem,
        ActivityException { Failure: { } failure } => Of(failure),
        StorageException { Kind: not StorageErrorKind.Defect and not StorageErrorKind.Constraint } failed => Of(failed.ToFailure()),
        BadHttpRequestException bad => BadRequests.Of(bad, context),
        _ => ServerErrors.Internal(System.Diagnostics.Activity.Current?.Id ?? context.TraceIdentifier).Problem,
    };

    public static bool IsDefect(ApiProblem problem) => problem.Code == "ORC6001";

    private static ApiProblem Of(Failure failure) => ServerErrors.Of(StatusOf(failure), failure.Code, failure.Message) with
    {
        Why = failure.Why,
        Help = failure.Help,
        Details = failure.Details.Count == 0 ? null : failure.Details,
        RetryAfter = failure.Kind == FailureKind.Infrastructure ? (int)Math.Ceiling(failure.RetryAfter?.TotalSeconds ?? 5) : null,
    };

    /// <summary>By what the failure is about, never by its text.</summary>
    private static int StatusOf(Failure failure) => failure.Code switch
    {
        // There is no such run, task or item.
        "ORC5240" or "ORC5244" or "ORC5906" or "ORC5932" => StatusCodes.Status404NotFound,

        // There is no such dataset, version of one, model, version of one, or endpoint.
        "ORC5352" or "ORC5353" or "ORC5504" or "ORC5505" or "ORC5551" => StatusCodes.Status404NotFound,

        // Nothing is deployed to an endpoint, there is nothing to go back to, or the version never answered it.
        "ORC5552" or "ORC5553" or "ORC5554" => StatusCodes.Status409Conflict,

        // There is no such backfill.
        "ORC6220" => StatusCodes.Status404NotFound,

        // A trigger is paused already, or is not; a backfill is in no state for it.
        "ORC6213" or "ORC6214" or "ORC6227" or "ORC6228" => StatusCodes.Status409Conflict,

        // It has changed since it was looked at.
        "ORC6240" => StatusCodes.Status412PreconditionFailed,

        // There is no such channel, notification or alert, or not one.
        "ORC6310" or "ORC6311" or "ORC6312" or "ORC6330" or "ORC6331" => StatusCodes.Status404NotFound,

        // The alert is acknowledged or closed already.
        "ORC6333" => StatusCodes.Status409Conflict,

        // There was one, or there were its events.
        "ORC6400" or "ORC6401" => StatusCodes.Status410Gone,

        // Another process removes what is old right now.
        "ORC6402" => StatusCodes.Status409Conflict,

        // The run has ended, somebody else works on it, it would not take what is asked, has not ended, or there is nothing to run again.
        "ORC5241" or "ORC5242" or "ORC5925" or "ORC5950" or "ORC5927" or "ORC5918" => StatusCodes.Status409Conflict,

        // Whoever works on the run does not answer.
        "ORC5926" => StatusCodes.Status504GatewayTimeout,
        _ => failure.Kind switch
        {
            FailureKind.Infrastructure => StatusCodes.Status503ServiceUnavailable,
            FailureKind.Work => StatusCodes.Status422UnprocessableEntity,
            _ => StatusCodes.Status500InternalServerError,
        },
    };
}
