using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks a definition against the activities there are, whichever front end wrote it.</summary>
public static class DefinitionValidator
{
    /// <summary>Everything that is wrong with a definition, in the order of the text.</summary>
    /// <param name="definition">Names and references in it may be wrong.</param>
    /// <param name="catalog">The activities there are.</param>
    /// <param name="map">Where the parts were written. Of two tasks with one name the second is at <c>/tasks/NAME#2</c>, likewise parameters.</param>
    /// <param name="options">The limits.</param>
    /// <param name="broken">Paths of parts that an earlier stage has found wrong; nothing more is said about them.</param>
    public static ImmutableArray<Diagnostic> Validate(
        PipelineDefinition definition,
        ActivityCatalog catalog,
        SourceMap map,
        ReadOptions? options = null,
        IReadOnlySet<string>? broken = null)
    {
        var context = new CheckContext(definition, catalog, map, options ?? ReadOptions.Default, broken);
        if (!GraphChecks.CheckSize(context))
        {
            // Everything else that could be said of it would come as often as there are parts.
            return context.Found.ToSorted();
        }

        GraphChecks.CheckNames(context);
        ParameterChecks.Check(context);
        TriggerChecks.Check(context);
        SettingChecks.Check(context);
        ConcurrencyChecks.Check(context);
        foreach (var task in definition.Tasks)
        {
            CheckTask(context, task);
        }

        SubPipelineChecks.CheckOutputs(context);
        var graphErrors = context.Found.Count;
        CycleChecks.Check(context);
        if (context.Found.Count == graphErrors)
        {
            JoinChecks.Check(context);
        }

        ParameterChecks.CheckUse(context);
        return context.Found.ToSorted();
    }

    private static void CheckTask(CheckContext context, TaskDefinition task)
    {
        var path = CheckContext.PathOf(task);
        var expressions = new ExpressionChecks(context, task);
        var inputs = new InputChecks(context, task, expressions);
        SettingChecks.Check(context, task);
        GraphChecks.CheckNeeds(context, task);
        CheckWhen(context, task, $"{path}/when", expressions);
        MapChecks.Check(context, task, $"{path}/map", expressions);

        // Expressions in a part that was not even read may be what a parameter is for.
        context.ExpressionsInDoubt |= context.IsBroken($"{path}/with") || context.IsBroken($"{path}/when") || context.IsBroken($"{path}/map");
        if (task.Pipeline is { } pipeline)
        {
            new SubPipelineChecks(context, task, pipeline, expressions).Check();
            return;
        }

        if (inputs.FindActivity(path, task.Uses, $"task \"{task.Name}\"") is { } activity)
        {
            inputs.Check(path, activity, task.With, $"task \"{task.Name}\"");
            return;
        }

        foreach (var (name, value) in task.With)
        {
            inputs.CheckExpressionsOnly(SourceMap.Join($"{path}/with", name), value);
        }
    }

    private static void CheckWhen(CheckContext context, TaskDefinition task, string path, ExpressionChecks expressions)
    {
        if (task.When is not { } condition)
        {
            return;
        }

        var yields = expressions.Check(path, condition, 0, item: task.Map is not null);
        if (!yields.CanBeBoolean)
        {
            context.Add(DiagnosticCatalog.WhenNeedsCondition.At(
                context.Map.ValueOf(path),
                $"yields a {yields.Name}",
                $"\"when\" of task \"{task.Name}\" yields a {yields.Name} and should yield true or false",
                yields.Kind == ExpressionKind.Declared ? "Compare it with something: … > 0, … === 'ok'." : "Write a comparison, for example tasks.compare.notWorse or params.minAuc <= tasks.evaluate.auc."));
        }
    }
}
