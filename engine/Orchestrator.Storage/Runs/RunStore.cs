using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Storage.Runs;

/// <summary>The run store over any dialect: the rules are in the statements of <c>runs.sql</c>, the order of statements is here.</summary>
internal sealed partial class RunStore(OrcDatabase database, FactDispatcher facts) : IRunStore
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(RunStore).Assembly, "", "runs");
    private static readonly SqlStatement InsertRun = Sql["insert_run"];
    private static readonly SqlStatement InsertRunDate = Schedules.TriggerStore.Sql["insert_run_date"];
    private static readonly SqlStatement HeartbeatTask = Sql["heartbeat_task"];
    private static readonly SqlStatement HeartbeatAttempt = Sql["heartbeat_attempt"];
    private static readonly SqlStatement CloseOutbox = Sql["close_outbox"];
    private static readonly SqlStatement ConfirmRun = Sql["confirm_run"];

    private readonly RunCommitter committer = new(Sql, facts);

    public Task<CreatedRun> CreateAsync(NewRun run, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(run.Id.Value);
        if (run.Owner is not null && run.LeaseUntil is null)
        {
            throw new ArgumentException("a run with an owner needs the end of the lease", nameof(run));
        }

        return CreateAndTellAsync(run, cancellation);
    }

    public async Task<CommitResult> CommitAsync(RunCommit commit, CancellationToken cancellation)
    {
        try
        {
            var result = await WriteStepAsync(commit, cancellation);
            if (commit.FreeSlots.Count > 0 && result.Outcome == CommitOutcome.Committed)
            {
                database.WakeUps.Tell(WakeUp.Pools);
            }

            if (commit.Change?.EndedAt is not null && result.Outcome == CommitOutcome.Committed)
            {
                database.WakeUps.Tell(WakeUp.Keys);
            }

            return result;
        }
        catch (CommitRefusedException refused)
        {
            return refused.Result;
        }
    }

    public Task<ClaimResult> ClaimAsync(RunClaim claim, CancellationToken cancellation) => database.WriteGuardedAsync(
        async (session, token) =>
        {
            var changed = await session.ExecuteAsync(
                Sql["claim_run"],
                new
                {
                    id = claim.Run,
                    owner = claim.Owner.Id,
                    host = claim.Owner.Host,
                    pid = claim.Owner.ProcessId,
                    processStart = claim.Owner.ProcessStartedAt,
                    now = claim.Now,
                    leaseUntil = claim.LeaseUntil,
                    dead = ToList(claim.DeadOwners),
                },
                token);
            var run = await FindAsync(session, claim.Run, token);
            return new ClaimResult
            {
                Run = run,
                Outcome = (changed, run) switch
                {
                    (> 0, _) => ClaimOutcome.Claimed,
                    (_, null) => ClaimOutcome.NotFound,
                    (_, { EndedAt: not null }) => ClaimOutcome.Finished,
                    _ => ClaimOutcome.Held,
                },
            };
        },
        settle: null,
        cancellation);

    public Task<bool> ReleaseAsync(RunId run, long epoch, CancellationToken cancellation) => WriteAndTellAsync(
        async (session, token) => await session.ExecuteAsync(Sql["release_run"], new { id = run, epoch }, token) > 0,
        WakeUp.Runs,
        cancellation);

    public Task<IReadOnlyList<HeldRun>> RenewLeasesAsync(string owner, DateTimeOffset until, CancellationToken cancellation) => database.WriteGuardedAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(Sql["renew_runs"], new { owner, until }, token);
            await PoolStore.RenewAsync(session, owner, until, token);
            return await session.QueryAsync<HeldRun>(Sql["list_held"], new { owner }, token);
        },
        settle: null,
        cancellation);

    public Task<IReadOnlyList<AttemptId>> HeartbeatAsync(IReadOnlyList<Heartbeat> heartbeats, CancellationToken cancellation) => database.WriteGuardedAsync<IReadOnlyList<AttemptId>>(
        async (session, token) =>
        {
            var refused = await session.ExecuteRowsAsync(
                HeartbeatTask,
                heartbeats.Select(beat => new object?[] { beat.Run, beat.Task, beat.MapIndex ?? -1, beat.AttemptId, beat.Progress, beat.Message }),
                token);
            await session.ExecuteRowsAsync(
                HeartbeatAttempt,
                heartbeats.Where((_, i) => !refused.Contains(i)).Select(beat => new object?[] { beat.Run, beat.AttemptId, beat.At }),
                token);
            return [.. refused.Select(i => heartbeats[i].AttemptId)];
        },
        settle: null,
        cancellation);

    public Task AddDefinitionAsync(StoredDefinition definition, CancellationToken cancellation) => database.WriteGuardedAsync(
        (session, token) => session.ExecuteAsync(Sql["insert_definition"], definition, token), settle: null, cancellation);

    public Task<bool> AddRequestAsync(RunRequest request, CancellationToken cancellation) => AddRequestAsync(request, null, cancellation);

    public Task<bool> AddRequestAsync(RunRequest request, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation) => WriteAndTellAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql["insert_request"], request, token) == 0)
            {
                return false;
            }

            if (also is not null)
            {
                await also(session, token);
            }

            return true;
        },
        WakeUp.Requests,
        cancellation);

    public Task CloseOutboxAsync(IReadOnlyList<long> sequences, DateTimeOffset now, CancellationToken cancellation) => database.WriteGuardedAsync(
        (session, token) => session.ExecuteRowsAsync(CloseOutbox, sequences.Select(sequence => new object?[] { sequence, now }), token),
        settle: null,
        cancellation);

    /// <summary>
    /// A step is guarded by its first statement. The facts in it are written by families, whose operations read and then write: such a step runs as if it were alone.
    /// A commit without an answer is found by its sequence, which no other step of this epoch can have written.
    /// </summary>
    private Task<CommitResult> WriteStepAsync(RunCommit commit, CancellationToken cancellation)
    {
        Task<CommitResult> Write(IWriteSession session, CancellationToken token) => committer.WriteAsync(session, commit, token);
        return commit.Facts.Count > 0
            ? database.WriteAsync(Write, commit.Durability, cancellation)
            : database.WriteGuardedAsync(Write, commit.Durability, commit.Events.Count == 0 ? null : IsStoredAsync, cancellation);

        async Task<(bool IsStored, CommitResult? Answer)> IsStoredAsync(IWriteSession session, CancellationToken token) => (
            await session.ExecuteAsync(ConfirmRun, new { id = commit.Run, epoch = commit.Epoch, sequence = commit.ExpectedSequence + commit.Events.Count }, token) > 0,
            new CommitResult { Outcome = CommitOutcome.Committed });
    }

    private async Task<CreatedRun> CreateAndTellAsync(NewRun run, CancellationToken cancellation)
    {
        var created = await database.WriteGuardedAsync((session, token) => CreateAsync(session, run, token), settle: null, cancellation);
        if (created.IsNew && run.Owner is null)
        {
            database.WakeUps.Tell(WakeUp.Runs);
        }

        return created;
    }

    /// <summary>Tells other processes of a change that was made, after it is stored.</summary>
    private async Task<bool> WriteAndTellAsync(Func<IWriteSession, CancellationToken, Task<bool>> operation, WakeUp what, CancellationToken cancellation)
    {
        var changed = await database.WriteGuardedAsync(operation, settle: null, cancellation);
        if (changed)
        {
            database.WakeUps.Tell(what);
        }

        return changed;
    }

    private async Task<CreatedRun> CreateAsync(IWriteSession session, NewRun run, CancellationToken cancellation)
    {
        await session.ExecuteAsync(Sql["insert_definition"], run.Definition, cancellation);
        var unchanged = await session.ExecuteRowsAsync(
            InsertRun,
            [[
                run.Id, run.Definition.Pipeline, run.Definition.Hash, run.Status, run.Params, run.Overrides, run.Trigger, run.BaseDirectory, run.GitCommit, run.CreatedAt,
                run.Owner?.Id, run.Owner?.Host, run.Owner?.ProcessId, run.Owner?.ProcessStartedAt, run.Owner is null ? 0 : 1, run.Owner is null ? null : run.LeaseUntil,
                run.Parent, run.Relation, run.Events.Count, run.IdempotencyKey,
            ]],
            cancellation);
        var id = run.Id;
        KeyEntry? waits = null;
        if (unchanged.Count == 0)
        {
            await RecordCauseAsync(session, run, cancellation);
            waits = run.Key is { } key && !await ConcurrencyStore.EnterAsync(session, run.Id, key, run.CreatedAt, cancellation) ? key : null;
            await committer.AppendEventsAsync(session, run.Id, 0, waits?.QueuedEvents ?? run.Events, cancellation);
            if (run.Also is { } also)
            {
                await also(session, cancellation);
            }
        }
        else
        {
            id = await session.FindAsync<RunId>(Sql["find_run_by_key"], new { key = run.IdempotencyKey }, cancellation);
        }

        var stored = await FindAsync(session, id, cancellation) ?? throw new InvalidOperationException($"the run {id} was inserted and is not there");
        return new CreatedRun { Run = stored, IsNew = unchanged.Count == 0, IsQueued = waits is not null };
    }

    /// <summary>Throws when the run may not be, so that the operation around it is undone.</summary>
    private static async Task RecordCauseAsync(IWriteSession session, NewRun run, CancellationToken cancellation)
    {
        if (run.Cause is { } cause && await cause.RecordAsync(session, run.Id, run.CreatedAt, cancellation) is { } reason)
        {
            throw new RunRefusedException(reason);
        }

        if (run.LogicalDate is { } date)
        {
            await session.ExecuteRowsAsync(InsertRunDate, [[run.Definition.Pipeline, date, run.Id]], cancellation);
        }
    }

    private static async Task<RunInfo?> FindAsync(IReadSession session, RunId run, CancellationToken cancellation) =>
        (await session.FindAsync<RunRow>(Sql["find_run"], new { id = run }, cancellation))?.ToInfo();

    /// <summary>A list as one parameter: statements keep one text however long the list is.</summary>
    private static string ToList(IEnumerable<string> values) => JsonSerializer.Serialize(values, OrcJson.Options);
}
