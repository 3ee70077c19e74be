using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests;

public sealed class NearNamesTests
{
    [TestCase("trian", "train", TestName = "Find_SwappedNeighbours_IsNear")]
    [TestCase("Train", "train", TestName = "Find_OtherCase_IsNear")]
    [TestCase("evalute", "evaluate", TestName = "Find_MissingLetter_IsNear")]
    [TestCase("deploys", "deploy", TestName = "Find_ExtraLetter_IsNear")]
    [TestCase("snapshot", null, TestName = "Find_OtherWord_IsNotNear")]
    [TestCase("x", null, TestName = "Find_OneLetter_IsNotNear")]
    [TestCase("", null, TestName = "Find_Nothing_IsNotNear")]
    public void Find(string written, string? expected) =>
        Assert.That(NearNames.Find(written, ["train", "evaluate", "deploy", "y"]), Is.EqualTo(expected));

    [Test]
    public void FindAll_SeveralNear_NearestFirst() =>
        Assert.That(NearNames.FindAll("minutes1", ["minutes22", "minutes2", "minutes1x", "other"]), Is.EqualTo(new[] { "minutes2", "minutes1x", "minutes22" }));

    [Test]
    public void FindAll_VeryLongName_IsNotCompared() =>
        Assert.That(NearNames.FindAll(new string('a', 10_000), [new string('a', 10_000)]), Is.Empty);

    [Test]
    public void Question_TwoNear_NamesBoth() =>
        Assert.That(NearNames.Question("trai", ["train", "trail"]), Is.EqualTo("did you mean \"train\" or \"trail\"?"));
}
