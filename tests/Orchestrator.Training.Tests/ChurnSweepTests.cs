using System.Diagnostics;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Trainers;
using static Orchestrator.Training.Sweeps.SweepFunctions;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests;

public sealed class ChurnSweepTests
{
    [Test]
    public async Task ASweepOnTheSampleTableFindsAModelAboveNineTenthsOnRowsItNeverSaw()
    {
        using var world = new TrainingWorld();
        var (train, test) = await world.ChurnAsync();
        var sweep = new Sweep
        {
            Train = new TrainClassifier { Data = train, Label = "churn", Trainer = LightGbm() },
            Space = [LogUniform("learningRate", 0.01, 0.3), Integer("leaves", 8, 256)],
            Search = Tpe(trials: 12),
            Metric = "auc",
            Parallel = 2,
        };

        var items = await RunTrialsAsync(world, sweep);
        world.Environment.Items = items;
        await world.Environment.RunAsync(sweep);

        var best = world.Environment.Output<ModelRef>("best");
        using var predictor = world.Load(best);
        var rows = await world.ReadAsync(test);
        var labels = ((TextColumn)rows.Find("churn")!).Values.Select(value => value == "yes").ToArray();
        var auc = Orchestrator.Training.Evaluation.Metrics.Ranking.RocAuc(labels, predictor.Predict(rows).Probabilities.Select(row => row[1]).ToArray());
        TestContext.Out.WriteLine($"validation {world.Environment.Output<double>("bestScore"):0.0000}, test {auc:0.0000}");
        foreach (var line in world.Environment.Lines)
        {
            TestContext.Out.WriteLine(line);
        }

        Assert.That(auc, Is.GreaterThan(0.9));
    }

    /// <summary>Runs the trials as a worker does, one after the other.</summary>
    private static async Task<List<ItemResult>> RunTrialsAsync(TrainingWorld world, Sweep sweep)
    {
        var items = new List<ItemResult>();
        while (true)
        {
            var expansion = ActivityRunner.Expand(sweep, new ExpansionContext { Items = items });
            foreach (var item in expansion.Next)
            {
                var with = item.Activity.With;
                var clock = Stopwatch.StartNew();
                await world.Environment.RunAsync(new TrainClassifier
                {
                    Data = OrcJson.FromElement<DatasetRef>(with["data"]),
                    Label = OrcJson.FromElement<string>(with["label"]),
                    Trainer = OrcJson.FromElement<Trainer>(with["trainer"]),
                });
                TestContext.Out.WriteLine($"{clock.ElapsedMilliseconds} ms {item.Label} {world.Environment.Lines[^1]}");
                items.Add(new ItemResult { Index = items.Count, Label = item.Label, Status = ItemStatus.Succeeded, Outputs = world.Environment.Outputs.ToDictionary() });
            }

            if (expansion.Complete && expansion.Next.Count == 0 || items.Count >= sweep.Search.Value.Trials)
            {
                return items;
            }
        }
    }
}
