using Microsoft.Extensions.Time.Testing;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Storage;
using Orchestrator.Storage.Databases;
using Orchestrator.Tests.Shared;
using Orchestrator.Tracking;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Deployment.Tests;

/// <summary>A real database (a file, or a schema of a server) with the tables of tracking and deployment, and the services over it.</summary>
internal sealed class DeploymentHome : IAsyncDisposable
{
    private readonly string? folder;
    private readonly string url;

    private DeploymentHome(string? folder, string url, OrcDatabase database)
    {
        this.folder = folder;
        this.url = url;
        Database = database;
        Registry = new ModelRegistry(database, Clock);
        Endpoints = new EndpointStore(database, Registry, Clock);
        Queries = new EndpointQueries(database);
        Models = new ModelQueries(database);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };

    public OrcDatabase Database { get; }

    public ModelRegistry Registry { get; }

    public EndpointStore Endpoints { get; }

    public EndpointQueries Queries { get; }

    public ModelQueries Models { get; }

    /// <param name="dialect"><c>sqlite</c> or <c>postgres</c>.</param>
    public static async Task<DeploymentHome> OpenAsync(string dialect = "sqlite")
    {
        var folder = dialect == "sqlite" ? Directory.CreateTempSubdirectory("orc-deployment-").FullName : null;
        var url = folder is null ? PostgreSqlServer.Instance.CreateUrl() : $"sqlite:{Path.Combine(folder, "orc.db")}";
        var options = new DatabaseOptions { Migrations = [EngineStores.Migrations, TrackingRegistration.Migrations, DeploymentRegistration.Migrations] };
        return new DeploymentHome(folder, url, await OrcDatabase.OpenAsync(url, options));
    }

    /// <summary>A model that is not registered. Another text is another file.</summary>
    public static ModelRef Model(string text) => new()
    {
        Artifact = new ArtifactRef { Hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))), SizeInBytes = text.Length, Name = "model.zip", MediaType = "application/zip" },
        Flavor = "test",
        Signature = new ModelSignature
        {
            Task = ModelTask.Classification,
            Label = "churn",
            Classes = ["no", "yes"],
            Features = [new ColumnInfo { Name = "minutes", Type = ColumnType.Number }, new ColumnInfo { Name = "plan", Type = ColumnType.Text }],
        },
    };

    /// <summary>Deploys to the endpoint <c>churn</c> under a key of its own unless one is given.</summary>
    public Task<DeploymentResult> DeployAsync(string text, string? key = null, string? name = null, string alias = "champion", ModelRef? model = null) => Endpoints.DeployAsync(
        new DeployRequest { Endpoint = "churn", Model = model ?? Model(text), Name = name, Alias = alias, By = ChangeSource.Person, IdempotencyKey = key ?? Guid.NewGuid().ToString() },
        CancellationToken.None);

    public Task<DeploymentResult> RollBackAsync(int? to = null, string endpoint = "churn") =>
        Endpoints.RollBackAsync(new RollbackRequest { Endpoint = endpoint, To = to, Reason = "it misbehaves" }, CancellationToken.None);

    public async Task<int?> AliasAsync(string model = "churn", string alias = "champion") =>
        (await Registry.FindAsync(model, alias, CancellationToken.None))?.Version;

    public Task<EndpointDetail> DetailAsync() => Queries.GetAsync("churn", CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (folder is null)
        {
            PostgreSqlServer.Instance.Remove(url);
        }
        else
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
