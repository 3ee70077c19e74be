using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Tracking.Models;

/// <summary>
/// Registered models, their versions and aliases. The methods that take a session are for callers whose transaction has more in it: a deployment
/// registers, moves an alias and adds its own row, all or nothing.
/// </summary>
public sealed class ModelRegistry(OrcDatabase database, TimeProvider time) : IModelRegistry
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(ModelRegistry).Assembly, "", "models");

    /// <inheritdoc/>
    public Task<ModelRef?> FindAsync(string name, string aliasOrVersion, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => FindAsync(session, name, aliasOrVersion, token), cancellation);

    /// <inheritdoc/>
    /// <exception cref="ActivityException">The name is not legal (ORC5502).</exception>
    public async Task<ModelRef> RegisterAsync(string name, ModelRef model, string idempotencyKey, AttemptId by, CancellationToken cancellation)
    {
        var version = new NewModelVersion { Name = name, Model = model, IdempotencyKey = idempotencyKey, By = new ChangeSource { Attempt = by } };
        return (await database.WriteAsync((session, token) => RegisterAsync(session, version, token), cancellation)).Model;
    }

    /// <inheritdoc/>
    /// <exception cref="ActivityException">The alias is not legal (ORC5503), or there is no such model (ORC5504) or version (ORC5505).</exception>
    public Task<int?> SetAliasAsync(string name, string alias, int version, CancellationToken cancellation) =>
        SetAliasAsync(name, alias, version, ChangeSource.Person, reason: null, cancellation);

    /// <summary>Points an alias at a version and says who and why in its history.</summary>
    /// <returns>The version it pointed at before; null when it was new.</returns>
    public Task<int?> SetAliasAsync(string name, string alias, int version, ChangeSource by, string? reason, CancellationToken cancellation) =>
        database.WriteAsync((session, token) => SetAliasAsync(session, name, alias, version, by, reason, token), cancellation);

    /// <summary>The version behind an alias (or <c>latest</c>) or a number; null when there is none.</summary>
    public static async Task<ModelRef?> FindAsync(IReadSession session, string name, string aliasOrVersion, CancellationToken cancellation)
    {
        var (statement, args) = aliasOrVersion switch
        {
            ModelNames.Latest => ("newest_version", (object)new { name }),
            _ when ModelNames.TryParseVersion(aliasOrVersion, out var version) => ("version_of_number", new { name, version }),
            _ => ("version_of_alias", new { name, alias = aliasOrVersion }),
        };
        return await FindReferenceAsync(session, statement, args, cancellation);
    }

    /// <summary>Makes the next version of a model; or answers the one that the key, or (when asked to) the file, made before.</summary>
    /// <exception cref="ActivityException">The name is not legal (ORC5502).</exception>
    public async Task<RegisteredVersion> RegisterAsync(IWriteSession session, NewModelVersion version, CancellationToken cancellation)
    {
        ModelNames.CheckName(version.Name);
        var now = time.GetUtcNow();
        var key = new { name = version.Name, idempotency_key = version.IdempotencyKey, artifact_hash = version.Model.Artifact.Hash, now };
        await session.ExecuteAsync(Sql["add_model"], key, cancellation);
        if (version.ReuseSameArtifact && await FindReferenceAsync(session, "version_of_artifact", key, cancellation) is { } same)
        {
            return new RegisteredVersion(same, Created: false);
        }

        if (await session.ExecuteAsync(Sql["take_version"], key, cancellation) == 0)
        {
            var made = await FindReferenceAsync(session, "version_of_key", key, cancellation)
                ?? throw new InvalidOperationException($"model {version.Name} gave no version for the key {version.IdempotencyKey} and has none");
            return new RegisteredVersion(made, Created: false);
        }

        var number = (await session.FindAsync<ModelRow>(Sql["find_model"], key, cancellation))?.LastVersion
            ?? throw new InvalidOperationException($"model {version.Name} is gone within its own transaction");
        var model = version.Model with { Name = version.Name, Version = number };
        await session.ExecuteAsync(Sql["add_version"], RowOf(version, model, now), cancellation);
        return new RegisteredVersion(model, Created: true);
    }

    /// <summary>Points an alias at a version. Where it points already, nothing changes and its history gets no line.</summary>
    /// <returns>The version it pointed at before; null when it was new.</returns>
    /// <exception cref="ActivityException">The alias is not legal (ORC5503), or there is no such model (ORC5504) or version (ORC5505).</exception>
    public async Task<int?> SetAliasAsync(IWriteSession session, string name, string alias, int version, ChangeSource by, string? reason, CancellationToken cancellation)
    {
        ModelNames.CheckAlias(alias);
        if (await FindReferenceAsync(session, "version_of_number", new { name, version }, cancellation) is null)
        {
            throw await MissingAsync(session, name, version, cancellation);
        }

        var before = await session.FindAsync<int?>(Sql["alias_target"], new { model = name, alias }, cancellation);
        if (before != version)
        {
            await session.ExecuteAsync(Sql["set_alias"], new { model = name, alias, version, now = time.GetUtcNow() }, cancellation);
            await AddHistoryAsync(session, name, alias, version, before, by, reason, cancellation);
            await Signals.AddAsync(session, Signals.AliasMoved, Signals.SubjectOf(name, alias), new { model = name, alias, version, before }, time.GetUtcNow(), cancellation);
        }

        return before;
    }

    /// <summary>Takes an alias away; its history keeps where it pointed.</summary>
    /// <returns>The version it pointed at; null when there was no such alias.</returns>
    public async Task<int?> RemoveAliasAsync(IWriteSession session, string name, string alias, ChangeSource by, string? reason, CancellationToken cancellation)
    {
        var before = await session.FindAsync<int?>(Sql["alias_target"], new { model = name, alias }, cancellation);
        if (before is not null)
        {
            await session.ExecuteAsync(Sql["remove_alias"], new { model = name, alias }, cancellation);
            await AddHistoryAsync(session, name, alias, version: null, before, by, reason, cancellation);
        }

        return before;
    }

    /// <summary>The version an alias points at; null when there is no such alias.</summary>
    public static Task<int?> FindAliasAsync(IReadSession session, string name, string alias, CancellationToken cancellation) =>
        session.FindAsync<int?>(Sql["alias_target"], new { model = name, alias }, cancellation);

    private Task<int> AddHistoryAsync(IWriteSession session, string name, string alias, int? version, int? before, ChangeSource by, string? reason, CancellationToken cancellation) =>
        session.ExecuteAsync(
            Sql["add_alias_history"],
            new { model = name, alias, version, previous_version = before, now = time.GetUtcNow(), pipeline_run = by.Run?.Value, task = by.Task?.Value, attempt_id = by.Attempt?.Value, reason },
            cancellation);

    private static object RowOf(NewModelVersion version, ModelRef model, DateTimeOffset now) => new
    {
        model = version.Name,
        version = model.Version,
        reference = OrcJson.ToElement(model),
        artifact_hash = model.Artifact.Hash,
        tracking_run = model.TrackingRun,
        pipeline_run = version.By.Run?.Value,
        task = version.By.Task?.Value,
        attempt_id = version.By.Attempt?.Value,
        status = ModelVersionStatus.Ready.ToString(),
        description = version.Description,
        tags = OrcJson.ToElement(version.Tags),
        now,
        idempotency_key = version.IdempotencyKey,
    };

    private static async Task<ActivityException> MissingAsync(IReadSession session, string name, int version, CancellationToken cancellation)
    {
        var models = await session.QueryAsync<ModelRow>(Sql["list_models"], cancellation: cancellation);
        return models.FirstOrDefault(model => model.Name == name) is { } known
            ? TrackingErrors.NoSuchVersion(name, version, known.LastVersion)
            : TrackingErrors.NoSuchModel(name, [.. models.Select(model => model.Name)]);
    }

    private static async Task<ModelRef?> FindReferenceAsync(IReadSession session, string statement, object args, CancellationToken cancellation) =>
        await session.FindAsync<string>(Sql[statement], args, cancellation) is { } json ? JsonSerializer.Deserialize<ModelRef>(json, OrcJson.Options) : null;
}
