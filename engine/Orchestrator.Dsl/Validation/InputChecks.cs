using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks what stands in <c>with</c> against the activity's inputs, also of activities that are inputs themselves.</summary>
internal sealed class InputChecks(CheckContext context, TaskDefinition task, ExpressionChecks expressions)
{
    /// <summary>Checks the activity's name; null when there is none such.</summary>
    /// <param name="path">The part that holds <c>uses</c> and <c>with</c>.</param>
    /// <param name="uses">The activity's name.</param>
    /// <param name="subject">Who uses it: <c>task "train"</c>.</param>
    public ActivityDescriptor? FindActivity(string path, string uses, string subject)
    {
        if (context.IsBroken($"{path}/uses"))
        {
            return null;
        }

        if (context.Catalog.Find(uses) is { } activity)
        {
            return activity;
        }

        var known = context.Catalog.Types.ToList();
        context.Add(DiagnosticCatalog.UnknownActivity.At(
            context.Map.ValueOf($"{path}/uses"),
            "unknown activity",
            $"{subject} uses \"{ParameterValues.Shorten(uses)}\", which is not an activity of this program",
            NearNames.Question(uses, known) ?? SameFamily(uses, known) ?? "orc schema lists all activities.",
            NearNames.FindAll(uses, known)));
        return null;
    }

    /// <summary>Checks all inputs of an activity.</summary>
    /// <param name="path">The part that holds <c>uses</c> and <c>with</c>.</param>
    /// <param name="activity">The activity.</param>
    /// <param name="with">The inputs that were given.</param>
    /// <param name="subject">Whose inputs: <c>task "train"</c>.</param>
    public void Check(string path, ActivityDescriptor activity, IReadOnlyCollection<KeyValuePair<string, JsonElement>> with, string subject)
    {
        var names = activity.Inputs.Select(input => input.Name).ToList();
        var probably = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in with)
        {
            var place = SourceMap.Join($"{path}/with", name);
            if (activity.FindInput(name) is { } input)
            {
                if (value.ValueKind != JsonValueKind.Null)
                {
                    new ValueChecks(context, this, input).Check(place, value, $"input \"{name}\" of {subject}");
                }

                continue;
            }

            var near = NearNames.FindAll(name, names.Where(known => !with.Any(given => given.Key == known)));
            probably.UnionWith(near);
            context.Add(DiagnosticCatalog.UnknownInput.At(
                context.Map.NameOf(place),
                "unknown input",
                $"activity {activity.Type} has no input \"{ParameterValues.Shorten(name)}\"",
                near.Count > 0 ? NearNames.Question(name, near) : names.Count == 0 ? $"{activity.Type} has no inputs." : $"Its inputs are {string.Join(", ", names)}.",
                near));
            CheckExpressionsOnly(place, value);
        }

        CheckMissing(path, activity, with, probably, subject);
    }

    /// <summary>Checks the expressions in a value whose type nobody knows.</summary>
    public void CheckExpressionsOnly(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                CheckText(path, value.GetString() ?? "");
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    CheckExpressionsOnly(SourceMap.Join(path, index++), item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    CheckExpressionsOnly(SourceMap.Join(path, member.Name), member.Value);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Checks the expressions in a text.</summary>
    /// <param name="path">The part that is the text.</param>
    /// <param name="text">The text.</param>
    /// <param name="secret">True in an input that takes secrets.</param>
    /// <returns>What the text yields; null when it holds no expression and is a literal.</returns>
    public Expressions.ExpressionType? CheckText(string path, string text, bool secret = false)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return null;
        }

        var unclosed = Templates.FindUnclosed(text);
        if (unclosed >= 0)
        {
            context.ExpressionsInDoubt = true;
            context.Add(DiagnosticCatalog.UnclosedExpression.At(
                context.Map.TextIn(path, unclosed, 2), "never closed", "this ${ has no }", "Close the expression with }. A literal ${ is written $${."));
        }

        var parts = Templates.Split(text);
        var types = parts.Where(part => part.IsExpression).Select(part => expressions.Check(path, part.Text, part.Offset, item: task.Map is not null, secret)).ToList();
        return unclosed >= 0 ? Expressions.ExpressionType.Unknown
            : parts is [{ IsExpression: true }] ? types[0]
            : types.Count > 0 ? new Expressions.ExpressionType(Expressions.ExpressionKind.Text)
            : null;
    }

    private void CheckMissing(string path, ActivityDescriptor activity, IReadOnlyCollection<KeyValuePair<string, JsonElement>> with, HashSet<string> probably, string subject)
    {
        if (context.IsBroken($"{path}/with"))
        {
            return;
        }

        foreach (var input in activity.Inputs.Where(input => input.Required && !probably.Contains(input.Name)))
        {
            if (with.Any(given => given.Key == input.Name && given.Value.ValueKind != JsonValueKind.Null) || context.IsBroken($"{path}/with/{input.Name}"))
            {
                continue;
            }

            var fitting = with.Count < 50 ? FittingOutputs(input.ValueType) : [];
            context.Add(DiagnosticCatalog.MissingInput.At(
                context.Map.ValueOf($"{path}/uses"),
                $"needs \"{input.Name}\"",
                $"{subject} ({activity.Type}) has no input \"{input.Name}\", a {input.TypeName}",
                fitting.Count > 0 ? $"Add it to \"with\": {Words(fitting)} would fit." : $"Add \"{input.Name}\" to \"with\"{(input.Help is { } help ? $": {char.ToLowerInvariant(help[0])}{help[1..].TrimEnd('.')}" : "")}."));
        }
    }

    /// <summary>Outputs of other tasks that have exactly this type, as references; at most three.</summary>
    public IReadOnlyList<string> FittingOutputs(Type type)
    {
        if (ValueTypes.IsJson(type) || type == typeof(string) || type == typeof(bool) || ValueTypes.IsNumber(type))
        {
            return [];
        }

        return
        [
            .. context.Definition.Tasks
                .Where(other => other.Name != task.Name && other.Map is null && !other.OnExit && other.Pipeline is null)
                .SelectMany(other => (context.Catalog.Find(other.Uses)?.Outputs ?? [])
                    .Where(output => type.IsAssignableFrom(output.ValueType))
                    .Select(output => References.Output(other.Name, output.Name)))
                .Take(3),
        ];
    }

    public static string Words(IReadOnlyList<string> references) => ParameterValues.Either([.. references.Select(reference => $"${{{reference}}}")]);

    private static string? SameFamily(string uses, List<string> known)
    {
        var family = uses.Split('.')[0];
        var same = known.Where(candidate => candidate.StartsWith($"{family}.", StringComparison.Ordinal)).Take(12).ToList();
        return same.Count > 0 ? $"Activities of this family are {string.Join(", ", same)}." : null;
    }
}
