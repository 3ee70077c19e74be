using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Data;
using Orchestrator.Data.Splitting;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;
using Orchestrator.Training.Models;

namespace Orchestrator.Training.Tests;

/// <summary>What training tests begin with: datasets made of files as a pipeline makes them, and the real reader of tables.</summary>
internal sealed class TrainingWorld : IDisposable
{
    public TrainingWorld()
    {
        Reader = (ITableReader)Activator.CreateInstance(new ServiceCollection().AddData().Single(service => service.ServiceType == typeof(ITableReader)).ImplementationType!, nonPublic: true)!;
        Environment = new ActivityEnvironment().With(Reader);
    }

    public ActivityEnvironment Environment { get; }

    public ITableReader Reader { get; }

    public async Task<DatasetRef> DatasetAsync(string csv, string name = "table")
    {
        var file = $"{name}-{Guid.NewGuid():N}.csv";
        Environment.WriteFile(file, csv);
        await Environment.RunAsync(new SnapshotDataset { Source = file, Name = name });
        return Environment.Output<DatasetRef>("version");
    }

    /// <summary>The table of the sample pipeline, in its parts to learn from and to test on.</summary>
    public async Task<(DatasetRef Train, DatasetRef Test)> ChurnAsync(int seed = 7)
    {
        await Environment.RunAsync(new SnapshotDataset { Source = Find("workflows/churn/data/churn.csv"), Name = "customers" });
        var all = Environment.Output<DatasetRef>("version");
        await Environment.RunAsync(new SplitDataset { Dataset = all, TestFraction = 0.2, StratifyBy = "churn", Seed = seed });
        return (Environment.Output<DatasetRef>("train"), Environment.Output<DatasetRef>("test"));
    }

    /// <summary>Trains and answers the model; what the attempt left is in <see cref="Environment"/>.</summary>
    public async Task<ModelRef> TrainAsync(Activity activity)
    {
        await Environment.RunAsync(activity);
        return Environment.Output<ModelRef>("model");
    }

    public Failure Refusal(Activity activity) => Assert.ThrowsAsync<ActivityException>(() => Environment.RunAsync(activity))!.Failure;

    public Dictionary<string, double> Metrics() => Environment.Output<Dictionary<string, double>>("metrics");

    public IPredictor Load(ModelRef model) => new MlnetLoader().Load(Environment.Artifacts.PathOf(model.Artifact), model);

    public Task<Table> ReadAsync(DatasetRef data) => Reader.ReadAsync(Environment.Artifacts.PathOf(data.Data), null, CancellationToken.None);

    public void Dispose() => Environment.Dispose();

    /// <summary>A table of two numbers, a colour and a noise column, whose label follows from them with some error.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="label">Makes the label's text of the score that the rows have, which is about -3 to 3.</param>
    /// <param name="holes">True: a fifth of the numbers and colours is missing.</param>
    public static string Csv(int rows, Func<double, string> label, bool holes = false)
    {
        var random = new Random(5);
        var csv = new StringBuilder("size,weight,colour,noise,label\n");
        for (var i = 0; i < rows; i++)
        {
            var (size, weight, noise) = (random.NextDouble(), random.NextDouble() * 10, random.NextDouble());
            var colour = new[] { "red", "green", "blue" }[random.Next(3)];
            var score = 3 * (size - 0.5) + (weight - 5) / 5 + (colour == "red" ? 0.7 : -0.3) + 0.4 * (random.NextDouble() - 0.5);
            csv.Append(CultureInfo.InvariantCulture, $"{Hole(size)},{Hole(weight)},{(holes && random.Next(5) == 0 ? "" : colour)},{noise:0.####},{label(score)}\n");
        }

        return csv.ToString();

        string Hole(double value) => holes && random.Next(5) == 0 ? "" : value.ToString("0.#####", CultureInfo.InvariantCulture);
    }

    public static string YesNo(double score) => score > 0 ? "yes" : "no";

    private static string Find(string relative)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, relative)))
            {
                return Path.Combine(folder, relative);
            }
        }

        throw new FileNotFoundException(relative);
    }
}
