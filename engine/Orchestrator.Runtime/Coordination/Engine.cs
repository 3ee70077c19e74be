using Orchestrator.Storage.Faults;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Expressions;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Storage.Caching;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Pools;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.WakeUps;

namespace Orchestrator.Runtime.Coordination;

/// <summary>What the engine is made of.</summary>
public sealed record EngineParts
{
    public required IRunStore Runs { get; init; }

    public required ICacheStore Cache { get; init; }

    public required IPoolStore Pools { get; init; }

    public required IConcurrencyStore Concurrency { get; init; }

    /// <summary>How this engine hears of other processes' work. Default: by looking.</summary>
    public IWakeUps WakeUps { get; init; } = IWakeUps.None;

    public required ActivityCatalog Activities { get; init; }

    public required IReadOnlyDictionary<Lane, ILane> Lanes { get; init; }

    public required IEnumerable<IReferenceResolver> Resolvers { get; init; }

    public required ArtifactStore Artifacts { get; init; }

    public required AttemptLogs Logs { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Reads the stored JSON of a definition.</summary>
    public required Func<string, PipelineDefinition> ReadDefinition { get; init; }

    public LanePlaceOptions Places { get; init; } = new();

    public EngineLimits Limits { get; init; } = new();
}

/// <summary>A wish for a run.</summary>
public sealed record RunStart
{
    public required PipelineDefinition Pipeline { get; init; }

    public required StoredDefinition Definition { get; init; }

    /// <summary>Every parameter of the pipeline, with its value.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Params { get; init; }

    /// <summary>The full path of the folder that relative paths are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Outputs taken over from an earlier run, by task.</summary>
    public ImmutableSortedDictionary<string, ReusedTask> Reused { get; init; } = ImmutableSortedDictionary<string, ReusedTask>.Empty;

    public ImmutableArray<TaskName> Skip { get; init; } = [];

    /// <summary>Tasks that run although an earlier result could stand in.</summary>
    public ImmutableArray<TaskName> Refresh { get; init; } = [];

    /// <summary>The run that this one repeats, or whose task it does.</summary>
    public RunId? Parent { get; init; }

    /// <summary>Why the run starts, and the time it is for; null: somebody asks for it, and for no time.</summary>
    public RunTrigger? Trigger { get; init; }

    /// <summary>What the run is the answer to: recorded in the transaction that accepts it, so that it has one run and no second.</summary>
    public Orchestrator.Storage.Schedules.RunCause? Cause { get; init; }

    /// <summary>A second start with the same key starts nothing: the run that the first one started is the answer. Null: each start is a run.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Written in the transaction that accepts the run: an entry of the audit log. Awaits the session and nothing else.</summary>
    public Func<IWriteSession, CancellationToken, Task>? Also { get; init; }

    /// <summary>For a child run: its id, which its parent has stored before. Null: a new one.</summary>
    internal RunId? Child { get; init; }
}

/// <summary>
/// The runs that this process works on. It owns them by lease, renews the leases, hears what other processes ask of them, and takes over runs whose
/// owner is gone.
/// </summary>
public sealed partial class Engine : IAsyncDisposable
{
    private readonly EngineParts parts;
    private readonly RunOwner owner;
    private readonly LanePlaces places;
    private readonly PoolWatch pools;
    private readonly KeyWatch keys;
    private readonly IDisposable keyCalls;
    private readonly ConcurrentDictionary<RunId, RunCoordinator> active = new();
    private readonly ProgressFeed progress;
    private readonly RequestReader requests;
    private readonly CancellationTokenSource leaving = new();
    private readonly Task keeping;

    public Engine(EngineParts parts)
    {
        this.parts = parts;
        owner = EngineOwners.Create(Ids.New(parts.Time), parts.Time);
        places = new LanePlaces(parts.Places);
        pools = new PoolWatch(parts.Pools, parts.WakeUps, parts.Places.PoolPatience, parts.Time);
        keys = new KeyWatch(parts.Concurrency, parts.Runs, owner.Id, TakeUpAsync, parts.Time);
        keyCalls = parts.WakeUps.Listen(WakeUp.Keys, keys.Tell);
        progress = new ProgressFeed(parts.Runs, parts.Time);
        requests = new RequestReader(parts.Runs, parts.Pools, parts.ReadDefinition, parts.Time);
        keeping = new EngineKeeper(parts.Runs, parts.WakeUps, owner.Id, progress, requests, parts.Time).KeepAsync(active, leaving.Token);
    }

