using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Pipelines;

internal sealed class PipelineStore(OrcDatabase database) : IPipelineStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(PipelineStore).Assembly, "", "pipelines");

    // Replaced by each change that is made here; whoever waits has the one before.
    private volatile TaskCompletionSource changed = NewSignal();

    public async Task<PipelineResult> RegisterAsync(PipelineRegistration registration, PipelineAlso? also, CancellationToken cancellation)
    {
        // Most registrations are those of a start, of files that are as they were: they need no turn at writing.
        if (Refusal(registration, await FindAsync(registration.Pipeline, cancellation)) is { } early)
        {
            return early;
        }

        return await ChangeAsync(
            registration.Pipeline,
            known => Refusal(registration, known),
            async (session, known, revision, token) =>
            {
                var row = new
                {
                    name = registration.Pipeline,
                    project = known?.Project ?? registration.Project ?? PipelineRegistration.DefaultProject,
                    version = (known?.Version ?? 0) + 1,
                    hash = registration.Hash,
                    source = registration.Source,
                    sourcePath = registration.SourcePath,
                    baseDirectory = registration.BaseDirectory,
                    now = registration.Now,
                    by = registration.By,
                    revision,
                };
                if (await session.ExecuteAsync(Sql["insert_version"], row, token) == 0)
                {
                    throw StorageErrors.NoSuchDefinition(registration.Pipeline, registration.Hash.Value);
                }

                await session.ExecuteAsync(Sql["put_pipeline"], row, token);
            },
            also,
            cancellation);
    }

    public Task<PipelineResult> ChangeAsync(PipelineChange change, PipelineAlso? also, CancellationToken cancellation) => ChangeAsync(
        change.Pipeline,
        known => Refusal(change, known),
        (session, _, revision, token) => session.ExecuteAsync(
            StatementOf(change.Action), new { name = change.Pipeline, now = change.Now, by = change.By, reason = change.Reason, revision }, token),
        also,
        cancellation);

    public Task<PipelineInfo?> FindAsync(string pipeline, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => FindAsync(session, pipeline, token), cancellation);

    public Task<IReadOnlyList<PipelineInfo>> ListAsync(PipelineFilter filter, CancellationToken cancellation)
    {
        CheckLimit(filter.Limit);
        var projects = filter.Projects is null ? null : JsonSerializer.Serialize(filter.Projects, OrcJson.Options);
        return database.ReadAsync(
            (session, token) => session.QueryAsync<PipelineInfo>(Sql["list_pipelines"], new { projects, search = filter.Search?.ToLowerInvariant(), after = filter.After, limit = filter.Limit }, token), cancellation);
    }

    public Task<IReadOnlyList<PipelineInfo>> ListChangedAsync(long after, int limit, CancellationToken cancellation)
    {
        CheckLimit(limit);
        return database.ReadAsync((session, token) => session.QueryAsync<PipelineInfo>(Sql["list_changed"], new { after, limit }, token), cancellation);
    }

    public async Task<long> WaitForChangeAsync(long seen, TimeSpan lookEvery, TimeProvider time, CancellationToken cancellation)
    {
        while (true)
        {
            // Before the look, so that a change between the look and the waiting is not missed.
            var next = changed.Task;
            var newest = await database.ReadAsync((session, token) => session.FindAsync<long>(Sql["newest_change"], cancellation: token), cancellation);
            if (newest > seen)
            {
                return newest;
            }

            try
            {
                await next.WaitAsync(lookEvery, time, cancellation);
            }
            catch (TimeoutException)
            {
                // Time to look for what other processes did.
            }
        }
    }

    public Task<IReadOnlyList<PipelineVersion>> ListVersionsAsync(string pipeline, int? before, int limit, CancellationToken cancellation)
    {
        CheckLimit(limit);
        return database.ReadAsync((session, token) => session.QueryAsync<PipelineVersion>(Sql["list_versions"], new { pipeline, before, limit }, token), cancellation);
    }

    public Task<PipelineVersion?> FindVersionAsync(string pipeline, int version, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.FindAsync<PipelineVersion>(Sql["find_version"], new { pipeline, version }, token), cancellation);

    private static PipelineResult? Refusal(PipelineRegistration wish, PipelineInfo? known)
    {
        if (wish.ExpectedRevision is { } expected && expected != (known is { IsRemoved: false } ? known.Revision : 0))
        {
            return new PipelineResult { Outcome = RegistryOutcome.OtherRevision, Pipeline = known };
        }

        if (known is not null && wish.Project is { } project && project != known.Project)
        {
            return new PipelineResult { Outcome = RegistryOutcome.OtherProject, Pipeline = known };
        }

        return known is { IsRemoved: false } && known.Hash == wish.Hash && known.Source == wish.Source && known.SourcePath == wish.SourcePath && known.BaseDirectory == wish.BaseDirectory
            ? new PipelineResult { Outcome = RegistryOutcome.Unchanged, Pipeline = known }
            : null;
    }

    private static PipelineResult? Refusal(PipelineChange wish, PipelineInfo? known) => known switch
    {
        null or { IsRemoved: true } => new PipelineResult { Outcome = RegistryOutcome.NotFound, Pipeline = known },
        _ when wish.ExpectedRevision is { } expected && expected != known.Revision => new PipelineResult { Outcome = RegistryOutcome.OtherRevision, Pipeline = known },
        { IsPaused: true } when wish.Action == PipelineAction.Pause => new PipelineResult { Outcome = RegistryOutcome.Unchanged, Pipeline = known },
        { IsPaused: false } when wish.Action == PipelineAction.Resume => new PipelineResult { Outcome = RegistryOutcome.Unchanged, Pipeline = known },
        _ => null,
    };

    private static SqlStatement StatementOf(PipelineAction action) => action switch
    {
        PipelineAction.Pause => Sql["pause_pipeline"],
        PipelineAction.Resume => Sql["resume_pipeline"],
        PipelineAction.Remove => Sql["remove_pipeline"],
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "not an action"),
    };

    /// <summary>Takes the next number, which keeps all other changes out until the commit, and only then looks whether the change may be.</summary>
    private async Task<PipelineResult> ChangeAsync(
        string pipeline, Func<PipelineInfo?, PipelineResult?> refuse, Func<IWriteSession, PipelineInfo?, long, CancellationToken, Task> write, PipelineAlso? also, CancellationToken cancellation)
    {
        try
        {
            var now = await database.WriteAsync(
                async (session, token) =>
                {
                    await session.ExecuteAsync(Sql["next_change"], cancellation: token);
                    var revision = await session.FindAsync<long>(Sql["newest_change"], cancellation: token);
                    var known = await FindAsync(session, pipeline, token);
                    if (refuse(known) is { } refusal)
                    {
                        throw new RefusedException(refusal);
                    }

                    await write(session, known, revision, token);
                    var now = await FindAsync(session, pipeline, token) ?? throw new InvalidOperationException($"the pipeline {pipeline} was written and is not there");
                    if (also is not null)
                    {
                        await also(session, now, token);
                    }

                    return now;
                },
                cancellation);
            Interlocked.Exchange(ref changed, NewSignal()).SetResult();
            return new PipelineResult { Outcome = RegistryOutcome.Changed, Pipeline = now };
        }
        catch (RefusedException refused)
        {
            return refused.Result;
        }
    }

    private static Task<PipelineInfo?> FindAsync(IReadSession session, string name, CancellationToken cancellation) =>
        session.FindAsync<PipelineInfo>(Sql["find_pipeline"], new { name }, cancellation);

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
    }

    // Who waits goes on elsewhere, not on the thread of the one who changes something.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Undoes the transaction.
    private sealed class RefusedException(PipelineResult result) : Exception
    {
        public PipelineResult Result { get; } = result;
    }
}
