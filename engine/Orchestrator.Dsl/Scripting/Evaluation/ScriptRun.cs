using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Authoring;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>What one evaluation of a script yielded.</summary>
internal sealed record Evaluated
{
    /// <summary>As the script wrote it; null when it yielded no pipeline.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>Where the definition's parts stand in the script.</summary>
    public SourceMap? Places { get; init; }

    public PipelineBuilder? Pipeline { get; init; }

    public ImmutableArray<Diagnostic> Findings { get; init; } = [];
}

/// <summary>Evaluates a loaded script, as often as asked, each time from nothing.</summary>
internal sealed class ScriptRun(ScriptSource source, CompiledScript compiled, LoadedScript loaded, ScriptEnvironment environment)
{
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<Evaluated> EvaluateAsync(CancellationToken cancellation)
    {
        var evaluation = new ScriptEvaluation(source, compiled.Map, environment.Catalog);
        var end = await ScriptThread.RunAsync(
            () =>
            {
                ScriptEvaluation.Current = evaluation;
                return loaded.RunAsync(new PipelineScript(evaluation), variables => evaluation.Variables = variables);
            },
            environment.TimeLimit,
            environment.MaxMemoryBytes,
            environment.Time,
            cancellation);
        var pipeline = PipelineOf(end, evaluation);
        if (pipeline is null)
        {
            return new Evaluated { Findings = evaluation.Findings.ToSorted() };
        }

        CheckNotes(evaluation, pipeline);
        // Building reads what the steps' variables hold now, and reports what it cannot find.
        var definition = pipeline.Build();
        return new Evaluated
        {
            Definition = definition,
            Places = ScriptSourceMap.Of(pipeline, definition, evaluation),
            Pipeline = pipeline,
            Findings = evaluation.Findings.ToSorted(),
        };
    }

    private PipelineBuilder? PipelineOf(ScriptEnd end, ScriptEvaluation evaluation)
    {
        var last = ScriptSpans.End(source.Source);
        switch (end)
        {
            case ScriptEnd.Returned { Value: PipelineBuilder pipeline }:
                return pipeline;
            case ScriptEnd.Returned { Value: null }:
                evaluation.Report(ScriptErrors.ReturnsNothing(last, VariablesWith(evaluation)));
                return null;
            case ScriptEnd.Returned { Value: { } other }:
                evaluation.Report(ScriptErrors.ReturnsOther(last, Describe(other)));
                return null;
            case ScriptEnd.OutOfTime { Where: var where }:
                var stuck = where is null ? null : loaded.SpanOf(where, source.Source);
                evaluation.Report(ScriptErrors.TooSlow(stuck ?? last, environment.TimeLimit, stuck is not null));
                return null;
            case ScriptEnd.OutOfMemory { Where: var where }:
                evaluation.Report(ScriptErrors.TooMuchMemory((where is null ? null : loaded.SpanOf(where, source.Source)) ?? last, environment.MaxMemoryBytes));
                return null;
            case ScriptEnd.Threw { Exception: var thrown } when ScriptDepthException.In(thrown) is { } deep:
                evaluation.Report(ScriptErrors.TooDeep(deep.Line > 0 ? ScriptSpans.Line(source.Source, deep.Line, deep.Column) : last));
                return null;
            case ScriptEnd.Threw { Exception: var thrown }:
                evaluation.Report(Explain(thrown, loaded.SpanOf(thrown, source.Source) ?? last, evaluation));
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(end), end, "not an end of a script");
        }
    }

    /// <summary>Outputs used too early are the usual cause: either the activity is no task yet, or the variable that will hold it is still empty.</summary>
    private Diagnostic Explain(Exception thrown, SourceSpan at, ScriptEvaluation evaluation)
    {
        if (thrown is OutputUnknownException or NullReferenceException)
        {
            foreach (var use in compiled.Map.Outputs.Where(use => use.Statement.Start <= at.Start && at.Start < use.Statement.End))
            {
                if (ScriptVariables.Find(evaluation.Variables, use.Path) is null or Output { Task: null })
                {
                    return ScriptErrors.OutputBeforeAdd(evaluation.SpanOf(use.Range));
                }
            }
        }

        return thrown is OutputUnknownException ? ScriptErrors.OutputBeforeAdd(at) : ScriptErrors.Throws(at, thrown, thrown is NullReferenceException);
    }

    /// <summary>The script's variables that hold a pipeline, for the advice to return one.</summary>
    private static List<string> VariablesWith(ScriptEvaluation evaluation) => evaluation.Variables is { } variables
        ? [.. variables.GetType().GetFields().Where(field => field.GetValue(variables) is PipelineBuilder).Select(field => field.Name)]
        : [];

    private static string Describe(object value) => value switch
    {
        string => "a text",
        int or long or double or float or decimal => "a number",
        bool => "true or false",
        Activity activity => $"the activity {activity.GetType().Name}",
        PipelineDefinition => "a finished definition",
        _ => $"a {value.GetType().Name}",
    };

    private static void CheckNotes(ScriptEvaluation evaluation, PipelineBuilder pipeline)
    {
        foreach (var notes in evaluation.Notes)
        {
            if (notes.Pipeline is null && notes.Places is [var place, ..])
            {
                evaluation.Report(ScriptErrors.LooseRules(evaluation.SpanOf(place), place.Method, notes.Activity.GetType().Name));
            }
        }

        foreach (var task in pipeline.Tasks)
        {
            foreach (var need in task.Needs.Select(need => need.Activity).OfType<Activity>().Where(need => (need.Authoring as TaskNotes)?.Pipeline != pipeline))
            {
                var place = task.Places.First(place => place.Method == nameof(ActivityRules.Needs));
                evaluation.Report(ScriptErrors.NeedsNoTask(evaluation.SpanOf(place), task.Name ?? "", need.GetType().Name));
            }
        }
    }
}