    /// <summary>Accepts a run, which from then on is never lost, and begins to work on it.</summary>
    /// <remarks>When as many runs with its concurrency key go on as may, it is accepted as one that waits.</remarks>
    /// <exception cref="RunRefusedException">Its <see cref="RunStart.Cause"/> has a run already, or may not have one now; nothing was begun.</exception>
    /// <exception cref="ActivityException">A task names a pool that does not exist, or wants more slots than it has (ORC5246); the concurrency key is no key (ORC5248).</exception>
    public async Task<RunHandle> StartAsync(RunStart start, IRunListener listener, CancellationToken cancellation)
    {
        // When there was one already, two processes came upon the same task; the one that was first has it.
        var submitted = await SubmitAsync(start, listener, cancellation);
        return submitted.Handle ?? await ResumeAsync(submitted.Run.Id, listener, cancellation);
    }

    /// <summary>The same; of a run that a start with the same key has started before it says so, and leaves it to whoever works on it.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public async Task<SubmittedRun> SubmitAsync(RunStart start, IRunListener listener, CancellationToken cancellation)
    {
        if (SubPipelineDefinition.DepthOf(start.Pipeline) is > SubPipelineDefinition.MaxDepth and var depth)
        {
            throw EngineErrors.TooDeep(start.Pipeline, depth);
        }

        await PoolNeeds.CheckAsync(parts.Pools, start.Pipeline, parts.Time.GetUtcNow(), cancellation);
        var id = start.Child ?? Ids.NewRun(parts.Time);
        var now = parts.Time.GetUtcNow();
        var setting = new RunSetting
        {
            Run = id, Definition = start.Definition.Hash, BaseDirectory = start.BaseDirectory, GitCommit = await GitCommit.FindAsync(start.BaseDirectory, cancellation),
        };
        var command = new AcceptRun(start.Definition.Hash, start.Params) { Reused = start.Reused, Skip = start.Skip, Refresh = start.Refresh, Trigger = start.Trigger, Key = await KeyOfAsync(start, id, cancellation) };
        var empty = RunState.Empty(new PipelineGraph(start.Pipeline));
        var accepted = RunMachine.Decide(empty, command, now);
        // The store finds out whether there is room for it, and takes the one or the other.
        var queued = command.Key is null || accepted.State.IsEnded ? accepted : RunMachine.Decide(empty, command with { MustWait = true }, now);
        var created = await parts.Runs.CreateAsync(
            new NewRun
            {
                Id = id,
                Definition = start.Definition,
                Status = RunWords.Of(accepted.State.Status),
                Params = OrcJson.ToElement(start.Params),
                Trigger = start.Trigger is { } trigger ? OrcJson.ToElement(trigger) : null,
                BaseDirectory = start.BaseDirectory,
                GitCommit = setting.GitCommit,
                CreatedAt = now,
                Owner = owner,
                LeaseUntil = now + EngineOwners.Lease,
                Parent = start.Parent,
                Relation = start.Child is not null ? RunRelations.Child : start.Parent is null ? null : RunRelations.Rerun,
                IdempotencyKey = start.Child is { } child ? $"child:{child}" : start.IdempotencyKey,
                Also = start.Also,
                Events = [.. accepted.Events.Select(RunEvents.Write)],
                Cause = start.Cause,
                // A child is part of its parent's run, and not the run of its pipeline for that time.
                LogicalDate = start.Child is null ? start.Trigger?.LogicalDate : null,
                Key = command.Key is { } key && queued != accepted ? RunKeys.EntryOf(key, id, queued, Ids.New(parts.Time)) : null,
            },
            cancellation);
        if (!created.IsNew)
        {
            return new SubmittedRun { Run = created.Run };
        }

        FaultPoints.Reached("run-accepted");
        accepted = created.IsQueued ? queued : accepted;
        return new SubmittedRun { Run = created.Run, Handle = Begin(accepted.State, accepted.Events, setting, epoch: 1, new RunRows(parts.Activities, owner.Id), listener) };
    }

