using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Tests.Baselines;

internal sealed class BaselineTests
{
    private static IEnumerable<TestCaseData> Cases() => BaselineCase.All().Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name));

    private static IEnumerable<TestCaseData> ErrorCases() => BaselineCase.All().Where(one => one.Code is not null).Select(one => new TestCaseData(one).SetArgDisplayNames(one.Name));

    [TestCaseSource(nameof(Cases))]
    public void FindingsAreThoseOfTheAnnotatedCopy(BaselineCase one)
    {
        var source = SourceText.FromBytes("pipeline.json", File.ReadAllBytes(one.Broken));
        RepositoryFiles.Check(one.Annotated, Annotation.Of(source, one.Find(one.Broken)));
    }

    [TestCaseSource(nameof(ErrorCases))]
    public void ACaseNamedAfterACodeHasThatFindingAndNoOther(BaselineCase one) =>
        Assert.That(one.Find(one.Broken).Select(diagnostic => diagnostic.Code).Distinct(), Is.EqualTo(new[] { one.Code }));

    [TestCaseSource(nameof(ErrorCases))]
    public void TheRepairedFileHasNoFinding(BaselineCase one) =>
        Assert.That(one.Find(one.Repaired).Select(diagnostic => diagnostic.ToString()), Is.Empty);

    [Test]
    public void AFileWithFiveMistakesReportsFive()
    {
        var one = BaselineCase.All().Single(one => one.Name == "five-mistakes");
        Assert.That(one.Find(one.Broken).Select(diagnostic => diagnostic.Code), Has.Exactly(5).Items);
    }
}
