using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Tracking.Experiments;

namespace Orchestrator.Tracking.Models;

/// <summary>Reads the registry. Each answer is one consistent view.</summary>
public sealed class ModelQueries(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ModelQueries).Assembly, "", "models");

    /// <summary>All registered models, by name.</summary>
    public Task<IReadOnlyList<RegisteredModelInfo>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<RegisteredModelInfo>>(
        async (session, token) =>
        {
            var models = await session.QueryAsync<ModelRow>(Sql["list_models"], cancellation: token);
            var aliases = (await session.QueryAsync<AliasRow>(Sql["list_aliases"], cancellation: token)).ToLookup(row => row.Model);
            return [.. models.Select(model => InfoOf(model, aliases[model.Name]))];
        },
        cancellation);

    /// <summary>One model with its versions, aliases and their history.</summary>
    /// <exception cref="ActivityException">There is no such model (ORC5504).</exception>
    public Task<RegisteredModelDetail> GetAsync(string name, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            var models = await session.QueryAsync<ModelRow>(Sql["list_models"], cancellation: token);
            var model = models.FirstOrDefault(known => known.Name == name) ?? throw TrackingErrors.NoSuchModel(name, [.. models.Select(known => known.Name)]);
            var aliases = (await session.QueryAsync<AliasRow>(Sql["list_aliases"], cancellation: token)).Where(row => row.Model == name).ToList();
            var rows = await session.QueryAsync<ModelVersionRow>(Sql["list_versions"], new { name }, token);
            var sources = await ExperimentQueries.FindRunsAsync(session, rows.Select(row => row.TrackingRun).OfType<string>(), token);
            return new RegisteredModelDetail
            {
                Model = InfoOf(model, aliases),
                Versions = [.. rows.Select(row => VersionOf(row, aliases, sources))],
                AliasHistory = await session.QueryAsync<AliasChange>(Sql["alias_history"], new { name }, token),
            };
        },
        cancellation);

    private static RegisteredModelInfo InfoOf(ModelRow model, IEnumerable<AliasRow> aliases) => new()
    {
        Name = model.Name,
        Description = model.Description,
        CreatedAt = model.CreatedAt,
        UpdatedAt = model.UpdatedAt,
        LatestVersion = model.LastVersion,
        Aliases = aliases.ToDictionary(row => row.Alias, row => row.Version, StringComparer.Ordinal),
    };

    private static ModelVersionInfo VersionOf(ModelVersionRow row, List<AliasRow> aliases, IReadOnlyDictionary<string, TrackingRunInfo> sources) => new()
    {
        Version = row.Version,
        Model = OrcJson.FromElement<ModelRef>(row.Reference),
        Status = row.Status,
        Aliases = [.. aliases.Where(alias => alias.Version == row.Version).Select(alias => alias.Alias)],
        Description = row.Description,
        Tags = OrcJson.FromElement<Dictionary<string, string>>(row.Tags),
        CreatedAt = row.CreatedAt,
        Run = row.PipelineRun,
        Task = row.Task,
        Attempt = row.AttemptId,
        Source = row.TrackingRun is { } source ? sources.GetValueOrDefault(source) : null,
    };
}
