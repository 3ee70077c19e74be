using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>One evaluation of a script: what its calls leave behind, and where in the text they stand.</summary>
internal sealed class ScriptEvaluation(ScriptSource source, ScriptMap map, ActivityCatalog catalog)
{
    // An evaluation has a thread of its own, so that rules said of an activity find it although the activity does not know it.
    [ThreadStatic]
    private static ScriptEvaluation? current;

    private readonly List<TaskNotes> notes = [];
    private readonly HashSet<Type> known = [.. catalog.Classes];

    /// <summary>The evaluation of this thread.</summary>
    public static ScriptEvaluation? Current
    {
        get => current;
        set => current = value;
    }

    /// <exception cref="InvalidOperationException">No script is being evaluated on this thread.</exception>
    public static ScriptEvaluation Required => Current
        ?? throw new InvalidOperationException("Durations of tasks are written while the script runs, on its own thread.");

    public ScriptSource Source => source;

    public DiagnosticBag Findings { get; } = new();

    public List<PipelineBuilder> Pipelines { get; } = [];

    /// <summary>The activities that something was said about, in order.</summary>
    public IReadOnlyList<TaskNotes> Notes => notes;

    /// <summary>The script's own variables, to find what its steps read. Null until the script has started.</summary>
    public object? Variables { get; set; }

    /// <summary>Where the inputs of steps were read in their code, by step and reference.</summary>
    public Dictionary<(StepActivity Step, string Reference), SourceSpan> ReadPlaces { get; } = [];

    public void Note(TaskNotes task) => notes.Add(task);

    public void Report(Diagnostic finding) => Findings.Add(finding);

    /// <summary>True for the classes that the program's catalog was made from.</summary>
    public bool Knows(Type activity) => known.Contains(activity);

    /// <summary>An argument of a call; the call when the argument is not written there, its line when the call itself was not seen.</summary>
    public SourceSpan SpanOf(CallPlace place, string? argument = null)
    {
        var call = map.Find(place);
        return call is null ? LineSpan(place.Line)
            : argument is not null && call.Arguments.TryGetValue(argument, out var range) ? SpanOf(range)
            : SpanOf(call.Range);
    }

    public SourceSpan SpanOf(TextRange range) => source.Source.Span(range.Start, range.End);

    /// <summary>A line without the white space around it.</summary>
    public SourceSpan LineSpan(int line) => ScriptSpans.Line(source.Source, line);

    public ScriptCall? Find(CallPlace place) => map.Find(place);

    /// <summary>Reads a duration; one that is none is reported, and null answered.</summary>
    public TimeSpan? Resolve(string text, CallPlace place, string argument)
    {
        if (Durations.TryParse(text, out var duration))
        {
            return duration;
        }

        Report(ScriptErrors.BadDuration(SpanOf(place, argument), text));
        return null;
    }

    /// <summary>What stands in <c>with</c> for a step: the script, the step's name, and all it reads.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> BindingsOf(StepActivity step, TaskNotes task)
    {
        var name = task.Name ?? "";
        var inputs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (reference, span) in new StepReads(this, map).Of(step, name, task.Places.First(place => place.Method == nameof(PipelineBuilder.Step))))
        {
            inputs[reference] = Core.Definitions.Templates.Whole(reference);
            if (span is { } place)
            {
                ReadPlaces[(step, reference)] = place;
            }
        }

        yield return new("script", OrcJson.ToElement(source.Hash));
        yield return new("step", OrcJson.ToElement(name));
        if (inputs.Count > 0)
        {
            yield return new("inputs", OrcJson.ToElement(inputs));
        }
    }
}
