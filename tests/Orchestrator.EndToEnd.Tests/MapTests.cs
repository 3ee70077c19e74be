using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Mapped tasks, their items and the cache of both, as users see them.</summary>
public sealed class MapTests
{
    private const string Grid = """
        { "name": "grid", "params": { "models": { "type": "json", "default": ["a", "b"] } },
          "tasks": {
            "train": { "uses": "exec.command", "map": { "over": { "region": ["eu", "us"], "model": "${params.models}" }, "parallel": 2 }, CACHE
                       "with": { "command": ["sh", "train.sh", "${item.region}", "${item.model}"], "sources": [], "skipCodes": [99], "outputs": ["text"] } } } }
        """;

    private const string Script = """
        if test "$2" = none; then echo no such model; exit 99; fi
        echo "$1-$2" >> ran.txt
        echo "{\"text\": \"$1-$2\"}" > $ORC_OUTPUTS
        """;

    [Test]
    public async Task OfAGridOnlyWhatIsNewRuns()
    {
        using var orc = new OrcProgram();
        var file = Write(orc, "");
        var first = await orc.RunAsync("run", file, "--json");
        Assert.That(first.ExitCode, Is.Zero, first.ToString());
        Assert.That(Items(first).Select(item => item.GetProperty("label").GetString()), Is.EqualTo(new[] { "region=eu model=a", "region=eu model=b", "region=us model=a", "region=us model=b" }));

        var plan = await orc.RunAsync("run", file, "--param", """models=["a","c"]""", "--dry-run", "--json");
        Assert.That(plan.Json.GetProperty("tasks")[0].GetProperty("why").GetString(), Is.EqualTo("once for each of 4 items (2 region × 2 model); 2 of 4 cached"));
        var second = await orc.RunAsync("run", file, "--param", """models=["a","c"]""", "--json");

        Assert.That(second.Json.GetProperty("tasks")[0].GetProperty("itemCounts").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("""{"cached":2,"succeeded":2}"""));
        Assert.That(second.Json.GetProperty("tasks")[0].GetProperty("outputs").GetProperty("result").EnumerateArray().Select(result => result.GetProperty("text").GetString()), Is.EqualTo(new[] { "eu-a", "eu-c", "us-a", "us-c" }));
        Assert.That(File.ReadAllLines(Path.Combine(orc.Folder, "ran.txt")), Is.EquivalentTo(new[] { "eu-a", "eu-b", "us-a", "us-b", "eu-c", "us-c" }), "what was cached has not run");

        var shown = await orc.RunAsync("show", "last", "--items", "--status", "cached", "--json");
        Assert.That(Items(shown).Select(item => item.GetProperty("index").GetInt32()), Is.EqualTo(new[] { 0, 2 }));
        var why = await orc.RunAsync("why", "last", "train/1", "--cache", "--json");
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("outcome").GetString(), Is.EqualTo("miss"));
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("why").GetString(), Does.Contain("input command was"));

        orc.Write("train.sh", Script + "\n# better");
        await orc.RunAsync("run", file);
        why = await orc.RunAsync("why", "last", "train", "--cache", "--json");
        Assert.That(why.Json.GetProperty("tasks")[0].GetProperty("outcome").GetString(), Is.EqualTo("miss"));
        Assert.That(why.Json.GetProperty("tasks")[1].GetProperty("why").GetString(), Does.EndWith("script train.sh has changed"));
    }

    /// <summary>A trial depends on its hyper-parameters and on nothing that came before it; so a longer sweep begins with the trials of the shorter one, and ends as if they had run.</summary>
    [Test]
    public async Task ALongerSweepBeginsWithTheTrialsOfTheShorterOne()
    {
        using var orc = new OrcProgram();
        orc.CopyChurn();
        var file = orc.Write("churn/sweep.json", """
            { "name": "sweep", "params": { "trials": { "type": "integer", "default": 2 } }, "tasks": {
                "snapshot": { "uses": "data.snapshot", "with": { "source": "data/churn.csv", "name": "customers" } },
                "split": { "uses": "data.split", "with": { "dataset": "${tasks.snapshot.version}", "seed": 7 } },
                "sweep": { "uses": "train.sweep", "with": {
                  "train": { "uses": "train.classifier", "with": { "data": "${tasks.split.train}", "label": "churn", "seed": 7 } },
                  "space": [ { "name": "learningRate", "kind": "log-uniform", "low": 0.05, "high": 0.3 } ],
                  "search": { "kind": "random", "trials": "${params.trials}" }, "metric": "auc", "seed": 7 } } } }
            """);
        var shorter = await orc.RunAsync("run", file, "--json");
        Assert.That(shorter.ExitCode, Is.Zero, shorter.ToString());

        var longer = await orc.RunAsync("run", file, "--param", "trials=4", "--json");
        var anew = await orc.RunAsync("run", file, "--param", "trials=4", "--refresh", "sweep", "--json");

        Assert.That(Trials(longer), Is.EqualTo(new[] { "cached", "cached", "succeeded", "succeeded" }));
        Assert.That(Trials(anew), Is.EqualTo(new[] { "succeeded", "succeeded", "succeeded", "succeeded" }));
        Assert.That(Result(longer, "bestParams"), Is.EqualTo(Result(anew, "bestParams")));
        Assert.That(Result(longer, "bestScore"), Is.EqualTo(Result(anew, "bestScore")));

        static string?[] Trials(ProgramResult run) => [.. ChurnTests.Task(run, "sweep").GetProperty("items").EnumerateArray().Select(item => item.GetProperty("status").GetString())];
        static string Result(ProgramResult run, string output) => ChurnTests.Task(run, "sweep").GetProperty("outputs").GetProperty(output).GetRawText();
    }

    [Test]
    public async Task AVariableThatTheAuthorNamesDecides()
    {
        using var orc = new OrcProgram();
        var file = Write(orc, """ "cache": { "environment": ["HOME_OF_MODELS"], "scope": "pipeline" }, """);
        await orc.RunAsync("run", file);

        var why = await orc.RunAsync("why", "last", "train/0", "--cache");

        Assert.That(why.Output, Does.Contain("variable HOME_OF_MODELS").And.Contain("(not set)").And.Contain("pipeline grid only"));
        Assert.That((await orc.RunAsync("run", file, "--json")).Json.GetProperty("tasks")[0].GetProperty("itemCounts").GetProperty("cached").GetInt32(), Is.EqualTo(4));
    }

    [Test]
    public async Task AProgramThatFindsNothingToDoSkipsItsItem()
    {
        using var orc = new OrcProgram();
        var run = await orc.RunAsync("run", Write(orc, ""), "--param", """models=["a","none"]""", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Items(run).Select(item => item.GetProperty("status").GetString()), Is.EqualTo(new[] { "succeeded", "skipped", "succeeded", "skipped" }));
        Assert.That(Items(run)[1].GetProperty("reason").GetString(), Is.EqualTo("sh ended with exit code 99, which skips the task: no such model"));
        Assert.That((await orc.RunAsync("why", "last", "train/1", "--json")).Json.GetProperty("reasons")[0].GetProperty("message").GetString(), Does.EndWith("no such model"));
    }

    [TestCase("ORC5931", "show", "last", "--items", "--status", "fialed")]
    [TestCase("ORC5932", "why", "last", "train/9")]
    [TestCase("ORC5906", "why", "last", "train/x")]
    [TestCase("ORC5905", "why", "last", "train/-1")]
    public async Task AWrongQuestionIsAnsweredWithWords(string code, params string[] arguments)
    {
        using var orc = new OrcProgram();
        await orc.RunAsync("run", Write(orc, ""));

        var result = await orc.RunAsync(arguments);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(code));
    }

    private static string Write(OrcProgram orc, string cache)
    {
        orc.Write("train.sh", Script);
        return orc.Write("grid.json", Grid.Replace("CACHE", cache, StringComparison.Ordinal));
    }

    private static JsonElement[] Items(ProgramResult run) => [.. run.Json.GetProperty("tasks")[0].GetProperty("items").EnumerateArray()];
}
