using System.Text.RegularExpressions;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Deployment.Endpoints;

/// <summary>
/// Deploys and rolls back. Each is one transaction over model version, alias and deployment row, answered once per key; none of them asks anything
/// but the database, so a rollback works when everything else is down.
/// </summary>
public sealed partial class EndpointStore(OrcDatabase database, ModelRegistry registry, TimeProvider time)
{
    private static SqlTexts Sql => EndpointQueries.Sql;

    /// <summary>Puts a model behind an endpoint, registering both when they are new.</summary>
    /// <exception cref="ActivityException">A name is not legal (ORC5550, ORC5502, ORC5503).</exception>
    public Task<DeploymentResult> DeployAsync(DeployRequest request, CancellationToken cancellation)
    {
        CheckName(request.Endpoint);
        return database.WriteAsync((session, token) => OnceAsync(session, request.IdempotencyKey, () => DeployAsync(session, request, token), token), cancellation);
    }

    /// <summary>Goes back to what the current deployment took over from, or to a version that is named.</summary>
    /// <exception cref="ActivityException">
    /// There is no such endpoint (ORC5551), nothing is deployed to it (ORC5552), nothing trusted is left to go back to (ORC5553),
    /// or the named version never answered it (ORC5554).
    /// </exception>
    public Task<DeploymentResult> RollBackAsync(RollbackRequest request, CancellationToken cancellation) => RollBackAsync(request, null, cancellation);

    /// <summary>The same, with something else written in its transaction when it is done; not when its key was answered before.</summary>
    /// <inheritdoc cref="RollBackAsync(RollbackRequest, CancellationToken)"/>
    public Task<DeploymentResult> RollBackAsync(RollbackRequest request, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => database.WriteAsync(
        (session, token) => OnceAsync(
            session,
            request.IdempotencyKey,
            async () =>
            {
                var result = await RollBackAsync(session, request, token);
                if (also is not null)
                {
                    await also(session, token);
                }

                return result;
            },
            token),
        cancellation);

    private async Task<DeploymentResult> OnceAsync(IWriteSession session, string key, Func<Task<DeploymentResult>> work, CancellationToken cancellation)
    {
        if (await session.FindAsync<string>(Sql["find_answer"], new { key }, cancellation) is { } given)
        {
            return OrcJson.FromElement<DeploymentResult>(System.Text.Json.JsonElement.Parse(given));
        }

        var answer = await work();
        await session.ExecuteAsync(Sql["add_answer"], new { key, answer = OrcJson.ToElement(answer), now = time.GetUtcNow() }, cancellation);
        return answer;
    }

    private async Task<DeploymentResult> DeployAsync(IWriteSession session, DeployRequest request, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["add_endpoint"], new { endpoint = request.Endpoint, now = time.GetUtcNow() }, cancellation);
        await session.ExecuteAsync(Sql["lock_endpoint"], new { endpoint = request.Endpoint }, cancellation);
        var notes = new List<string>();
        var model = await VersionOfAsync(session, request, notes, cancellation);
        var history = await EndpointQueries.HistoryAsync(session, request.Endpoint, cancellation);
        var current = history.FirstOrDefault(entry => entry.Status == DeploymentStatus.Active);
        var changed = current is null || current.Model != model.Name || current.Version != model.Version;
        var before = await registry.SetAliasAsync(session, model.Name, request.Alias, model.Version, request.By, request.Reason, cancellation);
        if (!changed && before != model.Version)
        {
            notes.Add($"alias {request.Alias} now points at version {model.Version}{(before is null ? "" : $", no longer at {before}")}");
        }

        if (changed)
        {
            var entry = EntryOf(request.Endpoint, history.Count + 1, DeploymentKind.Deploy, request.By, request.Reason) with
            {
                Model = model.Name,
                Version = model.Version,
                Alias = request.Alias,
                Replaced = current?.Number,
                Fallback = current?.Number,
            };
            await AppendAsync(session, entry, current is null ? [] : [(current.Number, DeploymentStatus.Replaced)], cancellation);
        }

        return ResultOf(request.Endpoint, model.Name, model.Version, current, changed, notes);
    }

    private async Task<(string Name, int Version)> VersionOfAsync(IWriteSession session, DeployRequest request, List<string> notes, CancellationToken cancellation)
    {
        if (request.Model is { Name: { } known, Version: { } version } && (request.Name is null || request.Name == known))
        {
            return (known, version);
        }

        var made = await registry.RegisterAsync(
            session,
            new NewModelVersion { Name = request.Name ?? request.Endpoint, Model = request.Model, IdempotencyKey = request.IdempotencyKey, By = request.By, ReuseSameArtifact = true },
            cancellation);
        notes.Add(made.Created ? $"registered {made.Name} version {made.Version}" : $"this model is {made.Name} version {made.Version} already");
        return (made.Name, made.Version);
    }

    private async Task<DeploymentResult> RollBackAsync(IWriteSession session, RollbackRequest request, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["lock_endpoint"], new { endpoint = request.Endpoint }, cancellation);
        _ = await EndpointQueries.GetInfoAsync(session, request.Endpoint, cancellation);
        var history = await EndpointQueries.HistoryAsync(session, request.Endpoint, cancellation);
        var plan = RollbackRules.Plan(request.Endpoint, history, request.To);
        if (plan.Undone.Count == 0)
        {
            return ResultOf(request.Endpoint, plan.Target.Model, plan.Target.Version, plan.Current, changed: false, []);
        }

