namespace Orchestrator.EndToEnd.Tests;

/// <summary>What is said to somebody who asks for what cannot be: words and exit code 2, and one document with <c>--json</c>.</summary>
public sealed class WrongRequestTests
{
    [Test]
    public async Task AMisspelledCommandIsAnsweredWithTheRightOne()
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync("shwo");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.Contain("error ORC5901: there is no command \"shwo\"").And.Contain("did you mean \"show\"?").And.Not.Contain("Required command"));
    }

    [TestCase("shwo")]
    [TestCase("predict")]
    [TestCase("graph", "p.json", "--format", "png")]
    public async Task WrongWordsAreOneDocumentToo(params string[] words)
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync([.. words, "--json"]);

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Json.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("ORC5901"));
    }

    [Test]
    public async Task TheNameAloneSaysWhatThereIs()
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync();

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.Contain("Commands:").And.Contain("predict"));
    }

    [TestCase("Trainer = Logistic()", "did you mean \"LogisticRegression\"?")]
    [TestCase("Trainer = Xgboost()", "LightGbm(…), FastTree(…), LogisticRegression(…) and LinearRegression(…) make what belongs here.")]
    [TestCase("ClassWeights = \"balanced\"", "Balanced() and Weights(…) make ClassWeights.")]
    public async Task AScriptThatGuessesAFunctionIsToldWhichThereAre(string member, string help)
    {
        using var orc = new OrcProgram();
        orc.Write("p.csx", $$"""
            var p = Pipeline("p");
            var snapshot = p.Add("snapshot", new SnapshotDataset { Source = "t.csv", Name = "t" });
            p.Add("train", new TrainClassifier { Data = snapshot.Version, Label = "y", {{member}} });
            return p;
            """);
        var result = await orc.RunAsync("validate", "p.csx");

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Output + result.Error, Does.Contain(help));
    }

    [TestCase("init", "churn/data/churn.csv")]
    [TestCase("graph", "churn/churn.json")]
    [TestCase("export", "churn/churn.json")]
    public async Task AFileThatCannotBeWrittenIsAWrongRequest(string command, string file)
    {
        using var orc = new OrcProgram();
        orc.CopyChurn();
        var result = await orc.RunAsync(command, file, "--output", Path.Combine("missing", "out.json"));

        Assert.That(result.ExitCode, Is.EqualTo(2), result.ToString());
        Assert.That(result.Error, Does.Contain("ORC5960").And.Contain("Check that the folder exists"));
    }
}
