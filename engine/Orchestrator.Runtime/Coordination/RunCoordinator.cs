using Orchestrator.Storage.Faults;
using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The shell around one run: one mailbox, read by one loop. Each turn takes what has arrived, lets the state machine decide, commits the events with all
/// they change in one transaction, and only then does what the new state asks for. Everything slow runs beside the loop and answers through the mailbox.
/// </summary>
internal sealed class RunCoordinator
{
    /// <summary>How many tasks one turn prepares before it commits.</summary>
    private const int QuickPage = 256;

    /// <summary>
    /// How long the loop sleeps at most before it looks at the clock again. Timers count the time that the machine is awake, and what is due is written in the time
    /// of day: after a suspension, or when somebody sets the clock, they differ.
    /// </summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(30);

    private readonly RunJournal journal;
    private readonly TaskPreparer preparer;
    private readonly AttemptRunner attempts;
    private readonly LanePlaces.Claimant places;
    private readonly PoolWatch pools;
    private readonly IRunListener listener;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly Action<TaskName, TaskKey, AttemptId, double?, string?> progress;
    private readonly Channel<Message> mailbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<int> preparing = [];
    private readonly Dictionary<int, ExpandTask> asked = [];
    private readonly HashSet<int> expanding = [];
    private readonly HashSet<AttemptId> stopped = [];
    private readonly WorkBeside beside = new();
    private readonly HashSet<string> heard = [];
    private readonly ClockWatch clock;
    private RunState state;
    private CancellationToken leaving;
    private DateTimeOffset? wakeAt;
    private ITimer? wake;
    private bool interrupted;

    public RunCoordinator(RunState state, RunParts parts, IRunListener listener)
    {
        this.state = state;
        this.listener = listener;
        journal = parts.Journal;
        progress = parts.Progress;
        preparer = parts.Preparer;
        attempts = parts.Attempts;
        places = parts.Places.Join(Wake);
        pools = parts.Pools;
        time = parts.Time;
        random = parts.Random;
        clock = new ClockWatch(parts.Time);
    }

    /// <summary>Sends a command from outside. Answers why it was refused, or null.</summary>
    public Task<string?> SendAsync(RunCommand command) => SendAsync(new Message(command));

    /// <summary>Sends what a stored request asks for; it is closed with the commit, also when it was refused. One that was sent before is passed over.</summary>
    public Task<string?> SendAsync(RunRequest request) => SendAsync(
        new Message(RunRequests.ToCommand(request) ?? new RefuseRequest(request.Id, request.Kind, request.By, "this version does not know such a request")) { Request = request });

