using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Data.Profiling;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Data.Catalog;

/// <summary>Reads what is known of datasets. Each answer is one consistent view.</summary>
public sealed class DatasetCatalog(OrcDatabase database)
{
    /// <summary>Stands for the newest version in references and on the command line.</summary>
    public const string Latest = "latest";

    internal static readonly SqlTexts Texts = SqlTexts.Load(typeof(DatasetCatalog).Assembly, "", "datasets");

    /// <summary>All datasets, by name.</summary>
    public Task<IReadOnlyList<DatasetInfo>> ListAsync(CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<DatasetInfo>>(
        async (session, token) =>
        [
            .. (await session.QueryAsync<DatasetRow>(Texts["list_datasets"], cancellation: token)).Select(row => new DatasetInfo
            {
                Name = row.Name,
                Versions = row.Versions,
                Newest = row.Newest,
                Rows = row.Rows,
                CreatedAt = row.CreatedAt,
                UpdatedAt = row.UpdatedAt,
            }),
        ],
        cancellation);

    /// <summary>The versions of a dataset, the newest first.</summary>
    /// <exception cref="ActivityException">There is no such dataset (ORC5352).</exception>
    public Task<IReadOnlyList<DatasetVersionInfo>> VersionsAsync(string name, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<DatasetVersionInfo>>(
        async (session, token) =>
        {
            var rows = await session.QueryAsync<VersionRow>(Texts["list_versions"], new { name }, token);
            return rows.Count > 0 ? [.. rows.Select(InfoOf)] : throw await NoSuchDatasetAsync(session, name, token);
        },
        cancellation);

    /// <summary>One version; null when there is none.</summary>
    /// <param name="name">The dataset's name.</param>
    /// <param name="version"><see cref="Latest"/>, a version, or its first digits.</param>
    /// <exception cref="ActivityException">Several versions begin like this (ORC5351).</exception>
    public Task<DatasetVersionInfo?> FindAsync(string name, string version, CancellationToken cancellation) => database.ReadAsync(
        async (session, token) =>
        {
            // Versions are hexadecimal digits; g is the first letter after them.
            var rows = version == Latest
                ? await session.QueryAsync<VersionRow>(Texts["newest_version"], new { name }, token)
                : await session.QueryAsync<VersionRow>(Texts["versions_like"], new { name, prefix = version, end = version + "g" }, token);
            return rows switch
            {
                [] => null,
                [var only] => InfoOf(only),
                _ => throw DataErrors.AmbiguousVersion($"{name}/{version}"),
            };
        },
        cancellation);

    /// <summary>One version.</summary>
    /// <exception cref="ActivityException">There is no such dataset (ORC5352) or version (ORC5353), or several begin like this (ORC5351).</exception>
    public async Task<DatasetVersionInfo> GetAsync(string name, string version, CancellationToken cancellation)
    {
        if (await FindAsync(name, version, cancellation) is { } found)
        {
            return found;
        }

        var known = await VersionsAsync(name, cancellation);
        throw DataErrors.NoSuchVersion(name, version, known.Select(info => info.Dataset.Version[..12]));
    }

    /// <summary>Validations, the newest first.</summary>
    /// <param name="name">The dataset's name.</param>
    /// <param name="version">A whole version; null: of all versions.</param>
    /// <param name="limit">The most to answer.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public Task<IReadOnlyList<ValidationInfo>> ValidationsAsync(string name, string? version, int limit, CancellationToken cancellation) => database.ReadAsync<IReadOnlyList<ValidationInfo>>(
        async (session, token) =>
        [
            .. (await session.QueryAsync<ValidationRow>(Texts["list_validations"], new { name, version, limit }, token)).Select(row => new ValidationInfo
            {
                Dataset = row.Dataset,
                Version = row.Version,
                Part = row.Part,
                Passed = row.Passed,
                Errors = row.Errors,
                Warnings = row.Warnings,
                Result = OrcJson.FromElement<ArtifactRef>(row.Result),
                Pipeline = row.Pipeline,
                Run = row.RunId,
                Task = row.Task,
                At = row.ValidatedAt,
            }),
        ],
        cancellation);

    /// <summary>The profile of a version.</summary>
    /// <exception cref="ActivityException">The artifact is not in this store (ORC5101).</exception>
    public static async Task<DatasetProfile> ReadProfileAsync(DatasetVersionInfo version, IArtifactStore artifacts, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(artifacts.PathOf(version.Profile));
        return await JsonSerializer.DeserializeAsync<DatasetProfile>(file, OrcJson.Options, cancellation) ?? throw new JsonException("an empty profile");
    }

    /// <summary>What is different between two versions: rows, columns, types, and how the values of each column moved.</summary>
    public static async Task<DatasetDiff> DiffAsync(DatasetVersionInfo before, DatasetVersionInfo after, IArtifactStore artifacts, CancellationToken cancellation) =>
        DatasetDiff.Of(before.Dataset, await ReadProfileAsync(before, artifacts, cancellation), after.Dataset, await ReadProfileAsync(after, artifacts, cancellation));

    private static DatasetVersionInfo InfoOf(VersionRow row) => new()
    {
        Dataset = OrcJson.FromElement<DatasetRef>(row.Reference),
        Source = row.Source,
        Profile = OrcJson.FromElement<ArtifactRef>(row.Profile),
        Run = row.RunId,
        Task = row.Task,
        Attempt = row.AttemptId,
        CreatedAt = row.CreatedAt,
        SeenAt = row.SeenAt,
    };

    private static async Task<ActivityException> NoSuchDatasetAsync(IReadSession session, string name, CancellationToken cancellation) =>
        DataErrors.NoSuchDataset(name, (await session.QueryAsync<DatasetRow>(Texts["list_datasets"], cancellation: cancellation)).Select(row => row.Name));
}
