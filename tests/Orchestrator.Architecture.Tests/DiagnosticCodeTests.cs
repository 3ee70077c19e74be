using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests;

/// <summary>One code means one mistake for ever, so it is made in one place only.</summary>
public sealed partial class DiagnosticCodeTests
{
    [Test]
    public void EachCodeIsMadeInOneFileOnly()
    {
        var places = CodesIn(Sources().Where(file => !IsTableOfSettings(file)))
            .GroupBy(place => place.Code, place => Path.GetRelativePath(BuiltAssemblies.Root, place.File))
            .ToArray();

        Assert.That(places, Has.Length.GreaterThan(200), "the search finds nothing any more");
        Assert.That(places.Where(place => place.Count() > 1).Select(place => $"{place.Key}: {string.Join(", ", place)}"), Is.Empty);
    }

    /// <summary>The table of settings makes none: it says which message speaks of a setting, so each of its codes is made elsewhere.</summary>
    [Test]
    public void EachCodeThatASettingNamesIsMade()
    {
        var made = CodesIn(Sources().Where(file => !IsTableOfSettings(file))).Select(place => place.Code).ToHashSet();
        var named = CodesIn(Sources().Where(IsTableOfSettings)).Select(place => place.Code).ToArray();

        Assert.That(named, Is.Not.Empty.And.SubsetOf(made));
    }

    private static bool IsTableOfSettings(string file) => file.EndsWith("/Settings/SettingCatalog.cs", StringComparison.Ordinal);

    private static IEnumerable<(string Code, string File)> CodesIn(IEnumerable<string> files) => files
        .SelectMany(file => Codes().Matches(File.ReadAllText(file)).Select(match => (Code: match.Groups["code"].Value, File: file)))
        .Distinct();

    // A stand-in for tests says what the thing it stands in for says.
    private static IEnumerable<string> Sources() => new[] { "engine", "activities", "tools" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltAssemblies.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("Orchestrator.Testing/", StringComparison.Ordinal));

    /// <summary>A code as an argument or a member; a comparison with one is none.</summary>
    [GeneratedRegex("""(?<!(==|!=|is|not|or)\s)"(?<code>ORC\d{4})"(?!\s*(=>|or))""")]
    private static partial Regex Codes();
}
