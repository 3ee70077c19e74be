using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>The sample as its README promises it: a data file becomes a model behind an endpoint, and everything that may go wrong on the way.</summary>
public sealed class ChurnTests
{
    [Test]
    public async Task TheSampleDeploysAGoodModelAndTheSecondRunKeepsIt()
    {
        using var orc = new OrcProgram();
        var script = orc.CopyChurn();

        var first = await orc.RunAsync("run", script, "--json");
        Assert.That(first.ExitCode, Is.Zero, first.ToString());
        Assert.That(Task(first, "evaluate").GetProperty("outputs").GetProperty("auc").GetDouble(), Is.GreaterThanOrEqualTo(0.90));
        Assert.That(Task(first, "compare").GetProperty("outputs").GetProperty("outcome").GetString(), Is.EqualTo("no-baseline"));
        Assert.That(Task(first, "sweep").GetProperty("items").GetArrayLength(), Is.EqualTo(41), "40 trials, and the best one trained again on all rows");

        var second = await orc.RunAsync("run", script, "--json");
        Assert.That(second.ExitCode, Is.Zero, second.ToString());
        foreach (var name in new[] { "snapshot", "validate", "split", "sweep", "evaluate" })
        {
            Assert.That(Task(second, name).GetProperty("status").GetString(), Is.EqualTo("cached"), name);
        }

        Assert.That(Task(second, "compare").GetProperty("outputs").GetProperty("outcome").GetString(), Is.EqualTo("same-model"));
        Assert.That(Task(second, "deploy").GetProperty("status").GetString(), Is.EqualTo("skipped"));

        await CheckEndpointAsync(orc);
        await CheckPoisonedTableAsync(orc, script);
    }

    [Test]
    public async Task ScriptAndJsonAreOneDefinition()
    {
        using var orc = new OrcProgram();
        var result = await orc.RunAsync("validate", Repository.Path("workflows", "churn", "churn.csx"), Repository.Path("workflows", "churn", "churn.json"), "--json");

        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        var hashes = result.Json.EnumerateArray().Select(file => file.GetProperty("definition").GetString()).ToArray();
        Assert.That(hashes[0], Is.Not.Null.And.EqualTo(hashes[1]));
    }

    private static async Task CheckEndpointAsync(OrcProgram orc)
    {
        var file = await orc.RunAsync("predict", "churn", "--file", Path.Combine("churn", "data", "churn.csv"));
        Assert.That(file.ExitCode, Is.Zero, file.ToString());
        Assert.That(file.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(5001), "a header and a line per row");

        var row = await orc.RunAsync("predict", "churn", "--row", "{\"state\":\"KS\"}");
        Assert.That(row.ExitCode, Is.EqualTo(2));
        Assert.That(row.Error, Does.Contain("column \"account_length\" (a whole number) is missing"));

        var back = await orc.RunAsync("rollback", "churn");
        Assert.That(back.ExitCode, Is.EqualTo(2), "there is nothing to go back to");
    }

    private static async Task CheckPoisonedTableAsync(OrcProgram orc, string script)
    {
        var table = Path.Combine(orc.Folder, "churn", "data", "churn.csv");
        var lines = await File.ReadAllLinesAsync(table);
        lines[17] = lines[17].Replace("\"no\"\r", "\"maybe\"", StringComparison.Ordinal);
        lines[17] = lines[17][..lines[17].LastIndexOf(',')] + ",\"maybe\"";
        var cells = lines[18].Split(',');
        cells[6] = "99999";
        lines[18] = string.Join(',', cells);
        lines[19] = lines[19][..lines[19].LastIndexOf(',')] + ",";
        await File.WriteAllLinesAsync(table, lines);

        var run = await orc.RunAsync("run", script, "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1), run.ToString());
        var failure = Task(run, "validate").GetProperty("failure").GetRawText();
        Assert.That(failure, Does.Contain("maybe").And.Contain("99999").And.Contain("total_day_minutes").And.Contain("churn"));
        foreach (var name in new[] { "split", "sweep", "evaluate", "compare", "deploy" })
        {
            Assert.That(Task(run, name).GetProperty("status").GetString(), Is.EqualTo("upstream_failed"), name);
        }

        var endpoint = await orc.RunAsync("endpoints", "show", "churn", "--json");
        Assert.That(endpoint.Json.GetProperty("endpoint").GetProperty("current").GetProperty("version").GetInt32(), Is.EqualTo(1), "the champion is untouched");
    }

    internal static JsonElement Task(ProgramResult result, string name) =>
        result.Json.GetProperty("tasks").EnumerateArray().First(task => task.GetProperty("name").GetString() == name);
}
