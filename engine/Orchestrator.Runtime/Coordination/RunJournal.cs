using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Artifacts;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Notifications;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Another process has taken the run over; whatever this one still knows of it is no longer true.</summary>
public sealed class OwnershipLostException(RunId run) : Exception($"run {run} is owned by another process now");

/// <summary>Writes the steps of one run: the events and everything they change, in one transaction guarded by this owner's epoch.</summary>
internal sealed partial class RunJournal(IRunStore store, RunSetting run, string owner, long epoch, RunRows rows, ActivityCatalog catalog, TimeProvider time)
{
    private readonly Dictionary<AttemptId, DateTimeOffset> startedAt = [];

    public RunId Run => run.Run;

    /// <summary>Answers the pool that has no room for what was to start, or the concurrency key that has none for the run, in which case nothing is stored; null when everything is.</summary>
    /// <param name="told">Somebody outside hears of this step by its commit.</param>
    /// <exception cref="OwnershipLostException">The epoch is no longer the stored one.</exception>
    /// <exception cref="Storage.Databases.StorageException">The database failed; nothing of it is stored.</exception>
    public async Task<string?> CommitAsync(
        RunState before, RunState after, IReadOnlyList<RunEvent> events, IReadOnlyList<AttemptFacts> facts, IReadOnlyList<string> requests, bool told, PermitRequest? permit = null)
    {
        var now = time.GetUtcNow();
        var projection = rows.Apply(after, events);
        var change = ChangeOf(before, after, events);
        var step = StepOf(before, after, events, now);
        var result = await store.CommitAsync(
            new RunCommit
            {
                Run = run.Run,
                Epoch = epoch,
                ExpectedSequence = before.Sequence,
                Now = now,
                Events = step.Events,
                Change = change,
                // An inner step, lost with the power, is done again; what people and other parts were told of is not taken back.
                Durability = told || change is not null || permit is not null || facts.Count > 0 || requests.Count > 0 || step.Outbox.Count > 0 ? Durability.Synced : Durability.Deferred,
                Tasks = projection.Tasks,
                Attempts = projection.Attempts,
                TakeSlots = step.TakeSlots,
                FreeSlots = step.FreeSlots,
                CacheEntries = step.CacheEntries,
                Artifacts = step.Artifacts,
                Facts = [.. facts.Select(one => FactsOf(after, one, now))],
                HandledRequests = requests,
                TakePermit = permit,
                Outbox = step.Outbox,
            },
            CancellationToken.None);
        switch (result.Outcome)
        {
            case CommitOutcome.Committed:
                rows.Keep(projection);
                Remember(events);
                return null;
            case CommitOutcome.PoolFull:
                return result.Pool ?? throw new InvalidOperationException("a pool without a name is full");
            case CommitOutcome.KeyHeld:
                return permit?.Key;
            case CommitOutcome.OwnershipLost or CommitOutcome.SequenceConflict:
                throw new OwnershipLostException(run.Run);
            default:
                throw new InvalidOperationException($"a step of run {run.Run} was refused: {result.Outcome} {result.Attempt}{result.Pool}");
        }
    }

    /// <summary>What the events ask for beside their rows, in one look at each: a step may have hundreds.</summary>
    private Step StepOf(RunState before, RunState after, IReadOnlyList<RunEvent> events, DateTimeOffset now)
    {
        var step = new Step(events.Count);
        foreach (var one in events)
        {
            step.Events.Add(RunEvents.Write(one));
            step.Outbox.AddRange(NoticesOf(after, one));
            if (one is AttemptStarted started)
            {
                step.TakeSlots.AddRange(SlotsOf(after, started, now));
            }
            else if (one is AttemptSucceeded done)
            {
                step.CacheEntries.AddRange(CacheEntriesOf(before, after, done));
                step.Artifacts.AddRange(UsesOf(done));
            }

            step.FreeSlots.AddRange(FreedBy(before, one));
        }

        return step;
    }

    private IEnumerable<SlotRequest> SlotsOf(RunState after, AttemptStarted started, DateTimeOffset now) => after.Graph[started.Task].Definition is { Pool: { } pool } task
        ? [new SlotRequest { Pool = pool, AttemptId = started.Attempt, Weight = task.PoolSlots, Owner = owner, ExpiresAt = now + EngineOwners.Lease }]
        : [];

    /// <summary>The attempts that an event ends, when they hold slots.</summary>
    private static IEnumerable<AttemptId> FreedBy(RunState before, RunEvent change) => change is not TaskEvent task || before.Graph[task.Task].Definition.Pool is null ? [] : change switch
    {
        AttemptSucceeded done => [done.Attempt],
        AttemptSkipped skipped => [skipped.Attempt],
        AttemptFailed failed => [failed.Attempt],
        AttemptLost lost => [lost.Attempt],
        // The end of a task whose attempt is still under way, by cancelling or by hand, is the attempt's end too.
        TaskCancelled or TaskMarked or TaskFailed => before.InFlight.Where(one => before.NameOf(one.Value) == task.Task && (task.Item is null || one.Value.Item == task.Item)).Select(one => one.Key),
        _ => [],
    };

