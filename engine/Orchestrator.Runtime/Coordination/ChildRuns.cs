using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Faults;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>
/// The child runs of one run. To the state machine a child is what an attempt's work is to a lane, so retries, limits, timeouts, stops and crashes need no rules of
/// their own. Its id is stored with the start of the attempt, before there is such a run: an attempt that follows a lost one finds the same id and goes on with the
/// same run, so no crash makes two.
/// </summary>
internal sealed class ChildRuns(Engine engine, EngineParts parts, RunSetting parent)
{
    /// <summary>How often a child that another process works on is looked at.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<AttemptId, UnderWay> underWay = new();
    private IRunListener? listener;
    private Func<bool> leaving = () => false;

    public RunId NewId() => Ids.NewRun(parts.Time);

    /// <param name="heard">Who hears of the parent.</param>
    /// <param name="isLeaving">True once the parent is left to be resumed later: then its children are, too.</param>
    public void Attend(IRunListener heard, Func<bool> isLeaving) => (listener, leaving) = (heard, isLeaving);

    /// <summary>Sees one attempt's child to its end. Whatever goes wrong is a result.</summary>
    public async Task<AttemptResult> RunAsync(RunState state, TaskKey key, AttemptId attempt, Action<double?, string?> onProgress)
    {
        var child = state[key].Child ?? throw new InvalidOperationException("A child run without an id.");
        var one = new UnderWay(child, parts);
        underWay[attempt] = one;
        try
        {
            var limit = state.Graph.Nodes[key.Task].Definition.Timeout;
            using var timer = limit is { } time ? parts.Time.CreateTimer(_ => one.Cancel("its timeout", late: true), null, time, Timeout.InfiniteTimeSpan) : null;
            var end = await SeeToItsEndAsync(one, StartOf(state, key, child), onProgress);
            return end switch
            {
                { Status: RunStatus.Succeeded } => new AttemptResult.Succeeded(OutputsOf(end)),
                { IsEnded: false } => new AttemptResult.Cancelled(),
                { Status: RunStatus.Cancelled } when one.IsLate => new AttemptResult.Failed(RuntimeFailures.ChildTimeout(child, limit ?? TimeSpan.Zero)),
                { Status: RunStatus.Cancelled } when one.IsStopping => new AttemptResult.Cancelled(),
                _ => new AttemptResult.Failed(RuntimeFailures.OfChild(child, end)),
            };
        }
        catch (Exception error)
        {
            return leaving() ? new AttemptResult.Cancelled() : new AttemptResult.Failed(RuntimeFailures.Of(error));
        }
        finally
        {
            underWay.TryRemove(attempt, out _);
        }
    }

    /// <summary>Cancels the child of an attempt. It may take its time: its tasks on exit clean up.</summary>
    public void Stop(AttemptId attempt)
    {
        if (underWay.TryGetValue(attempt, out var one))
        {
            one.Cancel($"its parent, run {parent.Run}", late: false);
        }
    }

    /// <summary>Cancels children whose task has ended without them.</summary>
    public void StopOthers(Func<AttemptId, bool> isCurrent)
    {
        foreach (var attempt in underWay.Keys.Where(attempt => !isCurrent(attempt)))
        {
            Stop(attempt);
        }
    }

    /// <summary>Leaves all children, for whoever resumes the parent.</summary>
    public void InterruptAll()
    {
        foreach (var one in underWay.Values)
        {
            one.Leave(kill: false);
        }
    }

    /// <summary>The same, and what is under way in them comes to its end first.</summary>
    public void DrainAll()
    {
        foreach (var one in underWay.Values)
        {
            one.Drain();
        }
    }

    public void KillAll()
    {
        foreach (var one in underWay.Values)
        {
            one.Leave(kill: true);
        }
    }

    /// <summary>A parent that is held holds its children.</summary>
    public void Follow(RunEvent change)
    {
        foreach (var one in change is RunPaused or RunResumed ? underWay.Values : [])
        {
            one.Hold(change is RunPaused paused ? WithParent(paused.By) : null, change is RunResumed resumed ? resumed.By : "");
        }
    }

    /// <summary>Who paused a child, so that whoever goes on with its parent later knows that nobody meant the child alone.</summary>
    private static string WithParent(string by) => $"{by}, with its parent";

    /// <summary>Works on the child, or waits for the process that does, until it has ended or is left.</summary>
    private async Task<RunState> SeeToItsEndAsync(UnderWay one, RunStart start, Action<double?, string?> onProgress)
    {
        var heard = new ChildListener(one.Child, listener?.ForChild(one.Child), onProgress);
        while (true)
        {
            var stored = await parts.Runs.FindAsync(one.Child, CancellationToken.None);
            if (stored is { EndedAt: not null } || one.IsLeft)
            {
                return await ReplayAsync(one.Child, start);
            }

            if (stored is null)
            {
                FaultPoints.Reached("child-begun");
            }

            try
            {
                var handle = stored is null
                    ? await engine.StartAsync(start, heard, CancellationToken.None)
                    : await engine.ResumeAsync(one.Child, heard, CancellationToken.None);
                if (stored?.Status == RunWords.Of(RunStatus.Paused) && (await ReplayAsync(one.Child, start)).Paused is { } pause && pause.By == WithParent(pause.By.Split(',')[0]))
                {
                    // Its parent goes on, or there would be no attempt.
                    _ = handle.SendAsync(new ResumeRun(pause.By));
                }

                one.Attach(handle);
                var state = await handle.Completion;
                one.Detach();
                if (state.IsEnded)
                {
                    FaultPoints.Reached("child-ended");
                }

                if (state.IsEnded || one.IsLeft)
                {
                    return state;
                }
            }
            catch (OwnershipLostException)
            {
                // Another process has the child now; it is watched like any that somebody else works on.
                one.Detach();
            }
            catch (ActivityException held) when (held.Failure.Code is "ORC5241" or "ORC5242")
            {
                // It has ended meanwhile, or somebody else works on it.
            }

            await one.WaitAsync(Look);
        }
    }

