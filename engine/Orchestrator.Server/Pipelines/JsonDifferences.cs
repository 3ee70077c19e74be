using System.Text.Json;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Server.Pipelines;

/// <summary>A place where two JSON documents differ.</summary>
public sealed record DifferenceDocument
{
    /// <summary>A JSON pointer: <c>/tasks/train/with/label</c>.</summary>
    public required string Path { get; init; }

    /// <summary><c>added</c>, <c>removed</c> or <c>changed</c>.</summary>
    public required string Kind { get; init; }

    public JsonElement? Before { get; init; }

    public JsonElement? After { get; init; }
}

/// <summary>Compares JSON member by member. Lists are compared as a whole where their lengths differ: which item moved where is guesswork.</summary>
internal static class JsonDifferences
{
    public static IEnumerable<DifferenceDocument> Between(JsonElement before, JsonElement after, string path = "")
    {
        if (JsonElement.DeepEquals(before, after))
        {
            return [];
        }

        if (before.ValueKind == JsonValueKind.Object && after.ValueKind == JsonValueKind.Object)
        {
            return OfObjects(before, after, path);
        }

        return before.ValueKind == JsonValueKind.Array && after.ValueKind == JsonValueKind.Array && before.GetArrayLength() == after.GetArrayLength()
            ? Enumerable.Range(0, before.GetArrayLength()).SelectMany(i => Between(before[i], after[i], SourceMap.Join(path, i)))
            : [new DifferenceDocument { Path = path, Kind = "changed", Before = before, After = after }];
    }

    private static IEnumerable<DifferenceDocument> OfObjects(JsonElement before, JsonElement after, string path)
    {
        foreach (var member in before.EnumerateObject())
        {
            var at = SourceMap.Join(path, member.Name);
            if (!after.TryGetProperty(member.Name, out var now))
            {
                yield return new DifferenceDocument { Path = at, Kind = "removed", Before = member.Value };
                continue;
            }

            foreach (var difference in Between(member.Value, now, at))
            {
                yield return difference;
            }
        }

        foreach (var member in after.EnumerateObject().Where(member => !before.TryGetProperty(member.Name, out _)))
        {
            yield return new DifferenceDocument { Path = SourceMap.Join(path, member.Name), Kind = "added", After = member.Value };
        }
    }
}
