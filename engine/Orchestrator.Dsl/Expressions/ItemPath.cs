using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Dsl.Expressions;

/// <summary>
/// The expressions that most mapped tasks have: <c>item</c>, <c>index</c>, and members of the item (<c>item.region</c>). They need no JavaScript, of which an engine costs a hundred
/// times as much, and an integer keeps all its digits. Whatever is not as plain as that, or is not there, is left to JavaScript, which says what it has always said.
/// </summary>
internal static class ItemPath
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("_$0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool TryRead(string expression, ExpressionScope scope, out JsonElement value)
    {
        value = default;
        var rest = expression.AsSpan().Trim();
        if (rest is "index" && scope.Index is { } index)
        {
            value = Core.Values.OrcJson.ToElement(index);
            return true;
        }

        if (scope.Item is not { } item || !rest.StartsWith("item", StringComparison.Ordinal))
        {
            return false;
        }

        value = item;
        rest = rest["item".Length..];
        while (!rest.IsEmpty)
        {
            // Only own members of objects: a list's length, or what every object has, is JavaScript's to tell.
            var name = rest[0] == '.' ? NameAtStart(rest[1..]) : default;
            if (name.IsEmpty || value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return false;
            }

            rest = rest[(name.Length + 1)..];
        }

        return true;
    }

    private static ReadOnlySpan<char> NameAtStart(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept(NameCharacters);
        var name = end < 0 ? text : text[..end];
        return name.IsEmpty || char.IsAsciiDigit(name[0]) || name is "__proto__" ? default : name;
    }
}
