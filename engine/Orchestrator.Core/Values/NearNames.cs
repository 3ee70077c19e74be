namespace Orchestrator.Core.Values;

/// <summary>Which known names a person probably meant. Cheap, capped, and silent when unsure: a wrong suggestion costs more than none.</summary>
public static class NearNames
{
    /// <summary>Longer names are not compared: the work grows with the square of the length, and nobody mistypes them by hand.</summary>
    private const int LongestCompared = 128;

    /// <summary>The nearest of the known names; null when none is near. Equal distances are settled by the order of <paramref name="known"/>.</summary>
    public static string? Find(string name, IEnumerable<string> known) => FindAll(name, known, limit: 1) is [var nearest] ? nearest : null;

    /// <summary>The near ones among the known names, the nearest first.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What could have been meant.</param>
    /// <param name="limit">How many to answer at most.</param>
    public static IReadOnlyList<string> FindAll(string name, IEnumerable<string> known, int limit = 3)
    {
        if (name.Length is 0 or > LongestCompared)
        {
            return [];
        }

        return
        [
            .. known
                .Where(candidate => candidate.Length is > 0 and <= LongestCompared)
                .Distinct(StringComparer.Ordinal)
                .Select(candidate => (Name: candidate, Distance: Distance(name, candidate)))
                .Where(pair => pair.Distance <= Allowed(name, pair.Name))
                .OrderBy(pair => pair.Distance)
                .Take(limit)
                .Select(pair => pair.Name),
        ];
    }

    /// <summary><c>did you mean "train"?</c>, or null when nothing is near. Ready to be a help line.</summary>
    public static string? Question(string name, IEnumerable<string> known) => FindAll(name, known).ToArray() switch
    {
        [] => null,
        [var only] => $"did you mean \"{only}\"?",
        [.. var most, var last] => $"did you mean {string.Join(", ", most.Select(near => $"\"{near}\""))} or \"{last}\"?",
    };

    // One slip in three letters; a single letter is near nothing but itself in another case.
    private static int Allowed(string name, string candidate) => Math.Min(name.Length, candidate.Length) switch
    {
        1 => 0,
        var shorter => Math.Max(1, shorter / 3),
    };

    /// <summary>Edits between two names, case apart: insertions, deletions, replacements and swaps of neighbours count 1 each (optimal string alignment).</summary>
    private static int Distance(string left, string right)
    {
        var twoBack = new int[right.Length + 1];
        var back = Enumerable.Range(0, right.Length + 1).ToArray();
        var row = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1] + 1, back[j] + 1), back[j - 1] + cost);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
                }
            }

            (twoBack, back, row) = (back, row, twoBack);
        }

        return back[right.Length];
    }

    private static bool Same(char left, char right) => char.ToUpperInvariant(left) == char.ToUpperInvariant(right);
}
