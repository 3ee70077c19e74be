using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Authoring;
using Orchestrator.Dsl.Scripting.Evaluation;

namespace Orchestrator.Dsl.Scripting;

/// <summary>Runs the steps of scripts, in the worker process where their attempt is.</summary>
public sealed class ScriptSteps : IScriptSteps
{
    private readonly ScriptEnvironment environment;
    private readonly ScriptLibrary library;

    public ScriptSteps(ScriptEnvironment environment)
    {
        this.environment = environment;
        library = new ScriptLibrary(environment);
    }

    public async Task RunAsync(string scriptPath, string step, IReadOnlyDictionary<string, JsonElement> inputs, ActivityContext context)
    {
        var text = SourceText.FromBytes($"<script of {context.Attempt.Pipeline}>", await File.ReadAllBytesAsync(scriptPath, context.Cancellation));
        var source = ScriptSource.Of(text);
        var (compiled, fromCache, errors) = await library.GetAsync(source, typeof(PipelineScript), context.Cancellation);
        if (compiled is null)
        {
            throw StepErrors.DoesNotEvaluate(DiagnosticRenderer.Render(errors));
        }

        if (!fromCache)
        {
            // The definition that this attempt belongs to was registered from this script, so it has been found deterministic.
            library.Keep(source, typeof(PipelineScript), compiled);
        }

        using var loaded = new LoadedScript(compiled);
        var evaluated = await new ScriptRun(source, compiled, loaded, environment).EvaluateAsync(context.Cancellation);
        if (evaluated.Pipeline is not { } pipeline)
        {
            throw StepErrors.DoesNotEvaluate(DiagnosticRenderer.Render(evaluated.Findings));
        }

        var steps = pipeline.Tasks.Where(task => task.Activity is StepActivity).ToList();
        if (steps.FirstOrDefault(task => task.Name == step)?.Activity is not StepActivity found)
        {
            throw StepErrors.NoSuchStep(step, [.. steps.Select(task => task.Name).OfType<string>()]);
        }

        await RunAsync($"step \"{step}\"", () => found.RunAsync(context, inputs), loaded, context);
    }

    public async Task RunCodeAsync(string code, IReadOnlyDictionary<string, JsonElement> inputs, ActivityContext context)
    {
        var source = ScriptSource.Of(new SourceText("<code>", code));
        var (compiled, fromCache, errors) = await library.GetAsync(source, typeof(StepCodeScope), context.Cancellation);
        if (compiled is null)
        {
            throw StepErrors.CodeDoesNotCompile(DiagnosticRenderer.Render(errors));
        }

        if (!fromCache)
        {
            library.Keep(source, typeof(StepCodeScope), compiled);
        }

        using var loaded = new LoadedScript(compiled);
        var scope = new StepCodeScope(new StepContext(context, inputs));
        object? returned = null;
        await RunAsync("the code", async () => returned = await loaded.RunAsync(scope, _ => { }), loaded, context);
        var step = new ScriptStep();
        ActivityDescriptor.Of(typeof(ScriptStep)).Named(step, task: null);
        context.Set(step.Result, returned is null ? OrcJson.ToElement(scope.ctx.Values) : JsonSerializer.SerializeToElement(returned, returned.GetType(), OrcJson.Options));
    }

    private static async Task RunAsync(string what, Func<Task> step, LoadedScript loaded, ActivityContext context)
    {
        try
        {
            await step();
        }
        catch (Exception thrown) when (thrown is not ActivityException && !(thrown is OperationCanceledException && context.Cancellation.IsCancellationRequested))
        {
            throw StepErrors.Threw(what, thrown, loaded.PlaceOf(thrown) is { } place ? $"line {place.Line}" : null);
        }
    }
}
