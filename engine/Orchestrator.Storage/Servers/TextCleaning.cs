using System.Text;

namespace Orchestrator.Storage.Servers;

/// <summary>Replaces what a server's text columns cannot hold. SQLite takes anything; a step of a run must not fail because a program printed a zero byte.</summary>
internal static class TextCleaning
{
    /// <summary>U+2400 for U+0000, U+FFFD for half a surrogate pair.</summary>
    public static string Clean(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || text.Contains('\0', StringComparison.Ordinal) ? Rewrite(text) : text;

    private static string Rewrite(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // The enumeration gives U+FFFD for half a pair by itself.
            clean.Append(rune.Value == 0 ? "\u2400" : rune.ToString());
        }

        return clean.ToString();
    }
}
