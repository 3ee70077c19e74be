using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks what triggers of all kinds have: a name, and values for parameters.</summary>
internal static class TriggerSettings
{
    public static void CheckNames(CheckContext context)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < context.Definition.Triggers.Length; i++)
        {
            var path = SourceMap.Join(SourceMap.Join("/triggers", i), "name");
            if (context.Definition.Triggers[i].Name is not { } name || context.IsBroken(path))
            {
                continue;
            }

            if (!TaskName.IsValid(name))
            {
                context.Add(DiagnosticCatalog.BadName.At(
                    context.Map.ValueOf(path), "bad name", $"\"{ParameterValues.Shorten(name)}\" is not a legal name of a trigger", $"A name is {TaskName.Rule}."));
            }
            else if (!first.TryAdd(name, i))
            {
                context.Add(DiagnosticCatalog.DuplicateTrigger.At(
                    context.Map.ValueOf(path),
                    "second",
                    $"two triggers of this pipeline are called \"{name}\"",
                    "Give one of them another name.",
                    notes: [new DiagnosticNote("the first one", context.Map.ValueOf(SourceMap.Join(SourceMap.Join("/triggers", first[name]), "name")))]));
            }
        }
    }

    public static void CheckParams(CheckContext context, string path, TriggerDefinition trigger, TriggerExpressions expressions)
    {
        var known = context.ParameterNames.ToList();
        var probably = new HashSet<string>(trigger.Params.Keys, StringComparer.Ordinal);
        foreach (var (name, value) in trigger.Params)
        {
            var place = SourceMap.Join($"{path}/params", name);
            if (context.FindParameter(name) is { } parameter)
            {
                CheckValue(context, place, parameter, value, expressions);
                continue;
            }

            var near = NearNames.FindAll(name, known);
            probably.UnionWith(near);
            context.Add(DiagnosticCatalog.UnknownTriggerParameter.At(
                context.Map.NameOf(place),
                "unknown parameter",
                $"this trigger gives a value to \"{ParameterValues.Shorten(name)}\", which is not a parameter of this pipeline",
                NearNames.Question(name, known) ?? (known.Count == 0 ? "The pipeline has no parameters." : $"Its parameters are {string.Join(", ", known)}."),
                near));
        }

        foreach (var parameter in context.Definition.Params.Where(parameter => parameter.Default is null && !probably.Contains(parameter.Name)))
        {
            if (!context.IsBroken(SourceMap.Join("/params", parameter.Name)) && context.IsWhole($"{path}/params"))
            {
                context.Add(DiagnosticCatalog.TriggerWithoutValue.At(
                    context.Map.ValueOf(path),
                    "no value",
                    $"this trigger gives no value to parameter \"{parameter.Name}\", which has no default",
                    $"Add \"params\": {{ \"{parameter.Name}\": … }} to the trigger, or a \"default\" to the parameter.",
                    notes: [new DiagnosticNote($"parameter \"{parameter.Name}\" is declared", context.Map.NameOf(SourceMap.Join("/params", parameter.Name)))]));
            }
        }
    }

    private static void CheckValue(CheckContext context, string path, ParameterDefinition parameter, JsonElement value, TriggerExpressions expressions)
    {
        if (Templates.HasExpression(value) || (value.ValueKind == JsonValueKind.String && Templates.FindUnclosed(value.GetString() ?? "") >= 0))
        {
            expressions.CheckValue(path, value);
        }
        else if (!ParameterValues.Fits(parameter.Type, value))
        {
            context.Add(DiagnosticCatalog.TriggerValueRefused.At(
                context.Map.ValueOf(path),
                $"not {ParameterValues.Describe(parameter.Type)}",
                $"the value for parameter \"{parameter.Name}\" is {ParameterValues.Shorten(value.GetRawText())} and should be {ParameterValues.Describe(parameter.Type)}",
                parameter.Help));
        }
        else if (ParameterValues.Refusal(parameter, value) is { } refusal)
        {
            context.Add(DiagnosticCatalog.TriggerValueRefused.At(
                context.Map.ValueOf(path), "refused", $"the value for parameter \"{parameter.Name}\" is {ParameterValues.Shorten(value.GetRawText())} and {refusal}", parameter.Help));
        }
    }
}
