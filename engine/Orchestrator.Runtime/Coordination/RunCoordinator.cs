using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Storage.Faults;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The shell around one run: one mailbox, read by one loop. Each turn takes what has arrived, lets the state machine decide, commits the events with all
/// they change in one transaction, and only then does what the new state asks for. Everything slow runs beside the loop and answers through the mailbox.
/// </summary>
internal sealed partial class RunCoordinator
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
    private readonly ChildRuns children;
    private readonly LanePlaces.Claimant places;
    private readonly PoolWatch pools;
    private readonly KeyWatch keys;
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
        children = parts.Children;
        children.Attend(listener, () => interrupted);
        places = parts.Places.Join(Wake);
        pools = parts.Pools;
        keys = parts.Keys;
        time = parts.Time;
        random = parts.Random;
        clock = new ClockWatch(parts.Time);
    }

    /// <summary>Sends a command from outside. Answers why it was refused, or null.</summary>
    public Task<string?> SendAsync(RunCommand command) => SendAsync(new Message(command));

    /// <summary>Sends what a stored request asks for; it is closed with the commit, also when it was refused. One that was sent before is passed over.</summary>
    /// <param name="command">What <see cref="RequestReader"/> made of it.</param>
    public Task<string?> SendAsync(RunRequest request, RunCommand command) => SendAsync(new Message(command) { Request = request });

    private Task<string?> SendAsync(Message message)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return mailbox.Writer.TryWrite(message with { Answer = answer }) ? answer.Task : Task.FromResult<string?>("the run is no longer worked on here");
    }

    /// <summary>Asks all attempts to stop and leaves the run unfinished, to be resumed later.</summary>
    public void Interrupt() => mailbox.Writer.TryWrite(Message.Interruption);

    /// <summary>Starts nothing more, lets attempts come to their end, and leaves the run unfinished, to be resumed later.</summary>
    public void Drain() => mailbox.Writer.TryWrite(Message.Draining);

    /// <summary>After <see cref="Interrupt"/>: ends the attempts now.</summary>
    public void Kill()
    {
        attempts.KillAll();
        children.KillAll();
    }

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
            keys.Forget(journal.Run);
            await LeavePoolsAsync();
            mailbox.Writer.TryComplete();
            await left.CancelAsync();
            attempts.KillAll();
            children.KillAll();
            await beside.EndAsync();
            await DisposeWakeAsync();
            RefuseTheRest();
        }
    }

    /// <summary>Its places would be forgotten by themselves, but those behind it would wait for that.</summary>
    private async Task LeavePoolsAsync()
    {
        try
        {
            await pools.LeaveAsync(journal.Run, CancellationToken.None);
        }
        catch (Storage.Databases.StorageException)
        {
            // What ended the run's work may be that the store fails.
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
                if (message.Command is MigrateRun)
                {
                    await turn.MigrateAsync(message);
                }
                else
                {
                    turn.Take(message);
                }
            }

            await turn.AdmitAsync();
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
                    children.Stop(stop.Attempt);
                    break;
                case PrepareTask prepare when !interrupted && preparing.Add(prepare.Task):
                    var (task, at) = (prepare.Task, state);
                    beside.Add(async () => Post(await preparer.PrepareAsync(at, task, leaving), at.Graph));
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
        mailbox.Writer.TryWrite(new Message(answer) { Expanded = task, Graph = at.Graph });
    });

    private void Launch(Start start)
    {
        var at = state;
        Action<Func<Task>> add = start.Lane == Lane.Inline ? beside.AddHere : beside.Add;
        add(async () =>
        {
            FaultPoints.Reached("attempt-launched");
            try
            {
                void OnProgress(double? fraction, string? message) => Report(start.Attempt, fraction, message);
                var result = start.Work.Lane == Lane.Child
                    ? await children.RunAsync(at, start.Key, start.Attempt, OnProgress)
                    : await attempts.RunAsync(at, start.Key, start.Work, start.Attempt, OnProgress);
                FaultPoints.Reached("attempt-ended");
                givenUp.TryRemove(start.Attempt, out _);
                mailbox.Writer.TryWrite(new Message(End(start.Attempt, result)) { Facts = result.Facts });
            }
            finally
            {
                places.Release(start.Lane);
            }
        });
    }

    private void Report(AttemptId attempt, double? fraction, string? message)
    {
        var now = state;
        if (now.InFlight.TryGetValue(attempt, out var key))
        {
            listener.OnProgress(key, fraction, message);
            progress(now.NameOf(key), key, attempt, fraction, message);
        }
    }

    private RunCommand End(AttemptId attempt, AttemptResult result) => result switch
    {
        AttemptResult.Succeeded done => new CompleteAttempt(attempt, done.Outputs.ToImmutableDictionary()),
        AttemptResult.Failed { Failure: { Kind: FailureKind.Infrastructure } failure } => new LoseAttempt(attempt, failure),
        AttemptResult.Failed { Failure: { Skips: true } nothing } => new SkipAttempt(attempt, nothing.Message),
        AttemptResult.Failed failed => new RejectAttempt(attempt, failed.Failure, random.NextDouble()),
        AttemptResult.Cancelled when interrupted => new LoseAttempt(attempt, RuntimeFailures.Interrupted(), Counts: false),
        AttemptResult.Cancelled => new AcknowledgeStop(attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "not the end of an attempt"),
    };

    private void Post(RunCommand? command, PipelineGraph graph)
    {
        if (command is not null)
        {
            mailbox.Writer.TryWrite(new Message(command) { Graph = graph });
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

        public static Message Draining { get; } = new(Command: null);

        public static Message Look { get; } = new(Command: null);

        public static Message TimePassed { get; } = new(new AdvanceTime());

        public static Message LeaseLost { get; } = new(Command: null);

        public IReadOnlyList<RecordedFact> Facts { get; init; } = [];

        public RunRequest? Request { get; init; }

        /// <summary>The graph whose indices the command speaks of; null: it speaks of names and attempts.</summary>
        public PipelineGraph? Graph { get; init; }

        /// <summary>The mapped task that was asked for its next items, which this answers.</summary>
        public int? Expanded { get; init; }

        public TaskCompletionSource<string?>? Answer { get; init; }
    }
}

/// <summary>The facts that an attempt left.</summary>
internal sealed record AttemptFacts(AttemptId Attempt, TaskKey Key, bool Succeeded, IReadOnlyList<RecordedFact> Facts);
