using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>Finds that a script wrote another pipeline the second time, what differs, and which call is to blame.</summary>
internal static class Determinism
{
    /// <summary>The finding; null when both evaluations yielded the same.</summary>
    public static Diagnostic? Compare(Evaluated first, Evaluated second, ScriptMap map)
    {
        if (first is not { Definition: { } definition, Places: { } places })
        {
            return null;
        }

        var difference = second.Definition is { } again
            ? Difference(ToJson(definition), ToJson(again), "")
            : new Part("", "a pipeline", "none");
        if (difference is not { } part)
        {
            return null;
        }

        var span = places.ValueOf(part.Path);
        var text = part.Path.Length == 0 ? $"{part.First}, then {part.Second}" : $"{part.Path[1..].Replace('/', '.')} was {part.First}, then {part.Second}";
        return map.Unsteady is [var call, ..]
            ? ScriptErrors.NotDeterministic(span.Source.Span(call.Range.Start, call.Range.End), text, call.What, call.Instead)
            : ScriptErrors.NotDeterministic(span, text, null, null);
    }

    private readonly record struct Part(string Path, string First, string Second);

    // Tasks and parameters by name, as the source map has them; triggers as what they are and not as their base.
    private static JsonElement ToJson(PipelineDefinition definition) => OrcJson.ToElement(new
    {
        definition.Name,
        definition.Title,
        definition.Timeout,
        definition.Parallel,
        definition.Deadline,
        definition.Concurrency,
        definition.Outputs,
        Params = ByName(definition.Params, parameter => parameter.Name),
        Triggers = definition.Triggers.Cast<object>().ToList(),
        Tasks = ByName(definition.Tasks, task => task.Name.Value),
        Order = definition.Params.Select(parameter => parameter.Name).Concat(definition.Tasks.Select(task => task.Name.Value)),
    });

    private static Dictionary<string, T> ByName<T>(IEnumerable<T> parts, Func<T, string> name) =>
        parts.GroupBy(name).SelectMany(same => same.Select((part, i) => (Key: i == 0 ? same.Key : $"{same.Key}#{i + 1}", part))).ToDictionary(pair => pair.Key, pair => pair.part);

    private static Part? Difference(JsonElement first, JsonElement second, string path)
    {
        if (first.ValueKind == JsonValueKind.Object && second.ValueKind == JsonValueKind.Object)
        {
            return first.EnumerateObject().Select(member => member.Name).Union(second.EnumerateObject().Select(member => member.Name))
                .Select(name => Of(name, first, second, path))
                .FirstOrDefault(part => part is not null);
        }

        if (first.ValueKind == JsonValueKind.Array && second.ValueKind == JsonValueKind.Array && first.GetArrayLength() == second.GetArrayLength())
        {
            return first.EnumerateArray().Zip(second.EnumerateArray()).Index()
                .Select(pair => Difference(pair.Item.First, pair.Item.Second, SourceMap.Join(path, pair.Index)))
                .FirstOrDefault(part => part is not null);
        }

        return CanonicalJson.Write(first) == CanonicalJson.Write(second) ? null : new Part(path, Shorten(first.GetRawText()), Shorten(second.GetRawText()));
    }

    private static Part? Of(string name, JsonElement first, JsonElement second, string path)
    {
        var at = SourceMap.Join(path, name);
        return (first.TryGetProperty(name, out var one), second.TryGetProperty(name, out var two)) switch
        {
            (true, true) => Difference(one, two, at),
            (true, false) => new Part(at, Shorten(one.GetRawText()), "missing"),
            _ => new Part(at, "missing", Shorten(two.GetRawText())),
        };
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}...";
}
