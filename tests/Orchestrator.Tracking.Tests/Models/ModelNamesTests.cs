using Orchestrator.Core.Activities;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Tracking.Tests.Models;

public sealed class ModelNamesTests
{
    [TestCase("models:/churn@champion", "churn", "champion")]
    [TestCase("models:/churn/3", "churn", "3")]
    [TestCase("models:/churn/latest", "churn", "latest")]
    [TestCase("models:/churn model.v2@prod-eu", "churn model.v2", "prod-eu")]
    public void ParseReference_LegalForms_AreTakenApart(string reference, string name, string aliasOrVersion) =>
        Assert.That(ModelNames.ParseReference(reference), Is.EqualTo((name, aliasOrVersion)));

    [TestCase("models:/churn")]
    [TestCase("models:/churn@")]
    [TestCase("models:/@champion")]
    [TestCase("models:/churn/0")]
    [TestCase("models:/churn/-1")]
    [TestCase("models:/churn/v3")]
    [TestCase("models:/churn/1/2")]
    [TestCase("models:/churn@a@b")]
    [TestCase("models://churn@champion")]
    [TestCase("models:/churn@champion\n")]
    [TestCase("models:/churn/99999999999")]
    [TestCase("churn@champion")]
    public void ParseReference_OtherForms_AreRefusedWithTheTwoLegalOnes(string reference)
    {
        var failure = Assert.Throws<ActivityException>(() => ModelNames.ParseReference(reference))!.Failure;

        Assert.That(failure.Code, Is.EqualTo("ORC5501"));
        Assert.That(failure.Help, Does.Contain("models:/NAME@ALIAS").And.Contain("models:/NAME/VERSION"));
    }

    [TestCase("champion")]
    [TestCase("prod-eu_2")]
    [TestCase("v")]
    [TestCase("v3b")]
    [TestCase("3b")]
    public void CheckAlias_Legal_Passes(string alias) => Assert.DoesNotThrow(() => ModelNames.CheckAlias(alias));

    [TestCase("")]
    [TestCase("latest")]
    [TestCase("Latest")]
    [TestCase("v3")]
    [TestCase("V12")]
    [TestCase("7")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("a@b")]
    [TestCase("a\n")]
    public void CheckAlias_NotLegal_IsRefused(string alias) =>
        Assert.That(Assert.Throws<ActivityException>(() => ModelNames.CheckAlias(alias))!.Failure.Code, Is.EqualTo("ORC5503"));

    [Test]
    public void CheckAlias_Longer_IsRefused()
    {
        Assert.DoesNotThrow(() => ModelNames.CheckAlias(new string('a', 255)));
        Assert.Throws<ActivityException>(() => ModelNames.CheckAlias(new string('a', 256)));
    }

    [TestCase("")]
    [TestCase(" churn")]
    [TestCase("churn ")]
    [TestCase("a/b")]
    [TestCase("a@b")]
    [TestCase("a:b")]
    [TestCase("../x")]
    public void CheckName_NotLegal_IsRefused(string name) =>
        Assert.That(Assert.Throws<ActivityException>(() => ModelNames.CheckName(name))!.Failure.Code, Is.EqualTo("ORC5502"));
}
