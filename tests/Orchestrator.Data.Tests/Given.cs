using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Data.Splitting;
using Orchestrator.Data.Validation;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests;

/// <summary>What most tests begin with: a file, a dataset made of it, the failure of an activity.</summary>
internal static class Given
{
    /// <summary>The table of the sample pipeline.</summary>
    public static string Churn { get; } = Find("workflows/churn/data/churn.csv");

    public static async Task<DatasetRef> DatasetAsync(this ActivityEnvironment environment, string csv, string file = "table.csv")
    {
        environment.WriteFile(file, csv);
        return await environment.SnapshotAsync(file);
    }

    public static async Task<DatasetRef> SnapshotAsync(this ActivityEnvironment environment, string path)
    {
        await environment.RunAsync(new SnapshotDataset { Source = path, Name = "table" });
        return environment.Output<DatasetRef>("version");
    }

    public static async Task<Failure> FailureAsync(this ActivityEnvironment environment, Activity activity)
    {
        var failed = Assert.ThrowsAsync<ActivityException>(() => environment.RunAsync(activity));
        await Task.CompletedTask;
        return failed!.Failure;
    }

    /// <summary>What snapshotting a file fails with.</summary>
    public static Task<Failure> SnapshotFailureAsync(this ActivityEnvironment environment, string path) =>
        environment.FailureAsync(new SnapshotDataset { Source = path, Name = "table" });

    /// <summary>Validates and answers the report's rules by text, with whether they hold.</summary>
    public static async Task<IReadOnlyDictionary<string, bool>> JudgeAsync(this ActivityEnvironment environment, DatasetRef dataset, params Expectation[] rules)
    {
        await environment.RunAsync(new ValidateDataset { Dataset = dataset, Expect = rules, KeepGoing = true });
        var result = await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<Core.Values.ArtifactRef>("result")));
        return System.Text.Json.Nodes.JsonNode.Parse(result)!["results"]!.AsArray().ToDictionary(one => (string)one!["meta"]!["rule"]!, one => (bool)one!["success"]!);
    }

    public static string Find(string relative)
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
