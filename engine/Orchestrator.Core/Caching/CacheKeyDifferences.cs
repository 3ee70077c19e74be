using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
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
            found.AddRange(FingerprintDifferences(earlier.Fingerprint, now.Fingerprint));
        }

        found.AddRange(EnvironmentDifferences(earlier.Environment, now.Environment));
        if (earlier.Scope != now.Scope)
        {
            found.Add($"its result was kept for {ScopeWord(earlier.Scope)} and is looked for among those for {ScopeWord(now.Scope)}");
        }

        if (earlier.Map != now.Map)
        {
            found.Add("the inputs of its items are written otherwise");
        }

        return found;
    }

    /// <summary>What a scope means, in the words of messages.</summary>
    public static string ScopeWord(string? scope) => scope is null ? "every pipeline of the home" : $"pipeline {scope} only";

    private static IEnumerable<string> FingerprintDifferences(string? earlier, string? now)
    {
        var (before, after) = (Fingerprints.PartsOf(earlier), Fingerprints.PartsOf(now));
        if (before is null || after is null)
        {
            return ["what it reads outside of its inputs has changed: a source file, or the code of its command"];
        }

        return Members(before, after).Select(name => (before.GetValueOrDefault(name), after.GetValueOrDefault(name)) switch
        {
            (null, { } young) => $"{name} is new: {Words(young)}",
            ({ } old, null) => $"{name} is gone",
            var (old, young) when IsHash(old) => $"{name} has changed",
            var (old, young) => $"{name} was {Words(old ?? "")} and is {Words(young ?? "")}",
        });
    }

    private static IEnumerable<string> EnvironmentDifferences(ImmutableSortedDictionary<string, string?>? earlier, ImmutableSortedDictionary<string, string?>? now)
    {
        var (before, after) = (earlier ?? ImmutableSortedDictionary<string, string?>.Empty, now ?? ImmutableSortedDictionary<string, string?>.Empty);
        return before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => (before.TryGetValue(name, out var old), after.TryGetValue(name, out var young)) switch
            {
                (false, _) => $"variable {name} counts now: it is {Value(young)}",
                (_, false) => $"variable {name} does not count any more",
                _ => old == young ? null : $"variable {name} was {Value(old)} and is {Value(young)}",
            })
            .OfType<string>();
    }

    private static IEnumerable<string> Members(ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string> after) =>
        before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name));

    private static string Value(string? variable) => variable is null ? "not set" : Words($"\"{variable}\"");

    private static bool IsHash(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);

    private static string Words(string text) => text.Length <= Longest ? text : $"{text[..(Longest - 1)]}…";

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
