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
    private readonly WordTable table;

    private Words(JsonNamingPolicy naming) => table = new WordTable(typeof(T), naming);

    public static Words<T> Snake { get; } = new(JsonNamingPolicy.SnakeCaseLower);

    public static Words<T> Kebab { get; } = new(JsonNamingPolicy.KebabCaseLower);

    public IReadOnlyList<string> All => table.Words;

    public bool TryParse(string word, out T value)
    {
        var found = table.ValueOf(word);
        value = found is null ? default : (T)found;
        return found is not null;
    }

    public string this[T value] => table.WordOf(value) ?? throw new ArgumentOutOfRangeException(nameof(value), value, "has no word");
}

/// <summary>The table behind <see cref="Words{T}"/>. It is not generic, and searched from end to end: tables and queries for each enumeration would be compiled anew at every start of the program.</summary>
internal sealed class WordTable
{
    private readonly object[] values;

    public WordTable(Type enumeration, JsonNamingPolicy naming)
    {
        var none = Enum.ToObject(enumeration, 0);
        values = [.. Enum.GetValues(enumeration).Cast<object>().Where(value => !value.Equals(none))];
        Words = [.. values.Select(value => naming.ConvertName(value.ToString() ?? ""))];
    }

    public string[] Words { get; }

    public object? ValueOf(string word) => Array.IndexOf(Words, word) is >= 0 and var at ? values[at] : null;

    public string? WordOf(object value) => Array.IndexOf(values, value) is >= 0 and var at ? Words[at] : null;
}