    /// <summary>The id of a run that is only planned: no run has it.</summary>
    public static RunId DryRun { get; } = new("dry-run");

    /// <summary>The concurrency key that a run would have; null when its pipeline has none.</summary>
    /// <exception cref="ActivityException">It cannot be worked out, or is no key (ORC5248).</exception>
    public static RunKey? PlanKey(RunStart start) => RunKeys.Of(start.Pipeline, start.Params, DryRun, start.Trigger);

    /// <summary>Says what a run would do, and why, without starting it. Reads only.</summary>
    public Task<IReadOnlyList<PlannedTask>> PlanAsync(RunStart start, CancellationToken cancellation)
    {
        var setting = new RunSetting { Run = DryRun, Definition = start.Definition.Hash, BaseDirectory = start.BaseDirectory };
        var planner = new RunPlanner(PreparerOf(setting, start.Pipeline.Name), new ResultCache(parts.Cache, parts.Artifacts, parts.Time), parts.Activities, parts.Time);
        return planner.PlanAsync(new PipelineGraph(start.Pipeline), new AcceptRun(start.Definition.Hash, start.Params) { Reused = start.Reused, Skip = start.Skip, Refresh = start.Refresh, Trigger = start.Trigger }, cancellation);
    }

    /// <summary>Takes over an unfinished run and goes on with it. Attempts that were under way are run again; what was finished is not.</summary>
    /// <exception cref="ActivityException">There is no such run (ORC5240), it has ended (ORC5241), or another process works on it (ORC5242).</exception>
    public Task<RunHandle> ResumeAsync(RunId id, IRunListener listener, CancellationToken cancellation) => ResumeAsync(id, listener, _ => { }, cancellation);

    /// <summary>
    /// Takes over an unfinished run, does what was asked of it and then what is asked now, and gives it back without having started anything: attempts that were
    /// under way are given up and run again when the run goes on. Answers why the command was refused, or null.
    /// </summary>
    /// <inheritdoc cref="ResumeAsync(RunId, IRunListener, CancellationToken)"/>
    public async Task<string?> VisitAsync(RunId id, RunCommand command, CancellationToken cancellation)
    {
        var answer = Task.FromResult<string?>(null);
        var handle = await ResumeAsync(id, IRunListener.None, coordinator =>
        {
            answer = coordinator.SendAsync(command);
            coordinator.Interrupt();
        }, cancellation);
        await handle.Completion;
        return await answer;
    }

