using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>Takes an endpoint back. Needs nothing but the database: no metric, no monitor, no network.</summary>
[Activity("model.rollback", Title = "Roll back a model", Summary = "Puts the version back that answered an endpoint before the current one, and the alias with it.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
public sealed class RollbackModel : Activity
{
    [Input(Help = "The endpoint's name.")]
    public required Input<string> Endpoint { get; set; }

    [Input(Help = "The version to go back to. Default: what the current one took over from.", Minimum = 1)]
    public Input<int>? To { get; set; }

    [Input(Help = "Why, for the history.", Hint = "text")]
    public Input<string>? Reason { get; set; }

    [Output(Help = "The version that answers now.")]
    public Output<int> Version { get; } = new();

    [Output(Help = "The version that answered before.")]
    public Output<int?> Previous { get; } = new();

    [Output(Help = "Whether another version answers than before.")]
    public Output<bool> Changed { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var request = new RollbackRequest
        {
            Endpoint = Endpoint.Value,
            To = To?.Value,
            Reason = Reason?.Value,
            By = ChangeSource.Of(context.Attempt),
            IdempotencyKey = context.IdempotencyKey,
        };
        var result = await context.Port<EndpointStore>().RollBackAsync(request, context.Cancellation);
        EndpointLog.Write(context, result, "rolled back");
        context.Set(Version, result.Version);
        context.Set(Previous, result.Previous);
        context.Set(Changed, result.Changed);
    }
}
