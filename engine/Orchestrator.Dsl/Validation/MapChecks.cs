using Acornima.Ast;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks the map of one task: that it has lists, and that items can name their elements.</summary>
internal static class MapChecks
{
    public static void Check(CheckContext context, TaskDefinition task, string path, ExpressionChecks expressions)
    {
        var place = $"{path}/over";
        if (task.Map is not { } map || context.IsBroken(place))
        {
            return;
        }

        if (map.Lists.IsEmpty)
        {
            CheckList(context, place, map.Over ?? "", 0, $"\"map.over\" of task \"{task.Name}\"", expressions);
            return;
        }

        if (map.Combine == MapCombination.Zip && map.Lists.Length == 1)
        {
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf($"{path}/combine"), "nothing to combine", $"task \"{task.Name}\" zips one list", "Name a second list, or leave \"combine\" out."));
        }

        foreach (var list in map.Lists)
        {
            var own = SourceMap.Join(place, list.Name);
            if (!TaskName.IsValid(list.Name))
            {
                context.Add(DiagnosticCatalog.BadName.At(
                    context.Map.NameOf(own), "bad name", $"the name of list \"{ParameterValues.Shorten(list.Name)}\" of task \"{task.Name}\" is not a legal name", $"A name is {TaskName.Rule}; items are read by it: item.region."));
            }

            // The offset of the expression in ${ … }.
            var offset = Templates.Split(list.Over) is [{ IsExpression: true } only] ? only.Offset : 0;
            CheckList(context, own, list.Expression, offset, $"list \"{list.Name}\" of task \"{task.Name}\"", expressions);
        }

        if (map.Lists.GroupBy(list => list.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
        {
            context.Add(DiagnosticCatalog.DuplicateName.At(context.Map.ValueOf(place), "same name again", $"task \"{task.Name}\" has two lists with the name \"{twice}\"", "Rename one of them."));
        }
    }

    private static void CheckList(CheckContext context, string path, string expression, int offset, string subject, ExpressionChecks expressions)
    {
        var yields = expressions.Check(path, expression, offset, item: false);
        if (!yields.CanBeList)
        {
            context.Add(DiagnosticCatalog.MapNeedsList.At(
                context.Map.ValueOf(path), $"yields a {yields.Name}", $"{subject} yields a {yields.Name} and should yield a list", "Refer to an output that is a list, or write one: [1, 2, 3]."));
        }
        else if (ExpressionSyntax.Parse(expression).Root is ArrayExpression { Elements.Count: 0 })
        {
            context.Add(DiagnosticCatalog.MapOverNothing.At(context.Map.ValueOf(path), "empty", $"{subject} is empty, so the task has no items", "Write what to repeat over, or refer to an output or a parameter."));
        }
    }
}