    private async Task<RunHandle> ResumeAsync(RunId id, IRunListener listener, Action<RunCoordinator> then, CancellationToken cancellation)
    {
        var now = parts.Time.GetUtcNow();
        var claim = await parts.Runs.ClaimAsync(
            new RunClaim
            {
                Run = id, Owner = owner, Now = now, LeaseUntil = now + EngineOwners.Lease, DeadOwners = EngineOwners.Dead(await parts.Runs.ListOwnersAsync(cancellation)),
            },
            cancellation);
        if (claim is not { Outcome: ClaimOutcome.Claimed, Run: { } run })
        {
            throw EngineErrors.CannotResume(id, claim);
        }

        FaultPoints.Reached("run-claimed");
        var loaded = await parts.Runs.LoadAsync(id, cancellation) ?? throw EngineErrors.CannotResume(id, claim);
        var state = await RunHistory.ReplayAsync(parts.Runs, loaded, parts.ReadDefinition, cancellation);
        var rows = new RunRows(parts.Activities, owner.Id);
        var tries = await parts.Runs.ListAttemptsAsync(id, cancellation);
        rows.Load(state, await parts.Runs.ListTasksAsync(id, cancellation), tries);
        var workers = tries.Where(row => state.InFlight.ContainsKey(row.Id)).ToDictionary(row => row.Id, row => row.Worker);
        var setting = new RunSetting { Run = id, Definition = run.Definition, BaseDirectory = run.BaseDirectory, GitCommit = run.GitCommit };
        FaultPoints.Reached("run-loaded");
        var asked = new List<(RunRequest Request, RunCommand Command)>();
        foreach (var request in await parts.Runs.ListRequestsOfRunAsync(id, cancellation))
        {
            asked.Add((request, await requests.ReadAsync(request, cancellation)));
        }

        return Begin(state, [], setting, run.Epoch, rows, listener, coordinator =>
        {
            // What people asked while nobody worked on the run comes before what is overdue: an answer in time is an answer in time.
            foreach (var (request, command) in asked)
            {
                _ = coordinator.SendAsync(request, command);
            }

            foreach (var attempt in state.InFlight.Keys)
            {
                _ = coordinator.SendAsync(new LoseAttempt(attempt, RuntimeFailures.EngineAway(workers.GetValueOrDefault(attempt) ?? "unknown"), Counts: state[state.InFlight[attempt]].Child is null, AtOnce: true));
            }

            then(coordinator);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        await keeping;
        await keys.DisposeAsync();
        await LeaveTakenUpAsync();
        keyCalls.Dispose();
        pools.Dispose();
        leaving.Dispose();
    }

    private RunHandle Begin(
        RunState state, ImmutableArray<RunEvent> first, RunSetting setting, long epoch, RunRows rows, IRunListener listener, Action<RunCoordinator>? ask = null)
    {
        var attempts = new AttemptRunner(setting, parts.Activities, parts.Lanes, parts.Logs, () => Ids.New(parts.Time), parts.Time);
        var runParts = new RunParts
        {
            Journal = new RunJournal(parts.Runs, setting, owner.Id, epoch, rows, parts.Activities, parts.Time),
            Preparer = PreparerOf(setting, state.Graph.Definition.Name),
            Attempts = attempts,
            Children = new ChildRuns(this, parts, setting),
            Places = places,
            Pools = pools,
            Keys = keys,
            Time = parts.Time,
            Random = new Random(),
            Progress = progress.For(setting.Run, attempts.Stop),
        };
        if (!state.IsEnded && state.Graph.Nodes.Any(node => parts.Activities.Find(node.Definition.Uses)?.Lane == Lane.Process))
        {
            // A worker takes longer to start than most tasks take to run.
            parts.Lanes[Lane.Process].Foresee();
        }

        var coordinator = new RunCoordinator(state, runParts, listener);
        ask?.Invoke(coordinator);
        active[setting.Run] = coordinator;
        listener.OnBegin(setting.Run, state);
        listener.OnEvents(state, first);
        var handle = new RunHandle(setting.Run, coordinator, WorkAsync(coordinator, setting.Run, epoch));
        if (draining)
        {
            coordinator.Drain();
        }

        return handle;
    }

    private TaskPreparer PreparerOf(RunSetting setting, string pipeline) => new(
        setting,
        new MapPageParts(
            parts.Activities,
            new InputResolver(parts.Activities, parts.Resolvers),
            new ResultCache(parts.Cache, parts.Artifacts, parts.Time),
            new CacheKeys(pipeline, setting.BaseDirectory, Environment.GetEnvironmentVariable),
            new ExpressionEvaluator(parts.Limits.Expressions),
            parts.Time,
            parts.Limits));

    private async Task<RunState> WorkAsync(RunCoordinator coordinator, RunId run, long epoch)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        working[coordinator] = left.Task;
        await Task.Yield();
        try
        {
            var state = await coordinator.RunAsync();
            if (!state.IsEnded)
            {
                await parts.Runs.ReleaseAsync(run, epoch, CancellationToken.None);
            }

            return state;
        }
        catch (Exception failed) when (failed is not OwnershipLostException)
        {
            // Whoever comes next may go on with it; when the store is what failed, the keeper gives it back later.
            await GiveBackAsync(run, epoch);
            throw;
        }
        finally
        {
            active.TryRemove(run, out _);
            working.TryRemove(coordinator, out _);
            left.SetResult();
        }
    }
}
