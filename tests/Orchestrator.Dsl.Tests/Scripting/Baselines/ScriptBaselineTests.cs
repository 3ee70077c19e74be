using System.Text;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Tests.Baselines;

namespace Orchestrator.Dsl.Tests.Scripting.Baselines;

internal sealed class ScriptBaselineTests
{
    private static IEnumerable<TestCaseData> Cases() => ScriptCase.All().Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name));

    private static IEnumerable<TestCaseData> Rules() => DiagnosticCatalog.All
        .Where(rule => rule.Code.StartsWith("ORC4", StringComparison.Ordinal))
        .Select(rule => new TestCaseData(rule).SetArgDisplayNames(rule.Code));

    [TestCaseSource(nameof(Cases))]
    public async Task FindingsAreThoseOfTheAnnotatedCopy(ScriptCase one)
    {
        var found = await one.FindAsync(one.Broken);
        RepositoryFiles.Check(one.Annotated, Annotation.Of(ScriptCase.Read(one.Broken), found));
        if (one.Code is { } code)
        {
            Assert.That(found.Select(finding => finding.Code).Distinct(), Is.EqualTo(new[] { code }));
        }
    }

    /// <summary>The page of a code is made from the case that is named after it, so its examples are true.</summary>
    [TestCaseSource(nameof(Rules))]
    public async Task EveryCodeHasAPageWithAFailingAndARepairedScript(DiagnosticRule rule)
    {
        var one = ScriptCase.All().SingleOrDefault(one => one.Code == rule.Code);
        Assert.That(one, Is.Not.Null, $"no case is named after {rule.Code}");
        Assert.That((await one!.FindAsync(one.Repaired)).Select(finding => finding.ToString()), Is.Empty);
        RepositoryFiles.Check(Path.Combine(RepositoryFiles.Docs, $"{rule.Code}.md"), Page(rule, one, await one.FindAsync(one.Broken)));
    }

    private static string Page(DiagnosticRule rule, ScriptCase one, IReadOnlyList<Diagnostic> found)
    {
        var page = new StringBuilder();
        page.Append($"# {rule.Code}: {rule.Title}\n\n");
        page.Append($"{char.ToUpperInvariant(rule.Why[0])}{rule.Why[1..]}.\n\n");
        if (rule.Severity == Severity.Warning)
        {
            page.Append("This is a warning: the pipeline is taken.\n\n");
        }

        page.Append("## What it looks like\n\n```text\n").Append(DiagnosticRenderer.Render(found)).Append("```\n\n");
        page.Append("## A script that has it\n\n").Append(Block(one.Broken));
        if (one.HasLimits)
        {
            page.Append("The limit was lowered for this example.\n\n");
        }

        page.Append("## Repaired\n\n").Append(Block(one.Repaired));
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Block(string file) => $"```csharp\n{ScriptCase.Read(file).Text.TrimEnd('\n')}\n```\n\n";
}
