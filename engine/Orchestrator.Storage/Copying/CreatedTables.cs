using System.Text.RegularExpressions;

namespace Orchestrator.Storage.Copying;

/// <summary>The tables that a migration makes.</summary>
internal static partial class CreatedTables
{
    public static IEnumerable<string> In(string migration) => Create().Matches(migration).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Create();
}
