using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Tracking.Models;

/// <summary>Gives a trained model a name and the next version in the registry.</summary>
[Activity("model.register", Title = "Register a model", Summary = "Makes the next version of a registered model, and points an alias at it.", Kind = ActivityKind.Effect, Lane = Lane.Inline)]
public sealed class RegisterModel : Activity
{
    [Input(Help = "The trained model.")]
    public required ReferenceInput<ModelRef> Model { get; set; }

    [Input(Help = "The registered model's name; it is made when it does not exist.")]
    public required Input<string> Name { get; set; }

    [Input(Help = "An alias to point at the version: challenger.")]
    public Input<string>? Alias { get; set; }

    [Input(Help = "A sentence for people.", Hint = "text")]
    public Input<string>? Description { get; set; }

    [Input(Help = "Tags of the version, by name.")]
    public Input<IReadOnlyDictionary<string, string>>? Tags { get; set; }

    [Output(Help = "The model with its name and version.")]
    public Output<ModelRef> Registered { get; } = new();

    [Output(Help = "The version: 1, 2, …")]
    public Output<int> Version { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        // Fails here, in words, rather than at the first prediction when the file is not in the store.
        _ = context.Artifacts.PathOf(Model.Value.Artifact);
        if (Alias?.Value is { } wanted)
        {
            ModelNames.CheckAlias(wanted);
        }

        var registry = context.Port<ModelRegistry>();
        var by = ChangeSource.Of(context.Attempt);
        var request = new NewModelVersion
        {
            Name = Name.Value,
            Model = Model.Value,
            IdempotencyKey = context.IdempotencyKey,
            By = by,
            Description = Description?.Value,
            Tags = Tags?.Value ?? new Dictionary<string, string>(),
            ReuseSameArtifact = true,
        };
        var version = await context.Port<OrcDatabase>().WriteAsync(
            async (session, token) =>
            {
                var made = await registry.RegisterAsync(session, request, token);
                if (Alias?.Value is { } alias)
                {
                    await registry.SetAliasAsync(session, made.Name, alias, made.Version, by, reason: null, token);
                }

                return made;
            },
            context.Cancellation);

        context.Log(version.Created
            ? $"registered {version.Name} version {version.Version}"
            : $"this model is {version.Name} version {version.Version} already; no new version was made");
        context.Set(Registered, version.Model);
        context.Set(Version, version.Version);
    }
}