    /// <summary>What somebody who is not looking should hear: that something is late, or that somebody is asked. That the run has failed is said by the store, which knows how those before it ended.</summary>
    private IEnumerable<NewOutboxMessage> NoticesOf(RunState after, RunEvent change) => change switch
    {
        TaskDeadlinePassed or RunDeadlinePassed or RunTimedOut => [Notice(Causes.RunLate, new
        {
            run = run.Run, pipeline = after.Graph.Definition.Name, task = (change as TaskEvent)?.Task, at = change.At, what = OrcJson.ToElement(change),
        })],
        TaskSuspended { Question: { Kind: "approval" } question } asked => [Notice(Causes.ApprovalWanted, new
        {
            run = run.Run, pipeline = after.Graph.Definition.Name, task = asked.Task, item = asked.Item, at = change.At, prompt = question.Prompt, approvers = question.Approvers, deadline = question.Deadline,
        })],
        _ => [],
    };

    private static NewOutboxMessage Notice<T>(string kind, T payload) => new() { Kind = kind, Payload = OrcJson.ToElement(payload) };

    private void Remember(IReadOnlyList<RunEvent> events)
    {
        foreach (var one in events)
        {
            switch (one)
            {
                case AttemptStarted started: startedAt[started.Attempt] = started.At; break;
                case AttemptSucceeded done: startedAt.Remove(done.Attempt); break;
                case AttemptFailed failed: startedAt.Remove(failed.Attempt); break;
                case AttemptLost lost: startedAt.Remove(lost.Attempt); break;
                default: break;
            }
        }
    }

    private static RunChange? ChangeOf(RunState before, RunState after, IReadOnlyList<RunEvent> events) => before.Status == after.Status
        ? null
        : new RunChange
        {
            Status = RunWords.Of(after.Status),
            StartedAt = before.Status == RunStatus.Unknown ? events[0].At : null,
            EndedAt = after.IsEnded ? events[^1].At : null,
            Failure = after.IsEnded ? after.Failure ?? FirstFailure(after) : null,
        };

    private static Failure? FirstFailure(RunState state) =>
        state.Graph.Nodes.Select(node => (state.Tasks[node.Index] as Ended)?.Failure).FirstOrDefault(failure => failure is not null);

    private IEnumerable<CacheEntry> CacheEntriesOf(RunState before, RunState after, AttemptSucceeded done) =>
        before.InFlight.GetValueOrDefault(done.Attempt, new TaskKey(-1)) is not { Task: >= 0 } key || before[key] is not Running { Work: { CacheKey: { } cacheKey } work }
            ? []
            : [CacheEntryOf(after, done, key, work, cacheKey)];

    private CacheEntry CacheEntryOf(RunState after, AttemptSucceeded done, TaskKey key, TaskWork work, string cacheKey) => new()
    {
        Key = cacheKey,
        Parts = OrcJson.ToElement(CacheKeyParts.Of(work, catalog.Get(work.Uses).Version)),
        Outputs = OrcJson.ToElement(done.Outputs),
        RunId = run.Run,
        Task = after.NameOf(key),
        AttemptId = done.Attempt,
        CreatedAt = done.At,
    };

    private static IEnumerable<ArtifactUse> UsesOf(AttemptSucceeded done) => done.Outputs.IsEmpty ? [] : done.Outputs
        .SelectMany(output => ArtifactFinder.Find(output.Key, output.Value))
        .Select(found => new ArtifactUse { Artifact = found.Artifact, Task = done.Task, MapIndex = done.Item, AttemptId = done.Attempt, Name = found.Place });

    private Storage.Runs.AttemptFacts FactsOf(RunState state, AttemptFacts one, DateTimeOffset now) => new()
    {
        Context = new FactContext
        {
            Attempt = new AttemptInfo
            {
                Id = one.Attempt,
                Run = run.Run,
                Pipeline = state.Graph.Definition.Name,
                Definition = state.Definition,
                Task = state.NameOf(one.Key),
                MapIndex = one.Key.IsItem ? one.Key.Item : null,
                Number = state[one.Key].Tries.Attempts,
                GitCommit = run.GitCommit,
            },
            Outcome = one.Succeeded ? AttemptOutcome.Succeeded : AttemptOutcome.Failed,
            StartedAt = startedAt.GetValueOrDefault(one.Attempt, now),
            EndedAt = now,
            Now = now,
        },
        Facts = [.. one.Facts.Select(fact => new Storage.Facts.RecordedFact { Kind = fact.Kind, Value = fact.Value })],
    };
}

/// <summary>What a step stores beside the rows of tasks and attempts.</summary>
internal sealed class Step(int events)
{
    public List<NewEvent> Events { get; } = new(events);

    public List<SlotRequest> TakeSlots { get; } = [];

    public List<AttemptId> FreeSlots { get; } = [];

    public List<CacheEntry> CacheEntries { get; } = [];

    public List<ArtifactUse> Artifacts { get; } = [];

    public List<NewOutboxMessage> Outbox { get; } = [];
}

/// <summary>The words for the states of runs in tables, JSON and on the screen.</summary>
public static class RunWords
{
    public static string Of(RunStatus status) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