        var notes = plan.Target.Status == DeploymentStatus.RolledBack
            ? new List<string> { $"version {plan.Target.Version} was rolled back before, and answers again because it was asked for by number" }
            : [];
        await MoveAliasesAsync(session, RollbackRules.AliasMoves(plan, history), request, notes, cancellation);
        var entry = EntryOf(request.Endpoint, history.Count + 1, DeploymentKind.Rollback, request.By, request.Reason) with
        {
            Model = plan.Target.Model,
            Version = plan.Target.Version,
            Alias = plan.Target.Alias,
            Replaced = plan.Current.Number,
            Restores = plan.Target.Number,
            Fallback = plan.Fallback,
        };
        await AppendAsync(session, entry, [.. plan.Undone.Select(undone => (undone.Number, DeploymentStatus.RolledBack))], cancellation);
        return ResultOf(request.Endpoint, entry.Model, entry.Version, plan.Current, changed: true, notes);
    }

    private async Task MoveAliasesAsync(IWriteSession session, IReadOnlyList<AliasMove> moves, RollbackRequest request, List<string> notes, CancellationToken cancellation)
    {
        foreach (var move in moves)
        {
            if (move.OnlyFrom is { } expected && await ModelRegistry.FindAliasAsync(session, move.Model, move.Alias, cancellation) != expected)
            {
                notes.Add($"alias {move.Alias} of {move.Model} was moved by somebody since and stays");
            }
            else if (move.Version is { } version)
            {
                await registry.SetAliasAsync(session, move.Model, move.Alias, version, request.By, request.Reason ?? "rollback", cancellation);
            }
            else
            {
                await registry.RemoveAliasAsync(session, move.Model, move.Alias, request.By, request.Reason ?? "rollback", cancellation);
                notes.Add($"alias {move.Alias} of {move.Model} is gone: nothing it could point at answers here any more");
            }
        }
    }

    private static async Task AppendAsync(IWriteSession session, DeploymentInfo entry, IReadOnlyList<(int Number, DeploymentStatus Status)> ended, CancellationToken cancellation)
    {
        // Ended first: a unique index allows one active entry per endpoint.
        foreach (var (number, status) in ended)
        {
            await session.ExecuteAsync(Sql["end_deployment"], new { endpoint = entry.Endpoint, number, status = status.ToString() }, cancellation);
        }

        var args = new
        {
            endpoint = entry.Endpoint,
            number = entry.Number,
            kind = entry.Kind.ToString(),
            model = entry.Model,
            version = entry.Version,
            alias = entry.Alias,
            now = entry.At,
            replaced = entry.Replaced,
            restores = entry.Restores,
            fallback = entry.Fallback,
            run = entry.Run?.Value,
            task = entry.Task?.Value,
            attempt = entry.Attempt?.Value,
            reason = entry.Reason,
        };
        await session.ExecuteAsync(Sql["add_deployment"], args, cancellation);
        if (await session.ExecuteAsync(Sql["point_endpoint"], args, cancellation) != 1)
        {
            throw new InvalidOperationException($"endpoint {entry.Endpoint} changed within a transaction that had locked it");
        }
    }

    private DeploymentInfo EntryOf(string endpoint, int number, DeploymentKind kind, ChangeSource by, string? reason) => new()
    {
        Endpoint = endpoint,
        Number = number,
        Kind = kind,
        Status = DeploymentStatus.Active,
        Model = "",
        Version = 0,
        Alias = "",
        At = time.GetUtcNow(),
        Run = by.Run,
        Task = by.Task,
        Attempt = by.Attempt,
        Reason = reason,
    };

    private static DeploymentResult ResultOf(string endpoint, string model, int version, DeploymentInfo? before, bool changed, IReadOnlyList<string> notes) => new()
    {
        Endpoint = endpoint,
        Model = model,
        Version = version,
        Previous = before?.Version,
        PreviousModel = before is not null && before.Model != model ? before.Model : null,
        Changed = changed,
        Notes = notes,
    };

    private static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw DeploymentErrors.BadEndpointName(name);
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

/// <summary>A model to put behind an endpoint.</summary>
public sealed record DeployRequest
{
    /// <summary>Made when it does not exist.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Registered first when it has no version yet, or one under another name than <see cref="Name"/>.</summary>
    public required ModelRef Model { get; init; }

    /// <summary>The registered model's name. Null: the model's own, or else the endpoint's.</summary>
    public string? Name { get; init; }

    /// <summary>The alias that moves with the deployment.</summary>
    public string Alias { get; init; } = "champion";

    public string? Reason { get; init; }

    public required ChangeSource By { get; init; }

    /// <summary>The same key is answered the same and does nothing again.</summary>
    public required string IdempotencyKey { get; init; }
}

/// <summary>An endpoint to take back.</summary>
public sealed record RollbackRequest
{
    public required string Endpoint { get; init; }

    /// <summary>The version to go back to; null: what the current one took over from.</summary>
    public int? To { get; init; }

    public string? Reason { get; init; }

    /// <summary>Default: a person, by command.</summary>
    public ChangeSource By { get; init; } = ChangeSource.Person;

    /// <summary>The same key is answered the same and does nothing again. Default: a key of its own.</summary>
    public string IdempotencyKey { get; init; } = $"command/{Guid.NewGuid():N}";
}
