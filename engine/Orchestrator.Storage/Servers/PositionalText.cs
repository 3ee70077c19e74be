using System.Text.RegularExpressions;

namespace Orchestrator.Storage.Servers;

/// <summary>The parts of a named statement that servers take one by one.</summary>
internal static partial class PositionalText
{
    /// <summary>Splits at semicolons that end a line; no statement of ours has one inside a text.</summary>
    public static IReadOnlyList<string> Split(string text) =>
        [.. EndOfStatement().Split(text).Select(part => part.Trim()).Where(part => part.Length > 0)];

    /// <summary>Numbers the values that a statement uses as PostgreSQL wants them, without gaps: the first of them is <c>$1</c>.</summary>
    public static string ToDollars(string text)
    {
        var used = UsedIn(text).ToList();
        return RowValue().Replace(text, match => $"${used.IndexOf(int.Parse(match.Groups[1].ValueSpan, provider: null)) + 1}");
    }

    /// <summary>The numbers of the row's values that a statement uses, ascending.</summary>
    public static IReadOnlyList<int> UsedIn(string text) =>
        [.. RowValue().Matches(text).Select(match => int.Parse(match.Groups[1].ValueSpan, provider: null)).Distinct().Order()];

    [GeneratedRegex(@";[ \t]*(?:\r?\n|$)")]
    private static partial Regex EndOfStatement();

    [GeneratedRegex(@"@p(\d+)\b")]
    private static partial Regex RowValue();
}
