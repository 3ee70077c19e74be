using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>
/// Says which outputs and parameters a step reads. The compiler has found the way there (<c>sweep</c>, <c>Best</c>); here it is walked over the variables that the
/// step's code has captured.
/// </summary>
internal sealed class StepReads(ScriptEvaluation evaluation, ScriptMap map)
{
    /// <summary>The references, each with its place in the code when it was found there. What cannot be found is reported, unless the author has said what the step reads.</summary>
    public IEnumerable<(string Reference, SourceSpan? Span)> Of(StepActivity step, string name, CallPlace place)
    {
        foreach (var read in step.Reads ?? [])
        {
            yield return (read.Text, null);
        }

        if (map.FindStep(step.BodyText) is not { } code)
        {
            Untraced(step, name, evaluation.SpanOf(place));
            yield break;
        }

        foreach (var range in code.Untraced)
        {
            Untraced(step, name, evaluation.SpanOf(range));
        }

        foreach (var read in code.Reads)
        {
            if (read.Path.IsEmpty)
            {
                yield return ("item", evaluation.SpanOf(read.Range));
            }
            else if (ValueAt(step, read.Path) is Expr expression)
            {
                if (expression is not Output { Task: null })
                {
                    yield return (expression.Text, evaluation.SpanOf(read.Range));
                }
                else
                {
                    evaluation.Report(ScriptErrors.OutputBeforeAdd(evaluation.SpanOf(read.Range)));
                }
            }
            else
            {
                Untraced(step, name, evaluation.SpanOf(read.Range));
            }
        }
    }

    private void Untraced(StepActivity step, string name, SourceSpan span)
    {
        if (step.Reads is null)
        {
            evaluation.Report(ScriptErrors.StepUntraced(span, name));
        }
    }

    private object? ValueAt(StepActivity step, IReadOnlyList<string> path) =>
        ScriptVariables.Find(step.Body?.Target, path) ?? ScriptVariables.Find(evaluation.Variables, path);
}
