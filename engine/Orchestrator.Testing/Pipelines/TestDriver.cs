using System.Threading.Channels;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Testing.Pipelines;

/// <summary>
/// Drives one run of a test: hears what the coordinator does, and when nothing can happen any more before some time comes, lets that time come.
/// </summary>
internal sealed class TestDriver(TestClock clock, LaneLedger ledger, IEnumerable<(string Task, RunCommand Command)> after, IEnumerable<RunCommand> whenWaiting) : IRunListener
{
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock gate = new();
    private readonly List<RunEvent> events = [];
    private readonly List<(string Task, RunCommand Command)> due = [.. after];
    private readonly Queue<RunCommand> asked = new(whenWaiting);
    private readonly List<(RunCommand Command, Task<string?> Answer)> sent = [];
    private RunHandle? run;
    private readonly Dictionary<RunId, ChildWatch> children = [];
    private RunState? state;
    private bool looking = true;

    public IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (gate)
            {
                return [.. events];
            }
        }
    }

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        lock (gate)
        {
            this.state = state;
            looking = true;
            this.events.AddRange(events);
            SendWhatIsDue();
        }

        signal.Writer.TryWrite(true);
    }

    public void OnWaiting(RunState state, bool looking)
    {
        lock (gate)
        {
            this.state = state;
            this.looking = looking;
        }

        signal.Writer.TryWrite(true);
    }

    public void OnProgress(TaskKey key, double? fraction, string? message)
    {
    }

    /// <summary>A child run is driven by the same clock; its events are its own.</summary>
    public IRunListener ForChild(RunId child)
    {
        lock (gate)
        {
            return children[child] = new ChildWatch(this);
        }
    }

    /// <summary>Drives the run until it has ended, or until only somebody outside could go on with it: then it is left as it is.</summary>
    public async Task<RunState> DriveAsync(RunHandle run, TimeSpan patience)
    {
        clock.Changed += Tell;
        ledger.Changed += Tell;
        lock (gate)
        {
            this.run = run;
            SendWhatIsDue();
        }

        ledger.Begin();
        using var limit = new CancellationTokenSource(patience, TimeProvider.System);
        try
        {
            while (!run.Completion.IsCompleted)
            {
                var signalled = signal.Reader.WaitToReadAsync(limit.Token).AsTask();
                await Task.WhenAny(run.Completion, signalled);
                if (signalled.IsCanceled)
                {
                    throw Hangs(patience);
                }

                if (signalled.IsCompleted)
                {
                    signal.Reader.TryRead(out _);
                    await StepAsync(run);
                }
            }

            var end = await run.Completion;
            await CheckAnswersAsync();
            return end;
        }
        finally
        {
            clock.Changed -= Tell;
            ledger.Changed -= Tell;
            run.Interrupt();
            run.Kill();
        }
    }

    private void Tell() => signal.Writer.TryWrite(true);

    private async Task StepAsync(RunHandle run)
    {
        RunState now;
        lock (gate)
        {
            if (looking || state is null)
            {
                return;
            }

            now = state;
            if (children.Values.Any(child => child.IsLooking))
            {
                return;
            }
        }

        if (now.IsEnded || !IsStill(now))
        {
            return;
        }

        var states = Below(now).ToArray();
        var times = states.SelectMany(one => new[] { RunMachine.Effects(one).OfType<WakeAt>().Select(wake => (DateTimeOffset?)wake.Time).FirstOrDefault(), clock.NextOf([.. one.InFlight.Keys]), NextOfChildren(one) });
        if (times.Min() is { } next)
        {
            clock.AdvanceTo(next);
        }
        else if (asked.TryDequeue(out var wish))
        {
            await SendAsync(run, wish);
        }
        else
        {
            run.Interrupt();
        }
    }

    /// <summary>
    /// Sends the commands whose task has ended. Called on the run's own turn, so that a command is taken before anything that its task's end leads to.
    /// </summary>
    private void SendWhatIsDue()
    {
        if (run is not { } handle || state is not { } now)
        {
            return;
        }

        foreach (var one in due.Where(one => now[new TaskName(one.Task)] is Ended).ToArray())
        {
            due.Remove(one);
            sent.Add((one.Command, handle.SendAsync(one.Command)));
        }
    }

    private async Task CheckAnswersAsync()
    {
        (RunCommand Command, Task<string?> Answer)[] all;
        lock (gate)
        {
            all = [.. sent];
        }

        foreach (var (command, answer) in all)
        {
            Check(command, await answer);
        }
    }

    private static async Task SendAsync(RunHandle run, RunCommand command) => Check(command, await run.SendAsync(command));

    private static void Check(RunCommand command, string? refusal)
    {
        if (refusal is not null)
        {
            throw new PipelineTestException($"the run refused {command.GetType().Name}: {refusal}");
        }
    }

    private PipelineTestException Hangs(TimeSpan patience)
    {
        lock (gate)
        {
            var reasons = state is null ? [] : WaitReasons.Of(state).Select(reason => $"  {reason.Task}: {reason.Message}");
            return new PipelineTestException($"the run did not end within {patience.TotalSeconds:0} s of real time; it waits:\n{string.Join('\n', reasons)}");
        }
    }

    /// <summary>True when nothing happens in a run or its children before some time comes.</summary>
    private bool IsStill(RunState now) =>
        !RunMachine.Effects(now).OfType<DispatchWork>().Any() && now.InFlight.All(attempt => now[attempt.Value].Child is { } child ? StateOf(child) is { IsEnded: false } below && IsStill(below) : ledger.IsAsleep(attempt.Key));

    /// <summary>When the first child's time is over; no fake waits for that.</summary>
    private static DateTimeOffset? NextOfChildren(RunState now) => now.InFlight.Values
        .Select(key => now[key] is Running { Child: not null, Stopping: false } running && now.Graph.Nodes[key.Task].Definition.Timeout is { } limit ? running.Since + limit : (DateTimeOffset?)null).Min();

    /// <summary>A run and the children under way below it.</summary>
    private IEnumerable<RunState> Below(RunState now) =>
        now.InFlight.Values.Select(key => now[key].Child).OfType<RunId>().Select(StateOf).OfType<RunState>().SelectMany(Below).Prepend(now);

    private RunState? StateOf(RunId child)
    {
        lock (gate)
        {
            return children.GetValueOrDefault(child)?.State;
        }
    }

    /// <summary>Hears of a child run.</summary>
    private sealed class ChildWatch(TestDriver driver) : IRunListener
    {
        public RunState? State { get; private set; }

        /// <summary>True while more will come by itself.</summary>
        public bool IsLooking { get; private set; } = true;

        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events) => Note(state, looking: !state.IsEnded);

        public void OnWaiting(RunState state, bool looking) => Note(state, looking);

        public void OnProgress(TaskKey key, double? fraction, string? message)
        {
        }

        public IRunListener ForChild(RunId child) => driver.ForChild(child);

        private void Note(RunState state, bool looking)
        {
            lock (driver.gate)
            {
                (State, IsLooking) = (state, looking);
            }

            driver.Tell();
        }
    }
}
