using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks how many runs may go on at once, and what they share.</summary>
internal static class ConcurrencyChecks
{
    private const string Path = "/concurrency";

    public static void Check(CheckContext context)
    {
        if (context.Definition.Concurrency is not { } concurrency || context.IsBroken(Path))
        {
            return;
        }

        if (concurrency.Limit < 1 && !context.IsBroken($"{Path}/limit"))
        {
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf($"{Path}/limit"), "out of bounds", $"\"limit\" of the pipeline's concurrency is {concurrency.Limit} and should be at least 1", "Leave \"concurrency\" out for no limit."));
        }

        if (concurrency.Key is { } key)
        {
            CheckKey(context, key);
        }
        else if (concurrency.Scope == ConcurrencyScope.Home && !context.IsBroken($"{Path}/key"))
        {
            context.Add(DiagnosticCatalog.MissingProperty.At(
                context.Map.ValueOf(Path), "shared by all pipelines", "a concurrency of scope \"home\" has no \"key\"", "Add \"key\": pipelines share what has the same key."));
        }
    }

    private static void CheckKey(CheckContext context, string key)
    {
        const string path = $"{Path}/key";
        if (key.Length == 0)
        {
            context.Add(DiagnosticCatalog.BadSetting.At(context.Map.ValueOf(path), "empty", "\"key\" of the pipeline's concurrency is empty", "Leave it out: all runs of the pipeline share one key."));
        }

        if (Templates.FindUnclosed(key) is >= 0 and var unclosed)
        {
            context.ExpressionsInDoubt = true;
            context.Add(DiagnosticCatalog.UnclosedExpression.At(
                context.Map.TextIn(path, unclosed, 2), "never closed", "this ${ has no }", "Close the expression with }. A literal ${ is written $${."));
        }

        // The checks of an expression ask for the task it belongs to; what only a task could read is refused before.
        var expressions = new ExpressionChecks(context, new TaskDefinition { Name = new TaskName(""), Uses = "" });
        foreach (var part in Templates.Split(key).Where(part => part.IsExpression))
        {
            if (LateIn(part.Text) is { } late)
            {
                context.ExpressionsInDoubt = true;
                context.Add(DiagnosticCatalog.ConcurrencyKeyReadsLate.At(
                    context.Map.TextIn(path, part.Offset + late.Offset, late.Length),
                    "not known yet",
                    $"the concurrency key reads {part.Text.Substring(late.Offset, late.Length)}",
                    "Read parameters (params.NAME) and the run (run.id, run.pipeline)."));
                continue;
            }

            expressions.Check(path, part.Text, part.Offset, item: true);
        }
    }

    /// <summary>The first thing in an expression that does not exist when a run is accepted.</summary>
    private static (int Offset, int Length)? LateIn(string expression)
    {
        var syntax = ExpressionSyntax.Parse(expression);
        return syntax.References.Where(reference => reference.IsTask).Select(reference => ((int, int)?)(reference.Offset, reference.Length))
            .Concat(syntax.ItemPlaces.Select(place => ((int, int)?)(place.Offset, place.Length)))
            .Concat(syntax.SecretPlaces.Select(place => ((int, int)?)(place.Offset, place.Length)))
            .FirstOrDefault();
    }
}
