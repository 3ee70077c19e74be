using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Cli.Runs;

/// <summary>The parameters of a run as people give them: <c>--param NAME=VALUE</c>.</summary>
internal static class RunParameters
{
    public static Dictionary<string, string> Parse(IEnumerable<string> given)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in given)
        {
            if (one.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
            {
                texts[one[..at]] = one[(at + 1)..];
            }
            else
            {
                throw new WrongRequestException("ORC5923", $"--param {one} is not NAME=VALUE", help: "For example: --param minAuc=0.9");
            }
        }

        return texts;
    }

    /// <summary>What was given, and the defaults for the rest.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Bind(Globals globals, PipelineDefinition pipeline, IReadOnlyDictionary<string, string> given)
    {
        var bound = ParameterBinder.Bind(pipeline, given);
        if (bound.Values is not { } values)
        {
            globals.Console.Error.Write(DiagnosticRenderer.Render(bound.Diagnostics, globals.Console.UseColor));
            throw new WrongRequestException("ORC5924", "the parameters are not right, so no run was started");
        }

        return values.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>What was given, and the values of an earlier run for the rest.</summary>
    public static ImmutableSortedDictionary<string, JsonElement> Bind(
        Globals globals, PipelineDefinition pipeline, IReadOnlyDictionary<string, string> given, IReadOnlyDictionary<string, JsonElement> earlier)
    {
        var texts = earlier.ToDictionary(one => one.Key, one => one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() ?? "" : one.Value.GetRawText(), StringComparer.Ordinal);
        foreach (var (name, text) in given)
        {
            texts[name] = text;
        }

        return Bind(globals, pipeline, texts);
    }
}
