using System.Text.Json;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Reading;

/// <summary>The words that stand for the values of an enumeration. Its zero value has none.</summary>
internal static class Words
{
    /// <summary><c>all_success</c>.</summary>
    public static Words<T> Snake<T>() where T : struct, Enum => Words<T>.Snake;

    /// <summary><c>run-latest</c>.</summary>
    public static Words<T> Kebab<T>() where T : struct, Enum => Words<T>.Kebab;

    /// <summary><c>queue-one</c>; and the shorter words that people know from elsewhere, which are read and never written.</summary>
    public static Words<Overlap> Overlaps { get; } = Kebab<Overlap>().Or(("queue", Overlap.QueueAll), ("cancel-oldest", Overlap.CancelOther));

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
    private readonly (string Word, T Value)[] others;

    private Words(WordTable table, params (string, T)[] others) => (this.table, this.others) = (table, others);

    public static Words<T> Snake { get; } = new(new WordTable(typeof(T), JsonNamingPolicy.SnakeCaseLower));

    public static Words<T> Kebab { get; } = new(new WordTable(typeof(T), JsonNamingPolicy.KebabCaseLower));

    /// <summary>One word for each value: those that are written, and told to people.</summary>
    public IReadOnlyList<string> All => table.Words;

    /// <summary>All that is read.</summary>
    public IReadOnlyList<string> Accepted => [.. table.Words, .. others.Select(other => other.Word)];

    /// <summary>The same words, with others that are read as well.</summary>
    public Words<T> Or(params (string Word, T Value)[] words) => new(table, [.. others, .. words]);

    public bool TryParse(string word, out T value)
    {
        if (table.ValueOf(word) is T found)
        {
            value = found;
            return true;
        }

        var other = Array.FindIndex(others, other => other.Word == word);
        value = other < 0 ? default : others[other].Value;
        return other >= 0;
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
