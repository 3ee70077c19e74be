using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks the value of one input against its type, however deep.</summary>
internal sealed partial class ValueChecks(CheckContext context, InputChecks inputs, InputDescriptor input)
{
    private static readonly ConcurrentDictionary<Type, string?> Schemes = new();

    public void Check(string path, JsonElement value, string subject)
    {
        var before = context.Found.Count;
        Check(path, value, input.ValueType, subject);
        if (context.Found.Count == before && !Templates.HasExpression(value) && !IsReferenceText(value, input.ValueType))
        {
            // Says what the walk above cannot know: converters, values that only fit together.
            TryRead(path, value, input.ValueType, subject);
        }
    }

    private void Check(string path, JsonElement value, Type type, string subject)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (value.ValueKind == JsonValueKind.String && inputs.CheckText(path, value.GetString() ?? "", secret: type == typeof(SecretText)) is { } yields)
        {
            CheckYield(path, yields, type, subject);
        }
        else if (ValueTypes.IsJson(type))
        {
            inputs.CheckExpressionsOnly(path, value);
        }
        else if (type == typeof(ActivityTemplate))
        {
            CheckActivity(path, value, subject);
        }
        else if (ValueTypes.ItemOf(type) is { } item)
        {
            CheckList(path, value, item, subject, type);
        }
        else if (!CheckScalar(path, value, type, subject))
        {
            CheckByContract(path, value, type, subject);
        }
    }

    private void CheckYield(string path, ExpressionType yields, Type type, string subject)
    {
        if (Fits(yields, type))
        {
            return;
        }

        var span = context.Map.ValueOf(path);
        var wanted = ValueTypes.NameOf(type);
        if (yields.Reference is not { } reference)
        {
            context.Add(DiagnosticCatalog.WrongType.At(span, $"yields a {yields.Name}", $"{subject} should be {wanted}, and this yields a {yields.Name}"));
            return;
        }

        var name = reference.IsTask ? $"output \"{reference.Member}\" of task \"{reference.Name}\"" : $"parameter \"{reference.Name}\"";
        var fitting = inputs.FittingOutputs(type);
        context.Add((reference.IsTask ? DiagnosticCatalog.OutputDoesNotFit : DiagnosticCatalog.ParameterDoesNotFit).At(
            span,
            $"is {yields.Name}",
            $"{subject} takes {wanted}, and {name} is {yields.Name}",
            fitting.Count > 0 ? $"Outputs that fit: {InputChecks.Words(fitting)}."
                : ValueTypes.ItemOf(yields.Declared ?? typeof(object)) is { } item && ValueTypes.IsAssignable(item, type) ? "A task with \"map\" yields lists, one item for each; map this task over the list, or take one item of it."
                : null));
    }

    private static bool Fits(ExpressionType yields, Type type) => yields.Kind switch
    {
        ExpressionKind.Unknown or ExpressionKind.Null => true,
        ExpressionKind.Declared => yields.Declared is not { } declared || ValueTypes.IsAssignable(declared, type) || (declared == typeof(string) && TakesText(type)),
        _ when ValueTypes.IsJson(type) => true,
        ExpressionKind.Boolean => type == typeof(bool),
        ExpressionKind.Number => ValueTypes.IsNumber(type),
        ExpressionKind.Text => TakesText(type),
        ExpressionKind.List => ValueTypes.ItemOf(type) is not null,
        _ => type != typeof(bool) && type != typeof(string) && type != typeof(TimeSpan) && !ValueTypes.IsNumber(type) && ValueTypes.ItemOf(type) is null,
    };

    /// <summary>True for types whose JSON is, or may be, a text.</summary>
    private static bool TakesText(Type type) =>
        type == typeof(string) || type == typeof(TimeSpan) || type.IsEnum || SchemeOf(type) is not null
        || OrcJson.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.None && !ValueTypes.IsNumber(type) && type != typeof(bool);

    private void CheckList(string path, JsonElement value, Type item, string subject, Type type)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            AddWrong(path, value, ValueTypes.NameOf(type), subject, $"Write it in brackets: [{ParameterValues.Shorten(value.GetRawText())}].");
            return;
        }

        var index = 0;
        foreach (var element in value.EnumerateArray())
        {
            Check(SourceMap.Join(path, index), element, item, $"item {++index} of {subject}");
        }
    }

    /// <summary>True when the type is a plain one, whose check is then done.</summary>
    private bool CheckScalar(string path, JsonElement value, Type type, string subject)
    {
        if (type == typeof(string))
        {
            if (Expect(path, value, value.ValueKind == JsonValueKind.String, "string", subject, value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? $"Write \"{value.GetRawText()}\"." : null))
            {
                CheckChoice(path, value, subject);
            }
        }
        else if (type == typeof(bool))
        {
            Expect(path, value, value.ValueKind is JsonValueKind.True or JsonValueKind.False, "boolean", subject, value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out var truth) ? $"Write {(truth ? "true" : "false")} without quotes." : null);
        }
        else if (ValueTypes.IsNumber(type))
        {
            CheckNumber(path, value, type, subject);
        }
        else if (type == typeof(TimeSpan))
        {
            if (value.ValueKind != JsonValueKind.String || !Durations.TryParse(value.GetString(), out _))
            {
                context.Add(DiagnosticCatalog.BadDuration.At(
                    context.Map.ValueOf(path),
                    "not a duration",
                    $"{subject} is {Shown(value)}, which is not a duration",
                    value.ValueKind == JsonValueKind.Number ? $"Write the unit too: \"{value.GetRawText()}s\" for seconds, \"{value.GetRawText()}m\" for minutes." : "Write for example \"30s\", \"5m\" or \"1h30m\"."));
            }
        }
        else if (type.IsEnum)
        {
            CheckEnum(path, value, type, subject);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void CheckNumber(string path, JsonElement value, Type type, string subject)
    {
        var named = value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity" && !ValueTypes.IsInteger(type);
        var help = value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out _) ? $"Write {value.GetString()} without quotes." : null;
        if (!Expect(path, value, named || value.ValueKind == JsonValueKind.Number, ValueTypes.NameOf(type), subject, help) || named)
        {
            return;
        }

        if (ValueTypes.IsInteger(type) && !ParameterValues.IsInteger(value))
        {
            AddWrong(path, value, "integer", subject, "Write a whole number.");
        }
        else if (type == typeof(int) && !value.TryGetInt32(out _) && Math.Abs(value.GetDouble()) > int.MaxValue)
        {
            context.Add(DiagnosticCatalog.OutOfBounds.At(context.Map.ValueOf(path), "too large", $"{subject} is {value.GetRawText()} and should be at most {int.MaxValue}"));
        }
        else if (input.Minimum > value.GetDouble() || input.Maximum < value.GetDouble())
        {
            context.Add(DiagnosticCatalog.OutOfBounds.At(
                context.Map.ValueOf(path),
                "out of bounds",
                $"{subject} is {value.GetRawText()} and should be {ParameterValues.Bounds(input.Minimum, input.Maximum)}",
                input.Help is { } about ? $"What it means: {about}" : null));
        }
    }

    private void CheckEnum(string path, JsonElement value, Type type, string subject)
    {
        var words = Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName).Where(word => word != "unknown").ToList();
        if (value.ValueKind != JsonValueKind.String || !words.Contains(value.GetString() ?? ""))
        {
            AddNotAChoice(path, value, words, subject);
        }
    }

    private void CheckChoice(string path, JsonElement value, string subject)
    {
        if (input.Choices.Length > 0 && !input.Choices.Contains(value.GetString() ?? ""))
        {
            AddNotAChoice(path, value, input.Choices, subject);
        }
    }

    private void AddNotAChoice(string path, JsonElement value, IReadOnlyList<string> words, string subject)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
        context.Add(DiagnosticCatalog.NotAChoice.At(
            context.Map.ValueOf(path), "not a choice", $"{subject} is {Shown(value)} and should be {Reading.Words.Or(words)}", NearNames.Question(text, words), NearNames.FindAll(text, words)));
    }

    private void CheckActivity(string path, JsonElement value, string subject)
    {
        if (!Expect(path, value, value.ValueKind == JsonValueKind.Object, "activity", subject, "Write { \"uses\": \"train.classifier\", \"with\": { … } }."))
        {
            return;
        }

        var with = new List<KeyValuePair<string, JsonElement>>();
        foreach (var member in value.EnumerateObject())
        {
            var place = SourceMap.Join(path, member.Name);
            if (member.Name is not ("uses" or "with"))
            {
                AddUnknownMember(place, member.Name, ["uses", "with"], subject);
            }
            else if (member.Name == "with" && Expect(place, member.Value, member.Value.ValueKind == JsonValueKind.Object, "object", $"\"with\" of {subject}"))
            {
                with.AddRange(member.Value.EnumerateObject().Select(one => KeyValuePair.Create(one.Name, one.Value)));
            }
        }

        if (!value.TryGetProperty("uses", out var uses))
        {
            AddMissingMember(path, "uses", subject);
        }
        else if (Expect($"{path}/uses", uses, uses.ValueKind == JsonValueKind.String, "string", $"\"uses\" of {subject}")
            && inputs.FindActivity(path, uses.GetString() ?? "", subject) is { } activity)
        {
            inputs.Check(path, activity, with, subject);
        }
    }

    private bool Expect(string path, JsonElement value, bool holds, string expected, string subject, string? help = null)
    {
        if (!holds)
        {
            AddWrong(path, value, expected, subject, help);
        }

        return holds;
    }

    private void AddWrong(string path, JsonElement value, string expected, string subject, string? help) => context.Add(DiagnosticCatalog.WrongType.At(
        context.Map.ValueOf(path), $"not a {expected}", $"{subject} should be {expected} and is {Shown(value)}", help));

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => ParameterValues.Shorten(value.GetRawText()),
    };

    private static bool IsReferenceText(JsonElement value, Type type) => value.ValueKind == JsonValueKind.String && SchemeOf(type) is not null;

    internal static string? SchemeOf(Type type) => Schemes.GetOrAdd(type, static candidate =>
        typeof(INamedReference).IsAssignableFrom(candidate) ? candidate.GetProperty("Scheme", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string : null);

    [GeneratedRegex(@"^[^/@\s]+(?:@[^/@\s]+|/[^/@\s]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex ReferenceRest();
}
