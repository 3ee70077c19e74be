using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Tests.Baselines;

namespace Orchestrator.Dsl.Tests.Documentation;

/// <summary>Each code has a page, made from the baseline case that is named after it, so the examples are true.</summary>
internal sealed partial class DiagnosticPageTests
{
    // Codes of scripts have their cases, and their pages, with the tests of scripts.
    private static IEnumerable<DiagnosticRule> Rules => DiagnosticCatalog.All.Where(rule => !rule.Code.StartsWith("ORC4", StringComparison.Ordinal));

    private static IEnumerable<TestCaseData> Pages() => Rules.Select(rule => new TestCaseData(rule).SetArgDisplayNames(rule.Code));

    [Test]
    public void EveryCodeIsUsedOnce() => Assert.That(DiagnosticCatalog.All.Select(rule => rule.Code), Is.Unique);

    [Test]
    public void EveryCodeIsWellFormedAndSaysWhy()
    {
        foreach (var rule in DiagnosticCatalog.All)
        {
            Assert.That(rule.Code, Does.Match("^ORC[1-4][0-9]{3}$"));
            Assert.That(rule.Title, Is.Not.Empty, rule.Code);
            Assert.That(rule.Why, Is.Not.Empty.And.Not.EndWith("."), rule.Code);
        }
    }

    [Test]
    public void EveryCodeHasItsLineInTheReleaseList()
    {
        var listed = Line().Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Docs, "RELEASES.md"))).Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value));
        Assert.That(listed, Is.EquivalentTo(DiagnosticCatalog.All.Select(rule => (rule.Code, rule.Severity.ToString().ToLowerInvariant(), rule.Title))));
    }

    [TestCaseSource(nameof(Pages))]
    public void EveryCodeHasAPageWithAFailingAndARepairedExample(DiagnosticRule rule)
    {
        var one = BaselineCase.All().FirstOrDefault(one => one.Code == rule.Code);
        Assert.That(one, Is.Not.Null, $"no baseline case is named after {rule.Code}");
        RepositoryFiles.Check(Path.Combine(RepositoryFiles.Docs, $"{rule.Code}.md"), Page(rule, one!));
    }

    [Test]
    public void NoPageIsLeftOfACodeThatIsGone() =>
        Assert.That(Directory.GetFiles(RepositoryFiles.Docs, "ORC*.md").Select(Path.GetFileNameWithoutExtension), Is.SubsetOf(DiagnosticCatalog.All.Select(rule => rule.Code)));

    private static string Page(DiagnosticRule rule, BaselineCase one)
    {
        var page = new StringBuilder();
        page.Append($"# {rule.Code}: {rule.Title}\n\n");
        page.Append($"{char.ToUpperInvariant(rule.Why[0])}{rule.Why[1..]}.\n\n");
        if (rule.Severity == Severity.Warning)
        {
            page.Append("This is a warning: the pipeline is taken.\n\n");
        }

        var report = DiagnosticRenderer.Render(one.Find(one.Broken));
        page.Append("## What it looks like\n\n```text\n").Append(report).Append("```\n\n");
        var arguments = Path.Combine(one.Folder, "params.txt");
        page.Append("## A file that has it\n\n").Append(Block(one.Broken));
        if (File.Exists(arguments))
        {
            page.Append($"Started with `{string.Join("` and `", File.ReadAllLines(arguments).Select(line => $"--param \"{line}\""))}`.\n\n");
        }

        if (File.Exists(Path.Combine(one.Folder, "limits.json")))
        {
            page.Append("The limit was lowered for this example.\n\n");
        }

        page.Append("## Repaired\n\n").Append(Block(one.Repaired));
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Block(string file) => $"```jsonc\n{SourceText.FromBytes("", File.ReadAllBytes(file)).Text.TrimEnd('\n')}\n```\n\n";

    [GeneratedRegex(@"^\| (ORC\d{4}) \| (\w+) \| (.+?) \|$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
