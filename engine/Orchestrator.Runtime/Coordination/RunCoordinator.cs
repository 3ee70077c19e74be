using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The shell around one run: one mailbox, read by one loop. Each turn takes what has arrived, lets the state machine decide, commits the events with all
/// they change in one transaction, and only then does what the new state asks for. Everything slow runs beside the loop and answers through the mailbox.
/// </summary>
internal sealed class RunCoordinator
{
    private readonly RunJournal journal;
    private readonly TaskPreparer preparer;
    private readonly AttemptRunner attempts;
    private readonly LanePlaces places;
    private readonly IRunListener listener;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly Action<TaskName, TaskKey, AttemptId, double?, string?> progress;
    private readonly Channel<Message> mailbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<int> preparing = [];
    private readonly Dictionary<int, ExpandTask> asked = [];
    private readonly HashSet<int> expanding = [];
    private readonly HashSet<AttemptId> stopped = [];
    private readonly List<Task> beside = [];
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
        places = parts.Places;
        time = parts.Time;
        random = parts.Random;
    }

    /// <summary>Sends a command from outside. Answers why it was refused, or null.</summary>
    /// <param name="request">The stored request that asks for it; closed with the commit.</param>
    public Task<string?> SendAsync(RunCommand command, string? request = null)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return mailbox.Writer.TryWrite(new Message(command) { Answer = answer, Request = request }) ? answer.Task : Task.FromResult<string?>("the run is no longer worked on here");
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
        places.Freed += Nudge;
        try
        {
            await LoopAsync();
            return state;
        }
        finally
        {
            places.Freed -= Nudge;
            mailbox.Writer.TryComplete();
            await left.CancelAsync();
            attempts.KillAll();
            await Task.WhenAll(beside);
            await DisposeWakeAsync();
            RefuseTheRest();
        }
    }

    private async Task LoopAsync()
    {
        var turn = new Turn(this);
        while (true)
        {
            while (mailbox.Reader.TryRead(out var message))
            {
                turn.Take(message);
            }

            var starts = interrupted ? [] : turn.PlanStarts();
            if (turn.HasEvents)
            {
                await turn.CommitAsync();
            }

            turn.AnswerAll();
            foreach (var (key, work, attempt) in starts)
            {
                Launch(key, work, attempt);
            }

            if (state.IsEnded || (interrupted && state.InFlight.IsEmpty))
            {
                return;
            }

            DoEffects();
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
                    Beside(PrepareAsync(prepare.Task, state));
                    break;
                case ExpandTask expand when !interrupted && asked.GetValueOrDefault(expand.Task) != expand && expanding.Add(expand.Task):
                    // One question at a time, and the same one only once: its answer cannot have changed.
                    asked[expand.Task] = expand;
                    Beside(ExpandAsync(expand.Task, state));
                    break;
                case WakeAt at:
                    SetWake(at.Time);
                    break;
                case DispatchWork:
                    // Starts were planned before the commit; what is left here found no place and is asked for again when one comes free.
                    return;
                default:
                    break;
            }
        }
    }

    private async Task PrepareAsync(int task, RunState at)
    {
        await Task.Yield();
        Post(await preparer.PrepareAsync(at, task, leaving));
    }

    private async Task ExpandAsync(int task, RunState at)
    {
        await Task.Yield();
        mailbox.Writer.TryWrite(new Message(await preparer.ExpandAsync(at, task, leaving)) { Expanded = task });
    }

    private void Launch(TaskKey key, TaskWork work, AttemptId attempt)
    {
        var lane = preparer.LaneOf(work);
        Beside(RunAttemptAsync());

        async Task RunAttemptAsync()
        {
            await Task.Yield();
            try
            {
                var result = await attempts.RunAsync(state, key, work, attempt, (fraction, message) => Report(key, attempt, fraction, message));
                mailbox.Writer.TryWrite(new Message(End(attempt, result)) { Facts = result.Facts });
            }
            finally
            {
                places.Release(lane);
            }
        }
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

    private void Nudge() => mailbox.Writer.TryWrite(Message.PlaceFreed);

    /// <summary>Owns work that goes on beside the loop: it is awaited before the run is left.</summary>
    private void Beside(Task work)
    {
        beside.RemoveAll(one => one.IsCompletedSuccessfully);
        beside.Add(work);
    }

    private void SetWake(DateTimeOffset at)
    {
        if (wakeAt == at)
        {
            return;
        }

        wakeAt = at;
        wake?.Dispose();
        var due = at - time.GetUtcNow();
        wake = time.CreateTimer(_ => mailbox.Writer.TryWrite(Message.TimePassed), null, due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
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

    /// <summary>What the mailbox carries.</summary>
    private sealed record Message(RunCommand? Command)
    {
        public static Message Interruption { get; } = new(Command: null);

        public static Message PlaceFreed { get; } = new(Command: null);

        public static Message TimePassed { get; } = new(new AdvanceTime());

        public static Message LeaseLost { get; } = new(Command: null);

        public IReadOnlyList<RecordedFact> Facts { get; init; } = [];

        public string? Request { get; init; }

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

        public bool HasEvents => events.Count > 0;

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
                // A timer may come a moment early; then the same time must be asked for again.
                owner.wakeAt = null;
            }

            Forget(command);
            var before = owner.state;
            var decision = RunMachine.Decide(before, command, owner.time.GetUtcNow());
            if (message.Answer is { } answer)
            {
                answers.Add((answer, decision.Refusal));
            }

            if (decision.Refusal is null)
            {
                if (message.Request is { } request)
                {
                    requests.Add(request);
                }

                // The facts of an attempt that is no longer current are dropped with its result.
                if (message.Facts.Count > 0 && AttemptOf(command) is { } attempt)
                {
                    facts.Add(new AttemptFacts(attempt, before.InFlight[attempt], command is CompleteAttempt, message.Facts));
                }

                Accept(decision);
            }
        }

        /// <summary>Takes a place for each thing that may start, and lets the state machine start it.</summary>
        public List<(TaskKey Key, TaskWork Work, AttemptId Attempt)> PlanStarts()
        {
            var starts = new List<(TaskKey, TaskWork, AttemptId)>();
            var full = new HashSet<Lane>();
            foreach (var work in RunMachine.Effects(owner.state).OfType<DispatchWork>().ToArray())
            {
                // One commit must not end an attempt of a task and start the next: the store fences by the attempt that was current before it.
                if (endedTries.Contains(work.Key))
                {
                    owner.Nudge();
                    continue;
                }

                var lane = owner.preparer.LaneOf(work.Work);
                if (full.Contains(lane) || !owner.places.TryTake(lane))
                {
                    full.Add(lane);
                    continue;
                }

                var attempt = owner.attempts.NewId();
                Accept(RunMachine.Decide(owner.state, new StartAttempt(work.Key, attempt), owner.time.GetUtcNow()));
                starts.Add((work.Key, work.Work, attempt));
            }

            return starts;
        }

        public async Task CommitAsync()
        {
            await owner.journal.CommitAsync(committed, owner.state, events, facts, requests);
            owner.listener.OnEvents(owner.state, [.. events]);
            committed = owner.state;
            events.Clear();
            facts.Clear();
            requests.Clear();
            endedTries.Clear();
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
            endedTries.UnionWith(decision.Events.OfType<TaskEvent>()
                .Where(change => change is AttemptFailed or AttemptLost)
                .Select(change => new TaskKey(owner.state.Graph[change.Task].Index, change.Item ?? TaskKey.Whole)));
        }

        /// <summary>An effect that was answered may be asked for again.</summary>
        private void Forget(RunCommand command)
        {
            switch (command)
            {
                case QueueWork queue: owner.preparing.Remove(queue.Key.Task); break;
                case ReuseResult reuse: owner.preparing.Remove(reuse.Key.Task); break;
                case SkipTask skip: owner.preparing.Remove(skip.Key.Task); break;
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
