using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Values;
using Orchestrator.Data.Catalog;
using Orchestrator.Deployment.Endpoints;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Server.Assets;
using Orchestrator.Storage.Databases;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Cli.Serving;

/// <summary>Lets the server show what the families keep, in its own documents.</summary>
internal static class ServedFamilies
{
    public static ServedAssets Of(OrcSession session) => new()
    {
        Datasets = new ServedDatasets(session.Get<DatasetCatalog>(), session.Get<ArtifactStore>()),
        Models = new ServedModels(session.Get<ModelQueries>(), session.Get<ModelRegistry>(), session.Database),
        Endpoints = new ServedEndpoints(session.Get<EndpointQueries>(), session.Get<EndpointStore>()),
    };

    /// <summary><c>RolledBack</c> is <c>rolled-back</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

internal sealed class ServedDatasets(DatasetCatalog catalog, ArtifactStore artifacts) : IServedDatasets
{
    private const int ShownValidations = 10;

    public async Task<IReadOnlyList<DatasetDocument>> ListAsync(CancellationToken cancellation) => [.. (await catalog.ListAsync(cancellation)).Select(dataset => new DatasetDocument
    {
        Name = dataset.Name, Versions = dataset.Versions, Newest = dataset.Newest, Rows = dataset.Rows, CreatedAt = dataset.CreatedAt, UpdatedAt = dataset.UpdatedAt,
    })];

    public async Task<IReadOnlyList<DatasetVersionDocument>> VersionsAsync(string dataset, CancellationToken cancellation) => [.. (await catalog.VersionsAsync(dataset, cancellation)).Select(DocumentOf)];

    public async Task<DatasetVersionDocument> GetVersionAsync(string dataset, string version, CancellationToken cancellation)
    {
        var found = await catalog.GetAsync(dataset, version, cancellation);
        return DocumentOf(found) with
        {
            Profile = OrcJson.ToElement(await DatasetCatalog.ReadProfileAsync(found, artifacts, cancellation)),
            Validations = [.. (await catalog.ValidationsAsync(found.Dataset.Name, found.Dataset.Version, ShownValidations, cancellation)).Select(one => new DatasetValidationDocument
            {
                Part = one.Part, Passed = one.Passed, Errors = one.Errors, Warnings = one.Warnings, Pipeline = one.Pipeline, Run = one.Run.Value, Task = one.Task.Value, At = one.At,
            })],
        };
    }

    public async Task<DatasetDiffDocument> DiffAsync(string dataset, string before, string after, CancellationToken cancellation)
    {
        var diff = await DatasetCatalog.DiffAsync(await catalog.GetAsync(dataset, before, cancellation), await catalog.GetAsync(dataset, after, cancellation), artifacts, cancellation);
        return new DatasetDiffDocument
        {
            Dataset = diff.After.Name,
            From = diff.Before.Version,
            To = diff.After.Version,
            RowsAdded = diff.RowsAdded,
            Added = [.. diff.Added.Select(ColumnOf)],
            Removed = [.. diff.Removed.Select(ColumnOf)],
            Changed = [.. diff.Changed.Select(column => new DatasetColumnDiffDocument
            {
                Name = column.Name, TypeChanged = column.TypeChanged, NewValues = column.NewValues, Before = OrcJson.ToElement(column.Before), After = OrcJson.ToElement(column.After),
            })],
        };
    }

    private static DatasetVersionDocument DocumentOf(DatasetVersionInfo version) => new()
    {
        Dataset = version.Dataset.Name,
        Version = version.Dataset.Version,
        Source = version.Source,
        Rows = version.Dataset.Rows,
        Columns = [.. version.Dataset.Columns.Select(ColumnOf)],
        Artifact = version.Dataset.Data.Hash,
        SizeInBytes = version.Dataset.Data.SizeInBytes,
        Run = version.Run.Value,
        Task = version.Task.Value,
        CreatedAt = version.CreatedAt,
        SeenAt = version.SeenAt,
    };

    private static DatasetColumnDocument ColumnOf(ColumnInfo column) => new() { Name = column.Name, Type = ServedFamilies.Word(column.Type) };
}

internal sealed class ServedModels(ModelQueries queries, ModelRegistry registry, OrcDatabase database) : IServedModels
{
    public async Task<IReadOnlyList<ModelDocument>> ListAsync(CancellationToken cancellation) => [.. (await queries.ListAsync(cancellation)).Select(DocumentOf)];

