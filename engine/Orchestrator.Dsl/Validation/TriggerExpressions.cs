using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks the expressions of triggers, which see the run and nothing else.</summary>
internal sealed class TriggerExpressions(CheckContext context)
{
    // The checks of an expression ask for the task it belongs to; what only a task could read is refused before.
    private readonly ExpressionChecks expressions = new(context, new TaskDefinition { Name = new TaskName(""), Uses = "" });

    /// <summary>A value whose texts may hold expressions.</summary>
    public void CheckValue(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                CheckText(path, value.GetString() ?? "");
                break;
            case JsonValueKind.Array:
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                {
                    CheckValue(SourceMap.Join(path, i), item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    CheckValue(SourceMap.Join(path, member.Name), member.Value);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>A condition.</summary>
    public void CheckWhen(string path, string condition)
    {
        if (Check(path, condition, 0) is { CanBeBoolean: false } yields)
        {
            context.Add(DiagnosticCatalog.WhenNeedsCondition.At(
                context.Map.ValueOf(path), $"yields a {yields.Name}", $"\"when\" of a trigger yields a {yields.Name} and should yield true or false", "Write a comparison, for example run.trigger.event.rows > 1000."));
        }
    }

    private void CheckText(string path, string text)
    {
        if (Templates.FindUnclosed(text) is >= 0 and var unclosed)
        {
            context.ExpressionsInDoubt = true;
            context.Add(DiagnosticCatalog.UnclosedExpression.At(
                context.Map.TextIn(path, unclosed, 2), "never closed", "this ${ has no }", "Close the expression with }. A literal ${ is written $${."));
        }

        foreach (var part in Templates.Split(text).Where(part => part.IsExpression))
        {
            Check(path, part.Text, part.Offset);
        }
    }

    private ExpressionType Check(string path, string expression, int offset)
    {
        var syntax = ExpressionSyntax.Parse(expression);
        var late = syntax.References.Select(reference => (reference.Offset, reference.Length)).Concat(syntax.ItemPlaces).Concat(syntax.SecretPlaces).ToList();
        if (late is not [var (start, length), ..])
        {
            return expressions.Check(path, expression, offset, item: true);
        }

        context.ExpressionsInDoubt = true;
        context.Add(DiagnosticCatalog.TriggerReadsLate.At(
            context.Map.TextIn(path, offset + start, length),
            "not known yet",
            $"a trigger reads {expression.Substring(start, length)}",
            "Read the run: run.logicalDate, run.interval.start, run.trigger.event."));
        return ExpressionType.Unknown;
    }
}
