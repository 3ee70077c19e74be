using System.Collections.Frozen;
using System.Text.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>The words that stand for the values of an enumeration. Its zero value has none.</summary>
internal static class Words
{
    /// <summary><c>all_success</c>.</summary>
    public static Words<T> Snake<T>() where T : struct, Enum => Words<T>.Snake;

    /// <summary><c>run-latest</c>.</summary>
    public static Words<T> Kebab<T>() where T : struct, Enum => Words<T>.Kebab;

    /// <summary><c>"a", "b" or "c"</c>.</summary>
    public static string Or(IReadOnlyList<string> words) => words switch
    {
        [] => "nothing",
        [var only] => $"\"{only}\"",
        _ => $"{string.Join(", ", words.Take(words.Count - 1).Select(word => $"\"{word}\""))} or \"{words[^1]}\"",
    };
}

/// <inheritdoc cref="Words"/>
internal sealed class Words<T> where T : struct, Enum
{
    private readonly FrozenDictionary<string, T> values;
    private readonly FrozenDictionary<T, string> words;

    private Words(JsonNamingPolicy naming)
    {
        var pairs = Enum.GetValues<T>().Where(value => !value.Equals(default(T))).Select(value => (Word: naming.ConvertName(value.ToString()), Value: value)).ToList();
        All = [.. pairs.Select(pair => pair.Word)];
        values = pairs.ToFrozenDictionary(pair => pair.Word, pair => pair.Value, StringComparer.Ordinal);
        words = pairs.ToFrozenDictionary(pair => pair.Value, pair => pair.Word);
    }

    public static Words<T> Snake { get; } = new(JsonNamingPolicy.SnakeCaseLower);

    public static Words<T> Kebab { get; } = new(JsonNamingPolicy.KebabCaseLower);

    public IReadOnlyList<string> All { get; }

    public bool TryParse(string word, out T value) => values.TryGetValue(word, out value);

    public string this[T value] => words.TryGetValue(value, out var word) ? word : throw new ArgumentOutOfRangeException(nameof(value), value, "has no word");
}