    private async Task<RunState> ReplayAsync(RunId child, RunStart start)
    {
        var loaded = await parts.Runs.LoadAsync(child, CancellationToken.None);
        return loaded is null ? RunState.Empty(new Core.Graph.PipelineGraph(start.Pipeline)) : await RunHistory.ReplayAsync(parts.Runs, loaded, parts.ReadDefinition, CancellationToken.None);
    }

    private RunStart StartOf(RunState state, TaskKey key, RunId child)
    {
        var pipeline = state.Graph.Nodes[key.Task].Sub ?? throw new InvalidOperationException("A child run without a pipeline.");
        return new RunStart
        {
            Pipeline = pipeline,
            Definition = new StoredDefinition
            {
                Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = parts.Time.GetUtcNow(),
            },
            Params = ((Running)state[key]).Work.Inputs,
            BaseDirectory = parent.BaseDirectory,
            // The time that a run is for is the time of the work that it hands on.
            Trigger = state.Trigger,
            Parent = parent.Run,
            Child = child,
        };
    }

    private static ImmutableDictionary<string, JsonElement> OutputsOf(RunState end) =>
        end.Graph.Contains(RunState.OutputsTask) && end[RunState.OutputsTask] is Ended { Outcome: TaskOutcome.Succeeded } outputs ? outputs.Outputs : [];

    /// <summary>One child, from its attempt's start to its end, whoever works on it.</summary>
    private sealed class UnderWay(RunId child, EngineParts parts)
    {
        private readonly Lock gate = new();
        private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private RunHandle? handle;
        private string? cancelledBy;
        private string? heldBy;
        private bool killed;

        public RunId Child { get; } = child;

        public bool IsLeft => left.Task.IsCompleted;

        public bool IsStopping => cancelledBy is not null;

        /// <summary>True when its time was over.</summary>
        public bool IsLate { get; private set; }

        public void Attach(RunHandle begun)
        {
            lock (gate)
            {
                handle = begun;
                if (heldBy is { } holder)
                {
                    _ = begun.SendAsync(new PauseRun(holder));
                }

                if (cancelledBy is { } by)
                {
                    _ = begun.SendAsync(new CancelRun(by));
                }

                if (IsLeft)
                {
                    begun.Interrupt();
                }

                if (killed)
                {
                    begun.Kill();
                }
            }
        }

        public void Detach()
        {
            lock (gate)
            {
                handle = null;
            }
        }

        public void Cancel(string by, bool late)
        {
            lock (gate)
            {
                if (cancelledBy is not null)
                {
                    return;
                }

                (cancelledBy, IsLate) = (by, late);
            }

            Send(new CancelRun(by), "cancel", by);
        }

        /// <summary>Pauses the child, or with null lets it go on.</summary>
        public void Hold(string? holder, string resumedBy)
        {
            lock (gate)
            {
                heldBy = holder;
            }

            Send(holder is null ? new ResumeRun(resumedBy) : new PauseRun(holder), holder is null ? "resume" : "pause", holder ?? resumedBy);
        }

        /// <summary>To the child here, or to the process that works on it.</summary>
        public void Send(RunCommand command, string kind, string by)
        {
            lock (gate)
            {
                if (handle is { } here)
                {
                    _ = here.SendAsync(command);
                    return;
                }
            }

            _ = parts.Runs.AddRequestAsync(new RunRequest { Id = Ids.New(parts.Time), RunId = Child, Kind = kind, By = by, At = parts.Time.GetUtcNow() }, CancellationToken.None);
        }

        public void Drain()
        {
            left.TrySetResult();
            lock (gate)
            {
                handle?.Drain();
            }
        }

        public void Leave(bool kill)
        {
            left.TrySetResult();
            lock (gate)
            {
                killed |= kill;
                handle?.Interrupt();
                if (kill)
                {
                    handle?.Kill();
                }
            }
        }

        public async Task WaitAsync(TimeSpan time) => await Task.WhenAny(left.Task, Task.Delay(time, parts.Time));
    }

    /// <summary>Tells the parent how far its child is, and a test's driver all else.</summary>
    private sealed class ChildListener(RunId child, IRunListener? inner, Action<double?, string?> onProgress) : IRunListener
    {
        public void OnBegin(RunId run, RunState state) => inner?.OnBegin(run, state);

        public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
        {
            inner?.OnEvents(state, events);
            var all = state.Graph.Nodes.Length;
            onProgress((double)(all - state.Open) / all, $"child run {child}: {all - state.Open} of {all} tasks have ended");
        }

        public void OnWaiting(RunState state, bool looking) => inner?.OnWaiting(state, looking);

        public IRunListener? ForChild(RunId grandchild) => inner?.ForChild(grandchild);

        public void OnProgress(TaskKey key, double? fraction, string? message) => inner?.OnProgress(key, fraction, message);
    }
}
