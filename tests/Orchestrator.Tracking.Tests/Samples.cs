using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Facts;

namespace Orchestrator.Tracking.Tests;

/// <summary>Models and attempts to write tests with.</summary>
internal static class Samples
{
    public static DateTimeOffset Noon { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A model whose file has a hash of its own for each name.</summary>
    public static ModelRef Model(string file = "model", string? trackingRun = null) => new()
    {
        Artifact = new ArtifactRef { Hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(file))), SizeInBytes = 10, Name = $"{file}.zip", MediaType = "application/zip" },
        Flavor = "mlnet",
        Signature = new ModelSignature { Task = ModelTask.Classification, Label = "churn", Classes = ["no", "yes"], Features = [new ColumnInfo { Name = "minutes", Type = ColumnType.Number }] },
        TrackingRun = trackingRun,
    };

    public static AttemptId Attempt { get; } = new("attempt-1");

    public static FactContext Context(string attempt = "attempt-1", AttemptOutcome outcome = AttemptOutcome.Succeeded, int? mapIndex = null, int number = 1) => new()
    {
        Attempt = new AttemptInfo
        {
            Id = new AttemptId(attempt),
            Run = new RunId("run-1"),
            Pipeline = "churn",
            Definition = new DefinitionHash(new string('d', 64)),
            Task = new TaskName("train"),
            MapIndex = mapIndex,
            Number = number,
            GitCommit = "abc123",
        },
        Outcome = outcome,
        StartedAt = Noon,
        EndedAt = Noon.AddMinutes(2),
        Now = Noon.AddMinutes(2),
    };
}
