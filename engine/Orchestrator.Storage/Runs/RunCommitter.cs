using Orchestrator.Core.Values;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Pools;

namespace Orchestrator.Storage.Runs;

/// <summary>Writes one step of a run. Every task of every run passes here, so all of it goes through statements that stay prepared.</summary>
internal sealed class RunCommitter(SqlTexts sql, FactDispatcher facts)
{
    private readonly SqlStatement advance = sql["advance_run"];
    private readonly SqlStatement advanceAndChange = sql["advance_and_change_run"];
    private readonly SqlStatement findEpoch = sql["find_epoch"];
    private readonly SqlStatement insertEvent = sql["insert_event"];
    private readonly SqlStatement upsertAttempt = sql["upsert_attempt"];
    private readonly SqlStatement upsertTask = sql["upsert_task"];
    private readonly SqlStatement removeTask = sql["remove_task"];
    private readonly SqlStatement insertOutbox = sql["insert_outbox"];
    private readonly SqlStatement closeRequest = sql["close_request"];
    private readonly SqlStatement tellEnd = sql["tell_end"];
    private readonly SqlStatement closeRequests = sql["close_requests_of_run"];

    private readonly SqlStatement noteFailed = sql["note_failed"];
    private readonly SqlStatement markFailing = sql["mark_failing"];
    private readonly SqlStatement noteRecovered = sql["note_recovered"];
    private readonly SqlStatement clearFailing = sql["clear_failing"];

    /// <summary>Writes everything or throws <see cref="CommitRefusedException"/>, so that the operation around it is undone.</summary>
    public async Task<CommitResult> WriteAsync(IWriteSession session, RunCommit commit, CancellationToken cancellation)
    {
        if (await RefusalOfRunAsync(session, commit, cancellation) is { } refusal)
        {
            return new CommitResult { Outcome = refusal };
        }

        if (commit.TakePermit is { } permit && !await ConcurrencyStore.TakeAsync(session, commit.Run, permit, commit.Now, cancellation))
        {
            throw new CommitRefusedException(new CommitResult { Outcome = CommitOutcome.KeyHeld });
        }

        await AppendEventsAsync(session, commit.Run, commit.ExpectedSequence, commit.Events, cancellation);
        if (commit.Attempts.Count > 0)
        {
            var refused = await session.ExecuteRowsAsync(upsertAttempt, commit.Attempts.Select(attempt => ValuesOf(commit.Run, attempt)), cancellation);
            if (refused.Count > 0)
            {
                throw new CommitRefusedException(new CommitResult { Outcome = CommitOutcome.AttemptLost, Attempt = commit.Attempts[refused[0]].Id });
            }
        }

        // After the attempts, whose fence asks the rows of the tasks.
        if (commit.RemovedTasks.Count > 0)
        {
            await session.ExecuteRowsAsync(removeTask, commit.RemovedTasks.Select(task => new object?[] { commit.Run.Value, task.Value }), cancellation);
        }

        if (commit.Tasks.Count > 0)
        {
            await session.ExecuteRowsAsync(upsertTask, commit.Tasks.Select(task => ValuesOf(commit.Run, task)), cancellation);
        }

        await MoveSlotsAsync(session, commit, cancellation);
        await WriteSideRowsAsync(session, commit, cancellation);
        await facts.ApplyAsync(session, commit.Facts, cancellation);
        return new CommitResult { Outcome = CommitOutcome.Committed };
    }

    public async Task AppendEventsAsync(IWriteSession session, RunId run, long after, IReadOnlyList<NewEvent> events, CancellationToken cancellation)
    {
        if (events.Count > 0)
        {
            await session.ExecuteRowsAsync(
                insertEvent,
                events.Select((change, i) => new object?[] { run.Value, after + 1 + i, change.Type, change.Payload, change.At }),
                cancellation);
        }
    }

    private static object?[] ValuesOf(RunId run, AttemptRow attempt) =>
    [
        run.Value, attempt.Id.Value, attempt.Task.Value, attempt.MapIndex ?? -1, attempt.Number, attempt.Status, attempt.Lane, attempt.Worker,
        attempt.QueuedAt, attempt.StartedAt, attempt.HeartbeatAt, attempt.EndedAt, attempt.Failure,
    ];

