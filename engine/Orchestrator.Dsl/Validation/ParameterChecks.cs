using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks what a pipeline declares as parameters.</summary>
internal static class ParameterChecks
{
    public static void Check(CheckContext context)
    {
        foreach (var parameter in context.Definition.Params.Where(parameter => parameter.Type != ParameterType.Unknown))
        {
            Check(context, parameter, SourceMap.Join("/params", parameter.Name));
        }
    }

    /// <summary>After all expressions were checked.</summary>
    public static void CheckUse(CheckContext context)
    {
        // An expression that nobody understood may be the one that uses it.
        if (context.ExpressionsInDoubt)
        {
            return;
        }

        foreach (var parameter in context.Definition.Params.Where(parameter => !context.UsedParameters.Contains(parameter.Name)))
        {
            context.Add(DiagnosticCatalog.UnusedParameter.At(
                context.Map.NameOf(SourceMap.Join("/params", parameter.Name)), "not used", $"nothing refers to parameter \"{parameter.Name}\"", $"Use it, ${{params.{parameter.Name}}}, or remove it."));
        }
    }

    private static void Check(CheckContext context, ParameterDefinition parameter, string path)
    {
        var subject = $"parameter \"{parameter.Name}\"";
        var numeric = parameter.Type is ParameterType.Number or ParameterType.Integer;
        if (!numeric && (parameter.Minimum ?? parameter.Maximum) is not null)
        {
            var bound = parameter.Minimum is not null ? "minimum" : "maximum";
            context.Add(DiagnosticCatalog.BoundsDoNotApply.At(
                context.Map.NameOf($"{path}/{bound}"),
                "bounds numbers only",
                $"{subject} has a {bound} and is {ParameterValues.Describe(parameter.Type)}",
                parameter.Type == ParameterType.String ? "List the legal texts in \"choices\", or make the type number or integer." : "Remove it, or make the type number or integer."));
        }

        var usable = CheckChoices(context, parameter, path, subject);
        if (numeric && parameter.Minimum > parameter.Maximum)
        {
            usable = false;
            context.Add(DiagnosticCatalog.BoundsReversed.At(
                context.Map.ValueOf($"{path}/minimum"),
                "above the maximum",
                FormattableString.Invariant($"{subject} has the minimum {parameter.Minimum} and the maximum {parameter.Maximum}"),
                "Did you mean them the other way round?",
                notes: [new DiagnosticNote("the maximum is", context.Map.ValueOf($"{path}/maximum"))]));
        }

        if (parameter.Default is { } usual && !context.IsBroken($"{path}/default"))
        {
            CheckDefault(context, parameter, usual, $"{path}/default", subject, usable);
        }
    }

    private static bool CheckChoices(CheckContext context, ParameterDefinition parameter, string path, string subject)
    {
        var usable = true;
        for (var i = 0; i < parameter.Choices.Length; i++)
        {
            if (!ParameterValues.Fits(parameter.Type, parameter.Choices[i]))
            {
                usable = false;
                context.Add(DiagnosticCatalog.BoundsDoNotApply.At(
                    context.Map.ValueOf(SourceMap.Join($"{path}/choices", i)),
                    $"not {ParameterValues.Describe(parameter.Type)}",
                    $"a choice of {subject} is {ParameterValues.Shorten(parameter.Choices[i].GetRawText())} and should be {ParameterValues.Describe(parameter.Type)}"));
            }
        }

        return usable;
    }

    private static void CheckDefault(CheckContext context, ParameterDefinition parameter, System.Text.Json.JsonElement usual, string path, string subject, bool boundsUsable)
    {
        var shown = ParameterValues.Shorten(usual.GetRawText());
        if (!ParameterValues.Fits(parameter.Type, usual))
        {
            context.Add(DiagnosticCatalog.BadDefault.At(
                context.Map.ValueOf(path),
                $"not {ParameterValues.Describe(parameter.Type)}",
                $"the default of {subject} is {shown} and should be {ParameterValues.Describe(parameter.Type)}",
                parameter.Type == ParameterType.Duration ? "Write for example \"30s\", \"5m\" or \"1h30m\"." : null));
        }
        else if (boundsUsable && ParameterValues.Refusal(parameter, usual) is { } refusal)
        {
            context.Add(DiagnosticCatalog.DefaultOutOfBounds.At(context.Map.ValueOf(path), "refused", $"the default of {subject} is {shown} and {refusal}"));
        }
    }
}
