using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>Puts a model behind an endpoint. Deploying what answers already changes nothing.</summary>
[Activity("model.deploy", Title = "Deploy a model", Summary = "Puts a model behind an endpoint, moves the alias with it and keeps the history.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
public sealed class DeployModel : Activity
{
    [Input(Help = "The model. One that is not registered yet is registered first.")]
    public required ReferenceInput<ModelRef> Model { get; set; }

    [Input(Help = "The endpoint's name; it is made when it does not exist.")]
    public required Input<string> Endpoint { get; set; }

    [Input(Help = "The name to register the model under. Default: the model's own name, or else the endpoint's.")]
    public Input<string>? Name { get; set; }

    [Input(Help = "The alias that points at the version that answers.")]
    public Input<string> Alias { get; set; } = "champion";

    [Input(Help = "How requests move from the version that answers now to this one.")]
    public Input<RolloutStrategy> Strategy { get; set; } = new AllAtOnceStrategy();

    [Input(Help = "Why, for the history.", Hint = "text")]
    public Input<string>? Reason { get; set; }

    [Output(Help = "The version that answers now.")]
    public Output<int> Version { get; } = new();

    [Output(Help = "The version that answered before; nothing on the first deployment.")]
    public Output<int?> Previous { get; } = new();

    [Output(Help = "Whether another version answers than before.")]
    public Output<bool> Changed { get; } = new();

    [Output(Help = "The model with its name and version.")]
    public Output<ModelRef> Deployed { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        // Fails here, in words, rather than at the first prediction when the file is not in the store.
        _ = context.Artifacts.PathOf(Model.Value.Artifact);
        var request = new DeployRequest
        {
            Endpoint = Endpoint.Value,
            Model = Model.Value,
            Name = Name?.Value,
            Alias = Alias.Value,
            Reason = Reason?.Value,
            By = ChangeSource.Of(context.Attempt),
            IdempotencyKey = context.IdempotencyKey,
        };
        var result = await context.Port<EndpointStore>().DeployAsync(request, context.Cancellation);
        EndpointLog.Write(context, result, "deployed");
        context.Set(Version, result.Version);
        context.Set(Previous, result.Previous);
        context.Set(Changed, result.Changed);
        context.Set(Deployed, Model.Value with { Name = result.Model, Version = result.Version });
    }
}