    private static object?[] ValuesOf(RunId run, TaskInfo task) =>
    [
        run.Value, task.Task.Value, task.MapIndex ?? -1, task.Status, task.AttemptNumber, task.AttemptId?.Value, task.Label, task.ReadyAt, task.StartedAt, task.EndedAt,
        task.Reason, task.Outputs, task.Failure, task.CachedFrom?.Value, task.Progress, task.ProgressMessage,
    ];

    /// <summary>The guard: advances the run if it is still ours and as we know it, and says why not otherwise.</summary>
    private async Task<CommitOutcome?> RefusalOfRunAsync(IWriteSession session, RunCommit commit, CancellationToken cancellation)
    {
        var next = commit.ExpectedSequence + commit.Events.Count;
        var unchanged = commit.Change is { } change
            ? await session.ExecuteRowsAsync(
                advanceAndChange,
                [[commit.Run.Value, commit.Epoch, commit.ExpectedSequence, next, change.Status, change.StartedAt, change.EndedAt, change.Failure, change.Definition?.Value, change.Params]],
                cancellation)
            : await session.ExecuteRowsAsync(advance, [[commit.Run.Value, commit.Epoch, commit.ExpectedSequence, next]], cancellation);
        if (unchanged.Count == 0)
        {
            return null;
        }

        // Only for the answer: nothing has been written, and the difference is what the caller does next.
        return await session.FindAsync<long?>(findEpoch, new { id = commit.Run }, cancellation) == commit.Epoch
            ? CommitOutcome.SequenceConflict
            : CommitOutcome.OwnershipLost;
    }

    private static async Task MoveSlotsAsync(IWriteSession session, RunCommit commit, CancellationToken cancellation)
    {
        if (commit.FreeSlots.Count > 0)
        {
            await PoolStore.FreeAsync(session, commit.FreeSlots, cancellation);
        }

        if (commit.TakeSlots.Count > 0 && await PoolStore.TakeAsync(session, commit.TakeSlots, commit.Now, cancellation) is { } full)
        {
            throw new CommitRefusedException(new CommitResult { Outcome = CommitOutcome.PoolFull, Pool = full });
        }
    }

    private async Task WriteSideRowsAsync(IWriteSession session, RunCommit commit, CancellationToken cancellation)
    {
        if (commit.CacheEntries.Count > 0)
        {
            await CacheStore.PutAsync(session, commit.CacheEntries, cancellation);
        }

        if (commit.Artifacts.Count > 0)
        {
            await ArtifactIndex.AddAsync(session, commit.Run, commit.Artifacts, commit.Now, cancellation);
        }

        if (commit.Outbox.Count > 0)
        {
            await session.ExecuteRowsAsync(insertOutbox, commit.Outbox.Select(message => new object?[] { message.Kind, message.Payload, commit.Now }), cancellation);
        }

        if (commit.HandledRequests.Count > 0)
        {
            await session.ExecuteRowsAsync(closeRequest, commit.HandledRequests.Select(request => new object?[] { commit.Run, request, commit.Now }), cancellation);
        }

        if (commit.Change is { EndedAt: not null, Status: var status })
        {
            await session.ExecuteRowsAsync(closeRequests, [[commit.Run, commit.Now]], cancellation);
            await ConcurrencyStore.LeaveAsync(session, commit.Run, cancellation);
            await session.ExecuteRowsAsync(tellEnd, [[commit.Run.Value, commit.Now]], cancellation);
            await NoteEndAsync(session, commit, status, cancellation);
        }
    }

    /// <summary>For those who are told of failures: that it is one, or that it is the first success after some. Others' ends change nothing about that.</summary>
    private async Task NoteEndAsync(IWriteSession session, RunCommit commit, string status, CancellationToken cancellation)
    {
        if (status == "failed")
        {
            await session.ExecuteRowsAsync(noteFailed, [[commit.Run.Value, commit.Now]], cancellation);
            await session.ExecuteRowsAsync(markFailing, [[commit.Run.Value, commit.Now]], cancellation);
        }
        else if (status == "succeeded")
        {
            await session.ExecuteRowsAsync(noteRecovered, [[commit.Run.Value, commit.Now]], cancellation);
            await session.ExecuteRowsAsync(clearFailing, [[commit.Run.Value]], cancellation);
        }
    }
}

/// <summary>Leaves a write operation half-way, so that what it wrote is undone, with the answer for the caller.</summary>
internal sealed class CommitRefusedException(CommitResult result) : Exception($"the commit was refused: {result.Outcome}")
{
    public CommitResult Result { get; } = result;
}
