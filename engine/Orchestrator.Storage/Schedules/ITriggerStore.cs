using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Schedules;

/// <summary>Triggers of registered pipelines, and what was decided about each of their ticks. Several schedulers may work on one store.</summary>
public interface ITriggerStore
{
    /// <summary>Pipelines that were registered, paused or removed since their triggers were made.</summary>
    Task<IReadOnlyList<Pipelines.PipelineInfo>> ListUnsyncedAsync(int limit, CancellationToken cancellation);

    /// <summary>Makes the triggers of a pipeline what its definition says. Those that are as they were keep their cursor; those that are gone keep their history.</summary>
    /// <returns>False: somebody else has done it for this state of the pipeline, or a later one.</returns>
    Task<bool> SyncAsync(TriggerSync sync, CancellationToken cancellation);

    Task<TriggerInfo?> FindAsync(TriggerKey key, CancellationToken cancellation);

    /// <summary>By pipeline and name, without those that are gone.</summary>
    /// <param name="pipeline">Null: of all.</param>
    /// <param name="limit">The most rows to answer.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<IReadOnlyList<TriggerInfo>> ListAsync(string? pipeline, int limit, CancellationToken cancellation);

    /// <summary>By pipeline and name, without those that are gone.</summary>
    Task<IReadOnlyList<TriggerInfo>> ListAsync(TriggerFilter filter, CancellationToken cancellation);

    /// <summary>Whom somebody must look at: their time has come, they have ticks to start, or something has happened that they wait for.</summary>
    Task<IReadOnlyList<TriggerKey>> ListDueAsync(DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>When somebody must look again, though nothing happens before; null: nothing is planned.</summary>
    Task<DateTimeOffset?> NextDueAsync(DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Stores what a look found. False: somebody else has changed the trigger since; look again.</summary>
    Task<bool> AdvanceAsync(TriggerAdvance advance, CancellationToken cancellation);

    /// <summary>The same, with something else written in its transaction.</summary>
    Task<bool> AdvanceAsync(TriggerAdvance advance, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);

    /// <summary>Ticks that are due or queued, the one whose time came first at first.</summary>
    Task<IReadOnlyList<TickInfo>> ListOpenAsync(TriggerKey key, CancellationToken cancellation);

    /// <summary>Newest first.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="before">The key of the last one of the page before; null: from the newest.</param>
    /// <param name="limit">The most rows to answer.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<IReadOnlyList<TickInfo>> ListTicksAsync(TriggerKey key, string? before, int limit, CancellationToken cancellation);

    Task<IReadOnlyList<TickCount>> CountTicksAsync(TriggerKey key, CancellationToken cancellation);

    /// <summary>Decides about a tick that is still open. False: it is not, or nothing would change.</summary>
    Task<bool> DecideAsync(TriggerKey key, string tick, string decision, string? reason, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Unfinished runs that the trigger started, oldest first.</summary>
    Task<IReadOnlyList<Core.Values.RunId>> ListGoingAsync(TriggerKey key, CancellationToken cancellation);

    /// <summary>False: there is no such trigger, or it is paused already.</summary>
    Task<bool> PauseAsync(TriggerKey key, string by, string? reason, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>The same, only as the trigger was seen, and with something else written in its transaction.</summary>
    Task<bool> PauseAsync(TriggerPause pause, Func<IWriteSession, CancellationToken, Task>? also, CancellationToken cancellation);

    Task<IReadOnlyList<FileSeen>> ListFilesAsync(TriggerKey key, CancellationToken cancellation);

    /// <summary>Signals that a trigger waits for, after a number, in order.</summary>
    Task<IReadOnlyList<SignalInfo>> ListSignalsAsync(TriggerKey key, long after, int limit, CancellationToken cancellation);

    /// <summary>The number of the newest signal, 0 before the first: another number means that somebody should look. Signals are numbered in the order in which they are stored.</summary>
    Task<long> NewestSignalAsync(CancellationToken cancellation);

    /// <summary>Tells of something that happened outside. False: nobody waits for it, or it was told before.</summary>
    Task<bool> AddSignalAsync(NewSignal signal, CancellationToken cancellation);

    /// <summary>Triggers that wait for signals of a kind whose subject starts with a text.</summary>
    Task<IReadOnlyList<TriggerKey>> ListWatchersAsync(string kind, string subjectPrefix, CancellationToken cancellation);

    /// <summary>What a run yielded; null when it yielded nothing.</summary>
    Task<System.Text.Json.JsonElement?> FindOutputsAsync(Core.Values.RunId run, CancellationToken cancellation);

    /// <summary>Of each logical date of a pipeline the newest run, whoever started it, in the order of the dates.</summary>
    /// <param name="pipeline">Its name.</param>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Inclusive.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<IReadOnlyList<RunDate>> ListRunDatesAsync(string pipeline, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}
