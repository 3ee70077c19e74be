using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Storage.Tests.Databases;

[TestFixture]
internal sealed class SqlTextsTests
{
    [Test]
    public void Split_FileWithAHead_GivesNamesAndTexts()
    {
        var texts = SqlTexts.Split("-- for people\n\n-- name: one\nSELECT 1;\n-- a comment\n\n-- name: two\nSELECT 2;\n", "x.sql");

        Assert.That(texts, Is.EqualTo(new[] { ("one", "SELECT 1;\n-- a comment"), ("two", "SELECT 2;") }));
    }

    [TestCase("-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;")]
    [TestCase("-- name:\nSELECT 1;")]
    [TestCase("-- name: one")]
    public void Split_NameMissingOrTwice_IsRefused(string content) =>
        Assert.That(() => SqlTexts.Split(content, "x.sql"), Throws.InvalidOperationException.With.Message.Contains("x.sql"));

    [Test]
    public void Load_NoSuchFile_SaysWhatItLookedFor() =>
        Assert.That(() => SqlTexts.Load(typeof(IRunStore).Assembly, "Nowhere", "nothing"), Throws.InvalidOperationException.With.Message.Contains("Nowhere/*/nothing.sql"));

    [Test]
    public void Item_UnknownNameOrDialect_IsRefusedWithTheName()
    {
        var texts = SqlTexts.Load(typeof(IRunStore).Assembly, "", "runs");

        Assert.That(() => texts["claim_nothing"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("claim_nothing"));
        Assert.That(texts["claim_run"].For(Dialect.Sqlite), Does.Contain("UPDATE runs"));
        Assert.That(() => texts["claim_run"].For(Dialect.Unknown), Throws.InvalidOperationException.With.Message.Contains("claim_run"));
    }
}
