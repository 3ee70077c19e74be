using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Caching;

/// <summary>Says why one cache key is not another: which of their parts differ.</summary>
public static class CacheKeyDifferences
{
    private const int Longest = 60;

    /// <summary>Short sentences in the order activity, version, inputs by name, what lies outside of the inputs. Empty when the parts are equal.</summary>
    public static IReadOnlyList<string> Between(CacheKeyParts earlier, CacheKeyParts now)
    {
        if (earlier.Activity != now.Activity)
        {
            return [$"the activity was {earlier.Activity} and is {now.Activity}"];
        }

        var found = new List<string>();
        if (earlier.Version != now.Version)
        {
            found.Add($"version {earlier.Version} of {now.Activity} became version {now.Version}");
        }

        foreach (var name in earlier.Inputs.Keys.Union(now.Inputs.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var had = earlier.Inputs.TryGetValue(name, out var before);
            var has = now.Inputs.TryGetValue(name, out var after);
            if (!had || !has)
            {
                found.Add(has ? $"input {name} is new: {Shorten(after)}" : $"input {name} is gone: it was {Shorten(before)}");
            }
            else if (!JsonElement.DeepEquals(before, after))
            {
                found.AddRange(InputDifferences(name, before, after));
            }
        }

        if (earlier.Fingerprint != now.Fingerprint)
        {
            found.Add("what it reads outside of its inputs has changed: a source file, or the code of its command");
        }

        if (earlier.Map != now.Map)
        {
            found.Add("the inputs of its items are written otherwise");
        }

        return found;
    }

    /// <summary>An object is compared member by member, down to the first that differ: a whole trainer or dataset says nothing to people.</summary>
    private static IEnumerable<string> InputDifferences(string path, JsonElement before, JsonElement after)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            return [$"input {path} was {Shorten(before)} and is {Shorten(after)}"];
        }

        return before.EnumerateObject().Select(member => member.Name)
            .Union(after.EnumerateObject().Select(member => member.Name), StringComparer.Ordinal)
            .SelectMany(name => (before.TryGetProperty(name, out var old), after.TryGetProperty(name, out var young)) switch
            {
                (true, true) => JsonElement.DeepEquals(old, young) ? [] : InputDifferences($"{path}.{name}", old, young),
                (true, false) => [$"input {path}.{name} is gone: it was {Shorten(old)}"],
                _ => new[] { $"input {path}.{name} is new: {Shorten(young)}" },
            });
    }

    private static string Shorten(JsonElement value)
    {
        var text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= Longest ? text : $"{text[..(Longest - 1)]}…";
    }
}
