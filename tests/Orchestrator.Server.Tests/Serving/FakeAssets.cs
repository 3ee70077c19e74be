using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Server.Assets;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Tests.Serving;

/// <summary>What families would keep: one dataset with two versions, one model with two, one endpoint that was deployed to twice. Says what families say.</summary>
internal sealed class FakeAssets : IServedDatasets, IServedModels, IServedEndpoints
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, int> aliases = new() { ["champion"] = 1 };
    private readonly List<AliasChangeDocument> changes = [];
    private readonly List<DeploymentDocument> history = [Deployment(1, 1, "replaced"), Deployment(2, 2, "active")];
    private readonly Dictionary<string, RollbackDocument> answers = [];
    private OrcDatabase? database;

    public ServedAssets Served(OrcDatabase over)
    {
        database = over;
        return new ServedAssets { Datasets = this, Models = this, Endpoints = this };
    }

    Task<IReadOnlyList<DatasetDocument>> IServedDatasets.ListAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<DatasetDocument>>([new DatasetDocument { Name = "customers", Versions = 2, Newest = new string('b', 64), Rows = 20, CreatedAt = At, UpdatedAt = At }]);

    public Task<IReadOnlyList<DatasetVersionDocument>> VersionsAsync(string dataset, CancellationToken cancellation) => dataset == "customers"
        ? Task.FromResult<IReadOnlyList<DatasetVersionDocument>>([Version('b', 20), Version('a', 10)])
        : throw new ActivityException("ORC5352", $"there is no dataset \"{dataset}\"");

    public async Task<DatasetVersionDocument> GetVersionAsync(string dataset, string version, CancellationToken cancellation)
    {
        var all = await VersionsAsync(dataset, cancellation);
        return (version == "latest" ? all[0] : all.FirstOrDefault(one => one.Version.StartsWith(version, StringComparison.Ordinal)) ?? throw new ActivityException("ORC5353", $"there is no version {version}"))
            with { Profile = OrcJson.ToElement(new { rows = 10 }), Validations = [] };
    }

    public async Task<DatasetDiffDocument> DiffAsync(string dataset, string before, string after, CancellationToken cancellation)
    {
        var (from, to) = (await GetVersionAsync(dataset, before, cancellation), await GetVersionAsync(dataset, after, cancellation));
        return new DatasetDiffDocument { Dataset = dataset, From = from.Version, To = to.Version, RowsAdded = to.Rows - from.Rows, Added = [], Removed = [], Changed = [] };
    }

    Task<IReadOnlyList<ModelDocument>> IServedModels.ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<ModelDocument>>([Model()]);

    Task<ServedModel> IServedModels.GetAsync(string model, CancellationToken cancellation)
    {
        CheckModel(model);
        return Task.FromResult(new ServedModel(Model(), [ModelVersion(2), ModelVersion(1)], [.. Enumerable.Reverse(changes)]));
    }

    public async Task<AliasMoveResult> MoveAliasAsync(AliasMoveWish wish, AlsoWrite also, CancellationToken cancellation)
    {
        CheckModel(wish.Model);
        if (wish.Version is not (null or 1 or 2))
        {
            throw new ActivityException("ORC5505", $"there is no version {wish.Version}");
        }

        int? before = aliases.TryGetValue(wish.Alias, out var known) ? known : null;
        if (wish.From is { } expected && expected != before)
        {
            return new AliasMoveResult(before, Refused: true);
        }

        if (before != wish.Version)
        {
            await database!.WriteAsync((session, token) => also(session, token), cancellation);
            changes.Add(new AliasChangeDocument { Alias = wish.Alias, Version = wish.Version, Previous = before, ChangedAt = At, Reason = wish.Reason });
            aliases.Remove(wish.Alias);
            if (wish.Version is { } version)
            {
                aliases[wish.Alias] = version;
            }
        }

        return new AliasMoveResult(before, Refused: false);
    }

    Task<IReadOnlyList<EndpointDocument>> IServedEndpoints.ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<EndpointDocument>>([Endpoint()]);

    Task<ServedEndpoint> IServedEndpoints.GetAsync(string endpoint, CancellationToken cancellation)
    {
        CheckEndpoint(endpoint);
        return Task.FromResult(new ServedEndpoint(Endpoint(), [.. Enumerable.Reverse(history)], history[^1].Version == 2 ? history[0] : null));
    }

    public async Task<RollbackDocument> RollBackAsync(RollbackWish wish, AlsoWrite also, CancellationToken cancellation)
    {
        CheckEndpoint(wish.Endpoint);
        if (wish.Key is { } key && answers.TryGetValue(key, out var given))
        {
            return given;
        }

        if (history[^1].Version == 1)
        {
            throw new ActivityException("ORC5553", "there is nothing to go back to");
        }

        await database!.WriteAsync((session, token) => also(session, token), cancellation);
        history.Add(Deployment(3, 1, "active") with { Kind = "rollback", Reason = wish.Reason });
        var answer = new RollbackDocument { Endpoint = wish.Endpoint, Model = "churn", Version = 1, Previous = 2, Changed = true, Notes = [] };
        return answers[wish.Key ?? ""] = answer;
    }

    private static DatasetVersionDocument Version(char letter, long rows) => new()
    {
        Dataset = "customers", Version = new string(letter, 64), Source = "data/churn.csv", Rows = rows, Columns = [new DatasetColumnDocument { Name = "churn", Type = "text" }], Artifact = new string('c', 64), SizeInBytes = 1,
        Run = new string('0', 26), Task = "snapshot", CreatedAt = At, SeenAt = At,
    };

    private static ModelVersionDocument ModelVersion(int version) => new()
    {
        Model = "churn", Version = version, Status = "ready", Aliases = [], Tags = new Dictionary<string, string>(), CreatedAt = At, Flavor = "mlnet", Features = ["minutes"], Artifact = new string('d', 64), SizeInBytes = 1,
    };

    private static DeploymentDocument Deployment(int number, int version, string status) => new() { Number = number, Kind = "deploy", Status = status, Model = "churn", Version = version, Alias = "champion", At = At };

    private static void CheckModel(string model)
    {
        if (model != "churn")
        {
            throw new ActivityException("ORC5504", $"there is no model \"{model}\"");
        }
    }

    private static void CheckEndpoint(string endpoint)
    {
        if (endpoint != "churn")
        {
            throw new ActivityException("ORC5551", $"there is no endpoint \"{endpoint}\"");
        }
    }

    private ModelDocument Model() => new() { Name = "churn", CreatedAt = At, UpdatedAt = At, LatestVersion = 2, Aliases = new Dictionary<string, int>(aliases) };

    private EndpointDocument Endpoint() => new() { Name = "churn", CreatedAt = At, Current = history[^1] };
}
