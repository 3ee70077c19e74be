using Orchestrator.Core.Activities;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>Tells in an attempt's log what happened to an endpoint.</summary>
internal static class EndpointLog
{
    /// <param name="did">What was done when something changed: <c>deployed</c>, <c>rolled back</c>.</param>
    public static void Write(ActivityContext context, DeploymentResult result, string did)
    {
        foreach (var note in result.Notes)
        {
            context.Log(note);
        }

        var before = result.Previous is { } version ? $", {result.PreviousModel ?? result.Model} version {version} before" : ", nothing before";
        context.Log(result.Changed
            ? $"{did}: endpoint {result.Endpoint} is answered by {result.Model} version {result.Version}{before}"
            : $"nothing to do: endpoint {result.Endpoint} is answered by {result.Model} version {result.Version} already");
    }
}