    public async Task<ServedModel> GetAsync(string model, CancellationToken cancellation)
    {
        var found = await queries.GetAsync(model, cancellation);
        return new ServedModel(
            DocumentOf(found.Model),
            [.. found.Versions.Select(version => DocumentOf(found.Model.Name, version))],
            [.. found.AliasHistory.Select(change => new AliasChangeDocument
            {
                Alias = change.Alias, Version = change.Version, Previous = change.PreviousVersion, ChangedAt = change.ChangedAt, Run = change.PipelineRun?.Value, Task = change.Task?.Value, Reason = change.Reason,
            })]);
    }

    public async Task<AliasMoveResult> MoveAliasAsync(AliasMoveWish wish, AlsoWrite also, CancellationToken cancellation)
    {
        // Says by its own words that there is no such model.
        _ = await queries.GetAsync(wish.Model, cancellation);
        return await database.WriteAsync(
            async (session, token) =>
            {
                var now = await ModelRegistry.FindAliasAsync(session, wish.Model, wish.Alias, token);
                if (wish.From is { } expected && now != expected)
                {
                    return new AliasMoveResult(now, Refused: true);
                }

                var before = wish.Version is { } version
                    ? await registry.SetAliasAsync(session, wish.Model, wish.Alias, version, ChangeSource.Person, wish.Reason, token)
                    : await registry.RemoveAliasAsync(session, wish.Model, wish.Alias, ChangeSource.Person, wish.Reason, token);
                if (before != wish.Version)
                {
                    await also(session, token);
                }

                return new AliasMoveResult(before, Refused: false);
            },
            cancellation);
    }

    private static ModelDocument DocumentOf(RegisteredModelInfo model) => new()
    {
        Name = model.Name, Description = model.Description, CreatedAt = model.CreatedAt, UpdatedAt = model.UpdatedAt, LatestVersion = model.LatestVersion, Aliases = model.Aliases,
    };

    private static ModelVersionDocument DocumentOf(string model, ModelVersionInfo version) => new()
    {
        Model = model,
        Version = version.Version,
        Status = ServedFamilies.Word(version.Status),
        Aliases = version.Aliases,
        Description = version.Description,
        Tags = version.Tags,
        CreatedAt = version.CreatedAt,
        Run = version.Run?.Value,
        Task = version.Task?.Value,
        Flavor = version.Model.Flavor,
        Label = version.Model.Signature.Label,
        Features = [.. version.Model.Signature.Features.Select(feature => feature.Name)],
        Artifact = version.Model.Artifact.Hash,
        SizeInBytes = version.Model.Artifact.SizeInBytes,
        DatasetVersion = version.Model.DatasetVersion,
        GitCommit = version.Source?.GitCommit,
        Definition = version.Source?.Definition?.Value,
        Parameters = version.Source?.Params,
        // JSON has no words for what is no number.
        Metrics = version.Source?.Metrics.Where(one => double.IsFinite(one.Value)).ToDictionary(StringComparer.Ordinal),
    };
}

internal sealed class ServedEndpoints(EndpointQueries queries, EndpointStore store) : IServedEndpoints
{
    public async Task<IReadOnlyList<EndpointDocument>> ListAsync(CancellationToken cancellation) => [.. (await queries.ListAsync(cancellation)).Select(DocumentOf)];

    public async Task<ServedEndpoint> GetAsync(string endpoint, CancellationToken cancellation)
    {
        var found = await queries.GetAsync(endpoint, cancellation);
        return new ServedEndpoint(DocumentOf(found.Endpoint), [.. found.History.Select(DocumentOf)], found.RollbackTarget is { } target ? DocumentOf(target) : null);
    }

    public async Task<RollbackDocument> RollBackAsync(RollbackWish wish, AlsoWrite also, CancellationToken cancellation)
    {
        var request = new RollbackRequest { Endpoint = wish.Endpoint, To = wish.To, Reason = wish.Reason };
        var result = await store.RollBackAsync(wish.Key is { } key ? request with { IdempotencyKey = key } : request, (session, token) => also(session, token), cancellation);
        return new RollbackDocument { Endpoint = result.Endpoint, Model = result.Model, Version = result.Version, Previous = result.Previous, Changed = result.Changed, Notes = result.Notes };
    }

    private static EndpointDocument DocumentOf(EndpointInfo endpoint) => new() { Name = endpoint.Name, CreatedAt = endpoint.CreatedAt, Current = endpoint.Current is { } current ? DocumentOf(current) : null };

    private static DeploymentDocument DocumentOf(DeploymentInfo entry) => new()
    {
        Number = entry.Number, Kind = ServedFamilies.Word(entry.Kind), Status = ServedFamilies.Word(entry.Status), Model = entry.Model, Version = entry.Version, Alias = entry.Alias, At = entry.At, Replaced = entry.Replaced,
        Restores = entry.Restores, Run = entry.Run?.Value, Task = entry.Task?.Value, Reason = entry.Reason,
    };
}
