using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>SIGKILL in the middle of a sweep, and then <c>--resume</c>: nothing finished runs again, and the result is the one of a run that nobody killed.</summary>
public sealed class KillTests
{
    /// <summary>Short form 3 kills; with ORC_LONG=1 the 20 that the promise is made for.</summary>
    private static int Kills => Environment.GetEnvironmentVariable("ORC_LONG") == "1" ? 20 : 3;

    [Test]
    public async Task AKilledSweepGoesOnAndEndsTheSame()
    {
        using var calm = new OrcProgram();
        var whole = await calm.RunAsync("run", Pipeline(calm), "--json");
        Assert.That(whole.ExitCode, Is.Zero, whole.ToString());
        var random = new Random(20261123);
        for (var kill = 0; kill < Kills; kill++)
        {
            await KillOnceAsync(whole, random.Next(0, 15), random.Next(0, 400));
        }
    }

    /// <summary>Kills after an item was seen to end, and a random moment after that.</summary>
    private static async Task KillOnceAsync(ProgramResult whole, int item, int milliseconds)
    {
        using var orc = new OrcProgram();
        using var first = orc.Start("run", Pipeline(orc));
        var run = (await first.LineAsync(line => line.StartsWith("run ", StringComparison.Ordinal))).Split(' ')[1];
        await first.LineAsync(line => line.Contains($" item {item} succeeded", StringComparison.Ordinal));
        // The moment is part of what is tried, not something that is waited for.
        await Task.Delay(milliseconds);
        await first.KillAsync();
        var before = await orc.RunAsync("show", run, "--json");

        var resumed = await orc.RunAsync("run", "--resume", run, "--json");

        Assert.That(resumed.ExitCode, Is.Zero, $"killed after item {item} and {milliseconds} ms: {resumed}");
        Assert.That(Sweep(resumed).GetProperty("outputs").GetProperty("bestParams").GetRawText(), Is.EqualTo(Sweep(whole).GetProperty("outputs").GetProperty("bestParams").GetRawText()));
        Assert.That(Sweep(resumed).GetProperty("outputs").GetProperty("bestScore").GetDouble(), Is.EqualTo(Sweep(whole).GetProperty("outputs").GetProperty("bestScore").GetDouble()));
        Assert.That(Hash(resumed), Is.EqualTo(Hash(whole)), "the same model, to the byte");
        foreach (var finished in Finished(before))
        {
            var after = Find(resumed, finished);
            Assert.That(after.GetProperty("attempts").GetInt32(), Is.EqualTo(finished.GetProperty("attempts").GetInt32()), $"{finished} ran again");
        }
    }

    private static string Hash(ProgramResult result) => Sweep(result).GetProperty("outputs").GetProperty("best").GetProperty("artifact").GetProperty("hash").GetString() ?? "";

    private static JsonElement Sweep(ProgramResult result) => ChurnTests.Task(result, "sweep");

    private static IEnumerable<JsonElement> Finished(ProgramResult result) => All(result).Where(one => one.GetProperty("status").GetString() is "succeeded" or "cached");

    private static JsonElement Find(ProgramResult result, JsonElement one) => All(result).First(other => Key(other) == Key(one));

    private static string Key(JsonElement one) => one.TryGetProperty("name", out var name) ? name.GetString() ?? "" : one.GetProperty("index").GetRawText();

    private static IEnumerable<JsonElement> All(ProgramResult result) => result.Json.GetProperty("tasks").EnumerateArray()
        .SelectMany(task => task.TryGetProperty("items", out var items) ? items.EnumerateArray().Prepend(task) : [task]);

    /// <summary>The first half of the sample with fewer trials: what a kill can hit.</summary>
    private static string Pipeline(OrcProgram orc)
    {
        orc.CopyChurn();
        return orc.Write("churn/small.json", """
            { "name": "small", "tasks": {
                "snapshot": { "uses": "data.snapshot", "with": { "source": "data/churn.csv", "name": "customers" } },
                "split": { "uses": "data.split", "with": { "dataset": "${tasks.snapshot.version}", "stratifyBy": "churn", "seed": 7 } },
                "sweep": { "uses": "train.sweep", "with": {
                  "train": { "uses": "train.classifier", "with": { "data": "${tasks.split.train}", "label": "churn", "trainer": "lightgbm", "seed": 7 } },
                  "space": [ { "name": "learningRate", "kind": "log-uniform", "low": 0.05, "high": 0.3 }, { "name": "leaves", "kind": "integer", "low": 4, "high": 32 } ],
                  "search": { "kind": "tpe", "trials": 16 }, "metric": "auc", "parallel": 2, "seed": 7 } } } }
            """);
    }
}
