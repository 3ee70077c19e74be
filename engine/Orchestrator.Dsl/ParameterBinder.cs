using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Validation;

namespace Orchestrator.Dsl;

/// <summary>What <see cref="ParameterBinder"/> made of the values a run was started with.</summary>
public sealed record ParameterResult
{
    /// <summary>A value for every parameter; null when there are errors.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Values { get; init; }

    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.IsError);
}

/// <summary>Checks the values that a run is started with against the pipeline's parameters, and fills in defaults.</summary>
public static class ParameterBinder
{
    /// <summary>Values as a command line gives them: texts that are converted to the parameter's type.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <param name="values">By name; each as in <c>--param name=value</c>.</param>
    public static ParameterResult Bind(PipelineDefinition definition, IReadOnlyDictionary<string, string> values) =>
        Bind(definition, values.Select(pair => new Argument(pair.Key, new SourceText("--param", $"{pair.Key}={pair.Value}"), parameter => Convert(parameter.Type, pair.Value))));

    /// <summary>Values as an API or a stored run gives them: JSON of the parameter's type.</summary>
    public static ParameterResult Bind(PipelineDefinition definition, IReadOnlyDictionary<string, JsonElement> values) =>
        Bind(definition, values.Select(pair => new Argument(
            pair.Key, new SourceText("<parameters>", $"{pair.Key}={pair.Value.GetRawText()}"), parameter => ParameterValues.Fits(parameter.Type, pair.Value) ? pair.Value : null)));

    private static ParameterResult Bind(PipelineDefinition definition, IEnumerable<Argument> arguments)
    {
        var found = new DiagnosticBag();
        var bound = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var probably = new HashSet<string>(StringComparer.Ordinal);
        var names = definition.Params.Select(parameter => parameter.Name).ToList();
        foreach (var argument in arguments)
        {
            if (definition.Params.FirstOrDefault(parameter => parameter.Name == argument.Name) is { } parameter)
            {
                probably.Add(argument.Name);
                if (Check(parameter, argument, found) is { } value)
                {
                    bound[argument.Name] = value;
                }

                continue;
            }

            var near = NearNames.FindAll(argument.Name, names);
            probably.UnionWith(near);
            found.Add(DiagnosticCatalog.UnknownArgument.At(
                argument.NameSpan,
                "unknown parameter",
                $"pipeline \"{definition.Name}\" has no parameter \"{ParameterValues.Shorten(argument.Name)}\"",
                NearNames.Question(argument.Name, names) ?? (names.Count == 0 ? "It has no parameters." : $"Its parameters are {string.Join(", ", names)}."),
                near));
        }

        foreach (var parameter in definition.Params.Where(parameter => !probably.Contains(parameter.Name)))
        {
            if (parameter.Default is { } usual)
            {
                bound[parameter.Name] = usual;
            }
            else
            {
                var wish = new SourceText("--param", $"{parameter.Name}=");
                found.Add(DiagnosticCatalog.MissingArgument.At(
                    wish.Whole, "no value", $"parameter \"{parameter.Name}\" of pipeline \"{definition.Name}\" has no default and got no value", $"Add --param {parameter.Name}=VALUE, where VALUE is {ParameterValues.Describe(parameter.Type)}."));
            }
        }

        // In the order they were given; sorting by name would help nobody here.
        return new ParameterResult { Values = found.HasErrors ? null : bound, Diagnostics = found.ToSorted() };
    }

    private static JsonElement? Check(ParameterDefinition parameter, Argument argument, DiagnosticBag found)
    {
        if (argument.Convert(parameter) is not { } value)
        {
            found.Add(DiagnosticCatalog.BadArgument.At(
                argument.ValueSpan,
                $"not {ParameterValues.Describe(parameter.Type)}",
                $"parameter \"{parameter.Name}\" is {ParameterValues.Shorten(argument.ValueSpan.Text)} and should be {ParameterValues.Describe(parameter.Type)}",
                parameter.Type == ParameterType.Duration ? "Write for example 30s, 5m or 1h30m." : parameter.Help));
            return null;
        }

        if (ParameterValues.Refusal(parameter, value) is { } refusal)
        {
            found.Add(DiagnosticCatalog.ArgumentOutOfBounds.At(
                argument.ValueSpan, "refused", $"parameter \"{parameter.Name}\" is {ParameterValues.Shorten(value.GetRawText())} and {refusal}", parameter.Help));
            return null;
        }

        return value;
    }

    private static JsonElement? Convert(ParameterType type, string text)
    {
        switch (type)
        {
            case ParameterType.String:
                return OrcJson.ToElement(text);
            case ParameterType.Duration:
                return Durations.TryParse(text, out var duration) ? OrcJson.ToElement(duration) : null;
            case ParameterType.Boolean:
                return bool.TryParse(text, out var truth) ? OrcJson.ToElement(truth) : null;
            default:
                return ParseJson(text) is { } value && ParameterValues.Fits(type, value) ? value : type == ParameterType.Json || !IsNumber(text, out var number) ? null : ParameterValues.Fits(type, number) ? number : null;
        }
    }

    // 1e3, .5 and +2 are numbers on a command line although JSON wants them otherwise.
    private static bool IsNumber(string text, out JsonElement number)
    {
        var holds = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed);
        number = holds ? OrcJson.ToElement(parsed) : default;
        return holds;
    }

    private static JsonElement? ParseJson(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Argument(string Name, SourceText Source, Func<ParameterDefinition, JsonElement?> Convert)
    {
        public SourceSpan NameSpan => Source.Span(0, Name.Length);

        public SourceSpan ValueSpan => Source.Span(Name.Length + 1, Source.Text.Length);
    }
}