    private Task<string?> SendAsync(Message message)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return mailbox.Writer.TryWrite(message with { Answer = answer }) ? answer.Task : Task.FromResult<string?>("the run is no longer worked on here");
    }

    /// <summary>Asks all attempts to stop and leaves the run unfinished, to be resumed later.</summary>
    public void Interrupt() => mailbox.Writer.TryWrite(Message.Interruption);

    /// <summary>After <see cref="Interrupt"/>: ends the attempts now.</summary>
    public void Kill() => attempts.KillAll();

    /// <summary>The lease was not renewed: another process may have the run. The next commit would tell, but attempts must not go on until then.</summary>
    public void CheckOwnership() => mailbox.Writer.TryWrite(Message.LeaseLost);

    /// <summary>Works on the run until it has ended, was interrupted, or another process owns it.</summary>
    /// <exception cref="OwnershipLostException">Another process took the run over.</exception>
    /// <exception cref="Storage.Databases.StorageException">The store failed; the run is left as it was last committed.</exception>
    public async Task<RunState> RunAsync()
    {
        using var left = new CancellationTokenSource();
        leaving = left.Token;
        try
        {
            await LoopAsync();
            return state;
        }
        finally
        {
            places.Leave();
            mailbox.Writer.TryComplete();
            await left.CancelAsync();
            attempts.KillAll();
            await beside.EndAsync();
            await DisposeWakeAsync();
            RefuseTheRest();
        }
    }

    private async Task LoopAsync()
    {
        var turn = new Turn(this);
        while (true)
        {
            turn.LookAtClock();
            while (mailbox.Reader.TryRead(out var message))
            {
                turn.Take(message);
            }

            await turn.PrepareQuicklyAsync();
            var starts = await turn.CommitWithStartsAsync();
            places.GiveBack();

            turn.AnswerAll();
            foreach (var start in starts)
            {
                Launch(start);
            }

            if (state.IsEnded || (interrupted && state.InFlight.IsEmpty))
            {
                return;
            }

            DoEffects();
            listener.OnWaiting(state, preparing.Count + expanding.Count > 0);
            await mailbox.Reader.WaitToReadAsync();
        }
    }

    private void DoEffects()
    {
        foreach (var effect in RunMachine.Effects(state))
        {
            switch (effect)
            {
                case StopAttempt stop when stopped.Add(stop.Attempt):
                    attempts.Stop(stop.Attempt);
                    break;
                case PrepareTask prepare when !interrupted && preparing.Add(prepare.Task):
                    var (task, at) = (prepare.Task, state);
                    beside.Add(async () => Post(await preparer.PrepareAsync(at, task, leaving)));
                    break;
                case ExpandTask expand when !interrupted && asked.GetValueOrDefault(expand.Task) != expand && expanding.Add(expand.Task):
                    // One question at a time, and the same one only once: its answer cannot have changed.
                    asked[expand.Task] = expand;
                    Expand(expand.Task, state);
                    break;
                case WakeAt wish:
                    SetWake(wish.Time);
                    break;
                case DispatchWork:
                    // Starts were planned before the commit; what is left here found no place and is asked for again when one comes free.
                    return;
                default:
                    break;
            }
        }
    }

    private void Expand(int task, RunState at) => beside.Add(async () =>
    {
        var answer = await preparer.ExpandAsync(at, task, leaving);
        FaultPoints.Reached("items-found");
        mailbox.Writer.TryWrite(new Message(answer) { Expanded = task });
    });

    private void Launch(Start start)
    {
        var at = state;
        beside.Add(async () =>
        {
            FaultPoints.Reached("attempt-launched");
            try
            {
                var result = await attempts.RunAsync(at, start.Key, start.Work, start.Attempt, (fraction, message) => Report(start.Key, start.Attempt, fraction, message));
                FaultPoints.Reached("attempt-ended");
                mailbox.Writer.TryWrite(new Message(End(start.Attempt, result)) { Facts = result.Facts });
            }
            finally
            {
                places.Release(start.Lane);
            }
        });
    }

    private void Report(TaskKey key, AttemptId attempt, double? fraction, string? message)
    {
        listener.OnProgress(key, fraction, message);
        progress(state.NameOf(key), key, attempt, fraction, message);
    }

    private RunCommand End(AttemptId attempt, AttemptResult result) => result switch
    {
        AttemptResult.Succeeded done => new CompleteAttempt(attempt, done.Outputs.ToImmutableDictionary()),
        AttemptResult.Failed { Failure: { Kind: FailureKind.Infrastructure } failure } => new LoseAttempt(attempt, failure),
        AttemptResult.Failed failed => new RejectAttempt(attempt, failed.Failure, random.NextDouble()),
        AttemptResult.Cancelled when interrupted => new LoseAttempt(attempt, RuntimeFailures.Interrupted(), Counts: false),
        AttemptResult.Cancelled => new AcknowledgeStop(attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "not the end of an attempt"),
    };

    private void Post(RunCommand? command)
    {
        if (command is not null)
        {
            mailbox.Writer.TryWrite(new Message(command));
        }
    }

    /// <summary>Something that the run waited for may be free now.</summary>
    private void Wake() => mailbox.Writer.TryWrite(Message.Look);

    private void SetWake(DateTimeOffset at)
    {
        if (wakeAt == at)
        {
            return;
        }

        wakeAt = at;
        wake?.Dispose();
        var due = at - time.GetUtcNow();
        due = due < TimeSpan.Zero ? TimeSpan.Zero : due > LongestNap ? LongestNap : due;
        wake = time.CreateTimer(_ => mailbox.Writer.TryWrite(Message.TimePassed), null, due, Timeout.InfiniteTimeSpan);
    }

    private async Task DisposeWakeAsync()
    {
        if (wake is not null)
        {
            await wake.DisposeAsync();
        }
    }

    private void RefuseTheRest()
    {
        while (mailbox.Reader.TryRead(out var message))
        {
            message.Answer?.TrySetResult("the run is no longer worked on here");
        }
    }

    /// <summary>An attempt that is launched once its start is committed.</summary>
    private sealed record Start(TaskKey Key, TaskWork Work, AttemptId Attempt, Lane Lane);

    /// <summary>What the mailbox carries.</summary>
    private sealed record Message(RunCommand? Command)
    {
        public static Message Interruption { get; } = new(Command: null);

        public static Message Look { get; } = new(Command: null);

        public static Message TimePassed { get; } = new(new AdvanceTime());

        public static Message LeaseLost { get; } = new(Command: null);

        public IReadOnlyList<RecordedFact> Facts { get; init; } = [];

        public RunRequest? Request { get; init; }

        /// <summary>The mapped task that was asked for its next items, which this answers.</summary>
        public int? Expanded { get; init; }

        public TaskCompletionSource<string?>? Answer { get; init; }
    }

    /// <summary>What one turn has gathered and not yet committed.</summary>
    private sealed class Turn(RunCoordinator owner)
    {
        private readonly List<RunEvent> events = [];
        private readonly List<AttemptFacts> facts = [];
        private readonly List<string> requests = [];
        private readonly HashSet<TaskKey> endedTries = [];
        private readonly List<(TaskCompletionSource<string?> Answer, string? Refusal)> answers = [];
        private RunState committed = owner.state;

        public void Take(Message message)
        {
            if (ReferenceEquals(message, Message.Interruption))
            {
                owner.interrupted = true;
                owner.attempts.StopAll();
            }

            if (ReferenceEquals(message, Message.LeaseLost))
            {
                throw new OwnershipLostException(owner.journal.Run);
            }

            if (message.Expanded is { } task)
            {
                owner.expanding.Remove(task);
            }

            if (message.Command is not { } command)
            {
                return;
            }

            if (ReferenceEquals(message, Message.TimePassed))
            {
                // A timer may come early; then the same time must be asked for again.
                FaultPoints.Reached("retry-due");
                owner.wakeAt = null;
            }

            if (message.Request is { } asked && !owner.heard.Add(asked.Id))
            {
                if (message.Answer is { } again)
                {
                    answers.Add((again, null));
                }

                return;
            }

            Forget(command);
            var before = owner.state;
            var decision = RunMachine.Decide(before, command, owner.time.GetUtcNow());
            if (message.Answer is { } answer)
            {
                answers.Add((answer, decision.Refusal));
            }

            if (message.Request is { } request && !before.IsEnded)
            {
                requests.Add(request.Id);
                if (decision.Refusal is { } reason)
                {
                    Accept(RunMachine.Decide(before, new RefuseRequest(request.Id, request.Kind, request.By, reason), owner.time.GetUtcNow()));
                }
            }

            if (decision.Refusal is null)
            {
                // The facts of an attempt that is no longer current are dropped with its result.
                if (message.Facts.Count > 0 && AttemptOf(command) is { } attempt)
                {
                    facts.Add(new AttemptFacts(attempt, before.InFlight[attempt], command is CompleteAttempt, message.Facts));
                }

                Accept(decision);
            }
        }

        /// <summary>Lets the run's timers move along with a clock that was set.</summary>
        public void LookAtClock()
        {
            if (owner.clock.Ask() is var moved && moved != TimeSpan.Zero)
            {
                Accept(RunMachine.Decide(owner.state, new MoveClock(moved), owner.time.GetUtcNow()));
            }
        }

        /// <summary>
        /// Prepares what can be prepared without waiting, so that the end of a task and the start of the next are one commit. Bounded, so that a run with
        /// thousands of ready tasks still hears its mailbox between them.
        /// </summary>
        public async Task PrepareQuicklyAsync()
        {
            if (owner.interrupted)
            {
                return;
            }

            foreach (var task in owner.state.ToPrepare.Take(QuickPage))
            {
                if (owner.preparing.Contains(task) || !owner.preparer.IsQuick(owner.state, task))
                {
                    continue;
                }

                var preparing = owner.preparer.PrepareAsync(owner.state, task, owner.leaving);
                if (preparing.IsCompleted)
                {
                    if (await preparing is { } command)
                    {
                        Accept(RunMachine.Decide(owner.state, command, owner.time.GetUtcNow()));
                    }
                }
                else
                {
                    owner.preparing.Add(task);
                    owner.beside.Add(async () => owner.Post(await preparing));
                }
            }
        }

        /// <summary>
        /// Stores what has happened together with what starts because of it. When a pool turns out to have less room than it seemed, another run having
        /// been faster, nothing was stored: then without what was to start there.
        /// </summary>
        public async Task<List<Start>> CommitWithStartsAsync()
        {
            var full = new HashSet<string>(StringComparer.Ordinal);
            while (true)
            {
                var (before, count) = (owner.state, events.Count);
                var starts = owner.interrupted ? [] : await PlanStartsAsync(full);
                if (events.Count == 0 || await CommitAsync() is not { } pool)
                {
                    return starts;
                }

                full.Add(pool);
                owner.state = before;
                events.RemoveRange(count, events.Count - count);
                starts.ForEach(start => owner.places.Release(start.Lane));
            }
        }

        /// <summary>Takes a place for each thing that may start, and lets the state machine start it.</summary>
        private async Task<List<Start>> PlanStartsAsync(HashSet<string> full)
        {
            var starts = new List<Start>();
            var planned = owner.state;
            var room = planned.Queues.Keys.Any(line => line.Pool is not null) ? await owner.pools.RoomAsync(owner.leaving) : [];
            foreach (var line in planned.Queues.Keys)
            {
                // Of the state with what the lines before have got: the run's own limit is one for all.
                foreach (var work in RunMachine.Startable(owner.state, line))
                {
                    // One commit must not end an attempt of a task and start the next: the store fences by the attempt that was current before it.
                    if (endedTries.Contains(work.Key))
                    {
                        owner.Wake();
                        continue;
                    }

                    if (!HasRoom(planned, line, work.Key, room, full))
                    {
                        owner.pools.WaitFor(owner.Wake);
                        break;
                    }

                    if (!owner.places.TryTake(line.Lane))
                    {
                        break;
                    }

                    var attempt = owner.attempts.NewId();
                    Accept(RunMachine.Decide(owner.state, new StartAttempt(work.Key, attempt), owner.time.GetUtcNow()));
                    starts.Add(new Start(work.Key, work.Work, attempt, line.Lane));
                    if (line.Pool is { } pool)
                    {
                        room[pool] -= SlotsOf(planned, work.Key);
                    }
                }
            }

            return starts;
        }

        private static bool HasRoom(RunState planned, ReadyLine line, TaskKey key, Dictionary<string, int> room, HashSet<string> full) =>
            line.Pool is not { } pool || (!full.Contains(pool) && room.GetValueOrDefault(pool) >= SlotsOf(planned, key));

        private static int SlotsOf(RunState state, TaskKey key) => state.Graph.Nodes[key.Task].Definition.PoolSlots;

        /// <summary>Answers the pool that has no room, or null.</summary>
        private async Task<string?> CommitAsync()
        {
            FaultPoints.Reached("turn-decided");
            if (await owner.journal.CommitAsync(committed, owner.state, events, facts, requests) is { } full)
            {
                return full;
            }

            FaultPoints.Reached(owner.state.IsEnded ? "run-ended" : "turn-committed");

            if (events.Exists(change => change is TaskEvent task && change is not AttemptStarted && owner.state.Graph[task.Task].Definition.Pool is not null))
            {
                owner.pools.Tell();
            }

            owner.listener.OnEvents(owner.state, [.. events]);
            if (events.Any(change => change is TaskMarked or TaskFailed or TaskCancelled))
            {
                owner.attempts.StopOthers(owner.state.InFlight.ContainsKey);
            }

            committed = owner.state;
            events.Clear();
            facts.Clear();
            requests.Clear();
            endedTries.Clear();
            return null;
        }

        public void AnswerAll()
        {
            foreach (var (answer, refusal) in answers)
            {
                answer.TrySetResult(refusal);
            }

            answers.Clear();
        }

        private void Accept(Decision decision)
        {
            owner.state = decision.State;
            events.AddRange(decision.Events);
            foreach (var change in decision.Events)
            {
                if (change is AttemptFailed or AttemptLost && change is TaskEvent failed)
                {
                    endedTries.Add(new TaskKey(owner.state.Graph[failed.Task].Index, failed.Item ?? TaskKey.Whole));
                }
            }
        }

        /// <summary>An effect that was answered may be asked for again.</summary>
        private void Forget(RunCommand command)
        {
            switch (command)
            {
                case QueueWork queue: owner.preparing.Remove(queue.Key.Task); break;
                case ReuseResult reuse: owner.preparing.Remove(reuse.Key.Task); break;
                case SkipTask skip: owner.preparing.Remove(skip.Key.Task); break;
                case SuspendTask suspend: owner.preparing.Remove(suspend.Key.Task); break;
                case FailTask fail: owner.preparing.Remove(fail.Key.Task); break;
                default: break;
            }
        }

        private static AttemptId? AttemptOf(RunCommand command) => command switch
        {
            CompleteAttempt complete => complete.Attempt,
            RejectAttempt reject => reject.Attempt,
            _ => null,
        };
    }
}

/// <summary>The facts that an attempt left.</summary>
internal sealed record AttemptFacts(AttemptId Attempt, TaskKey Key, bool Succeeded, IReadOnlyList<RecordedFact> Facts);
