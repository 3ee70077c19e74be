using System.Collections;
using System.Globalization;
using System.Reflection;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>
/// Says which outputs and parameters a step reads. The compiler has found the way there (<c>sweep</c>, <c>Best</c>); here it is walked over the variables that the
/// step's code has captured, which are the fields of the object that its delegate belongs to.
/// </summary>
internal sealed class StepReads(ScriptEvaluation evaluation, ScriptMap map)
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

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

    private object? ValueAt(StepActivity step, IReadOnlyList<string> path)
    {
        var value = Variable(step.Body?.Target, path[0], []) ?? Variable(evaluation.Variables, path[0], []);
        for (var i = 1; i < path.Count && value is not null; i++)
        {
            value = path[i] is ['[', .. var key, ']'] ? Element(value, key) : Member(value, path[i]);
        }

        return value;
    }

    /// <summary>A captured variable: a field of the compiler's closure, of one around it, or of the script itself.</summary>
    private static object? Variable(object? holder, string name, HashSet<object> seen)
    {
        if (holder is null || !seen.Add(holder))
        {
            return null;
        }

        if (Member(holder, name) is { } found)
        {
            return found;
        }

        // The compiler names what leads outwards <>4__this and CS$<>8__locals1; nobody else can write such names.
        return holder.GetType().GetFields(Any)
            .Where(field => field.Name.Contains("<>", StringComparison.Ordinal))
            .Select(field => Variable(field.GetValue(holder), name, seen))
            .FirstOrDefault(value => value is not null);
    }

    private static object? Member(object of, string name)
    {
        var type = of.GetType();
        return type.GetField(name, Any) is { } field ? field.GetValue(of)
            : type.GetProperty(name, Any) is { } property && property.GetIndexParameters().Length == 0 ? property.GetValue(of)
            : null;
    }

    private static object? Element(object of, string key) => of switch
    {
        IDictionary byName when byName.Contains(key) => byName[key],
        IList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
        _ => null,
    };
}
