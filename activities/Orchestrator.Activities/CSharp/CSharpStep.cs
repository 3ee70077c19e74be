using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Activities.CSharp;

/// <summary>
/// Runs C#: a step that a script wrote in place, or code that stands in the definition. Never cached, since such code may do anything.
/// </summary>
[Activity("csharp", Title = "C# step", Summary = "Runs C# that stands in the pipeline, in a worker process.", Kind = ActivityKind.Effect, Lane = Lane.Process)]
public sealed class CSharpStep : Activity
{
    [Input(Help = "SHA-256 of the script that has the step. Written by scripts.", Hint = "hash")]
    public Input<string>? Script { get; set; }

    [Input(Help = "The step's name in the script. Written by scripts.")]
    public Input<string>? Step { get; set; }

    [Input(Help = "C# statements with ctx in scope: ctx.Input<double>(\"x\"), ctx.Log(…), ctx.Set(\"name\", …), return ….", Hint = "code")]
    public Input<string>? Code { get; set; }

    [Input(Help = "The values that the code reads, by name.", Hint = "map")]
    public Input<IReadOnlyDictionary<string, JsonElement>>? Inputs { get; set; }

    [Output(Help = "What the code returned, or an object of what it set by name.")]
    public Output<JsonElement> Result { get; } = new();

    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var inputs = Inputs?.Value ?? new Dictionary<string, JsonElement>();
        var steps = context.Port<IScriptSteps>();
        switch (Code?.Value, Script?.Value, Step?.Value)
        {
            case ({ } code, null, null):
                await steps.RunCodeAsync(code, inputs, context);
                break;
            case (null, { } script, { } step):
                // The script was put into the artifacts when its pipeline was registered.
                await steps.RunAsync(context.Artifacts.PathOf(script), step, inputs, context);
                break;
            default:
                throw CSharpErrors.CodeOrStep();
        }
    }
}
