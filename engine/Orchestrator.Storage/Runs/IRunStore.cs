using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;

namespace Orchestrator.Storage.Runs;

/// <summary>
/// Runs, their events, tasks and attempts. Every change of a run is one transaction that is refused unless the writer still owns the run
/// (its epoch is the stored one) and has seen all its events (its sequence is the stored one).
/// </summary>
public interface IRunStore
{
    /// <summary>Accepts a run: definition, row, cause and first events together.</summary>
    /// <exception cref="RunRefusedException">Its cause says no; nothing was written.</exception>
    Task<CreatedRun> CreateAsync(NewRun run, CancellationToken cancellation);

    /// <summary>Stores one step of a run.</summary>
    /// <exception cref="Databases.StorageException">The database failed, a pool does not exist or a fact has no handler; nothing is stored.</exception>
    Task<CommitResult> CommitAsync(RunCommit commit, CancellationToken cancellation);

    /// <summary>Takes over a run that has no owner, or whose owner's lease has expired, or whose owner is known to be dead; raises the epoch.</summary>
    Task<ClaimResult> ClaimAsync(RunClaim claim, CancellationToken cancellation);

    /// <summary>Gives a run back, so that anybody may claim it at once. False when the epoch is not the stored one any more.</summary>
    Task<bool> ReleaseAsync(RunId run, long epoch, CancellationToken cancellation);

    /// <summary>Extends the leases of all unfinished runs and all slots of an owner. Runs that are missing in the answer were lost.</summary>
    Task<IReadOnlyList<HeldRun>> RenewLeasesAsync(string owner, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Stores signs of life and progress, and answers the attempts that are no longer current and must stop.</summary>
    Task<IReadOnlyList<AttemptId>> HeartbeatAsync(IReadOnlyList<Heartbeat> heartbeats, CancellationToken cancellation);

    /// <summary>Everything that is needed to go on with a run, as of one instant; null when there is no such run.</summary>
    Task<LoadedRun?> LoadAsync(RunId run, CancellationToken cancellation);

    Task<RunInfo?> FindAsync(RunId run, CancellationToken cancellation);

    /// <summary>Runs whose identifier starts with a text, newest first, at most 10: what people type.</summary>
    Task<IReadOnlyList<RunInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation);

    Task<IReadOnlyList<RunInfo>> ListAsync(RunFilter filter, CancellationToken cancellation);

    /// <summary>All task rows of a run, in the order of task name and index; the task itself before its items.</summary>
    Task<IReadOnlyList<TaskInfo>> ListTasksAsync(RunId run, CancellationToken cancellation);

    /// <summary>The rows of tasks without those of items, in the order of task name.</summary>
    Task<IReadOnlyList<TaskInfo>> ListWholeTasksAsync(RunId run, CancellationToken cancellation);

    /// <summary>How many items of each mapped task have which status, in the order of task name and status.</summary>
    Task<IReadOnlyList<ItemCount>> CountItemsAsync(RunId run, CancellationToken cancellation);

    /// <summary>Rows of items, in the order of task name and index.</summary>
    Task<IReadOnlyList<TaskInfo>> ListItemsAsync(RunId run, ItemFilter filter, CancellationToken cancellation);

    /// <summary>All attempts of a run, oldest first.</summary>
    Task<IReadOnlyList<AttemptRow>> ListAttemptsAsync(RunId run, CancellationToken cancellation);

    /// <summary>Events after a number, in order.</summary>
    Task<IReadOnlyList<StoredEvent>> ListEventsAsync(RunId run, long after, int limit, CancellationToken cancellation);

    /// <summary>The owners of unfinished runs, so that a process can find out which of them are dead.</summary>
    Task<IReadOnlyList<RunOwner>> ListOwnersAsync(CancellationToken cancellation);

    /// <summary>Unfinished runs that a claim with these arguments would get, oldest first.</summary>
    Task<IReadOnlyList<RunId>> ListClaimableAsync(DateTimeOffset now, IReadOnlyCollection<string> deadOwners, CancellationToken cancellation);

    /// <summary>Stores a definition that a run is to be migrated to. One that is stored already stays as it is.</summary>
    Task AddDefinitionAsync(StoredDefinition definition, CancellationToken cancellation);

    /// <summary>A definition by its hash; null when it is not stored.</summary>
    Task<StoredDefinition?> FindDefinitionAsync(DefinitionHash hash, CancellationToken cancellation);

    /// <summary>Leaves a request for the owner of a run. False when the run has ended or does not exist.</summary>
    Task<bool> AddRequestAsync(RunRequest request, CancellationToken cancellation);

    /// <summary>The same, with something else written in the same transaction when the request is taken: an entry of the audit log.</summary>
    Task<bool> AddRequestAsync(RunRequest request, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);

    /// <summary>Requests for the runs of an owner that no commit has handled yet, in the order they were made.</summary>
    Task<IReadOnlyList<RunRequest>> ListRequestsAsync(string owner, CancellationToken cancellation);

    /// <summary>Requests for one run that no commit has handled yet, in the order they were made; also while nobody works on it.</summary>
    Task<IReadOnlyList<RunRequest>> ListRequestsOfRunAsync(RunId run, CancellationToken cancellation);

    /// <summary>Tasks of unfinished runs that wait for somebody's answer, by run.</summary>
    Task<IReadOnlyList<OpenQuestion>> ListQuestionsAsync(CancellationToken cancellation);

    /// <summary>Messages that were not handed out yet, oldest first.</summary>
    Task<IReadOnlyList<OutboxMessage>> ListOutboxAsync(int limit, CancellationToken cancellation);

    /// <summary>Marks messages as handed out.</summary>
    Task CloseOutboxAsync(IReadOnlyList<long> sequences, DateTimeOffset now, CancellationToken cancellation);
}
