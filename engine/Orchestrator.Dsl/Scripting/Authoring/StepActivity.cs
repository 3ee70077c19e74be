using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>A step written in place. In a definition it is the activity <c>csharp</c>, which comes back to it by script and name.</summary>
public abstract class StepActivity : Activity
{
    internal const string Type = "csharp";

    private protected StepActivity()
    {
    }

    /// <summary>The code as the script gave it; its target knows the variables it captured.</summary>
    internal Delegate? Body { get; set; }

    /// <summary>The code's text, by which the compiler's findings about it are found again.</summary>
    internal string BodyText { get; set; } = "";

    /// <summary>What the author said the code reads; null when it is to be found.</summary>
    internal IReadOnlyList<Expr>? Reads { get; set; }

    /// <summary>Runs the code with the values it reads, by reference: <c>tasks.sweep.best</c>.</summary>
    internal abstract Task RunAsync(ActivityContext context, IReadOnlyDictionary<string, JsonElement> inputs);

    protected sealed override Task ExecuteAsync(ActivityContext context) => RunAsync(context, new Dictionary<string, JsonElement>());
}

/// <summary>A step whose code yields nothing by itself; what it sets by name is its <see cref="Result"/>.</summary>
[Activity(StepActivity.Type, Title = "C# step", Summary = "Runs C# that stands in the pipeline's script.", Kind = ActivityKind.Effect, Lane = Lane.Process)]
public sealed class ScriptStep : StepActivity
{
    private readonly Func<StepContext, Task> body;

    /// <summary>For descriptors, which ask an instance for its outputs.</summary>
    public ScriptStep() => body = _ => Task.CompletedTask;

    internal ScriptStep(Func<StepContext, Task> body) => this.body = body;

    /// <summary>An object of what <see cref="StepContext.Set"/> set; in expressions <c>step.Result.Member("name")</c>.</summary>
    public Output<JsonElement> Result { get; } = new();

    internal override async Task RunAsync(ActivityContext context, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        var step = new StepContext(context, inputs);
        await body(step);
        context.Set(Result, OrcJson.ToElement(step.Values));
    }
}

/// <summary>A step whose code yields a value.</summary>
/// <typeparam name="T">Goes through JSON.</typeparam>
[Activity(StepActivity.Type, Title = "C# step", Summary = "Runs C# that stands in the pipeline's script.", Kind = ActivityKind.Effect, Lane = Lane.Process)]
public sealed class ScriptStep<T> : StepActivity
{
    private readonly Func<StepContext, Task<T>>? body;

    /// <summary>For descriptors, which ask an instance for its outputs.</summary>
    public ScriptStep() => body = null;

    internal ScriptStep(Func<StepContext, Task<T>> body) => this.body = body;

    /// <summary>What the code returned.</summary>
    public Output<T> Result { get; } = new();

    internal override async Task RunAsync(ActivityContext context, IReadOnlyDictionary<string, JsonElement> inputs)
    {
        if (body is not null)
        {
            context.Set(Result, await body(new StepContext(context, inputs)));
        }
    }
}
