using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>One command being taken: the state so far and the events that led to it.</summary>
internal sealed partial class RunTurn(RunState state, DateTimeOffset now)
{
    private readonly ImmutableArray<RunEvent>.Builder events = ImmutableArray.CreateBuilder<RunEvent>();
    private readonly Queue<int> ended = new();

    public RunState State { get; private set; } = state;

    public ImmutableArray<RunEvent> Events => events.ToImmutable();

    /// <summary>Answers why not, or null.</summary>
    public string? Take(RunCommand command)
    {
        var refusal = command switch
        {
            AcceptRun accept => Accept(accept),
            QueueWork queue => While<Preparing>(queue.Key, _ => Emit(new TaskPrepared { At = now, Task = Name(queue.Key), Work = queue.Work })),
            ReuseResult reuse => While<Preparing>(reuse.Key, _ => Emit(new TaskReused { At = now, Task = Name(reuse.Key), From = reuse.From, Outputs = reuse.Outputs })),
            SkipTask skip => While<Preparing>(skip.Key, _ => Emit(new TaskSkipped { At = now, Task = Name(skip.Key), Reason = skip.Reason })),
            SuspendTask suspend => While<Preparing>(suspend.Key, _ => Emit(new TaskSuspended { At = now, Task = Name(suspend.Key), Work = suspend.Work, Question = suspend.Question })),
            CollectOutputs collect => While<Preparing>(collect.Key, _ => Emit(new TaskCollected { At = now, Task = Name(collect.Key), Outputs = collect.Outputs })),
            FailTask fail => Fail(fail),
            IssueItems issue => While<Mapping>(new TaskKey(issue.Question.Task), mapping => Issue(issue, mapping)),
            StartAttempt start => Start(start),
            CompleteAttempt complete => WithAttempt(complete.Attempt, (key, _) => Emit(new AttemptSucceeded
            {
                At = now, Task = Name(key), Item = Item(key), Attempt = complete.Attempt, Outputs = complete.Outputs,
            })),
            SkipAttempt skip => WithAttempt(skip.Attempt, (key, _) => Emit(new AttemptSkipped { At = now, Task = Name(key), Item = Item(key), Attempt = skip.Attempt, Reason = skip.Reason })),
            RejectAttempt reject => WithAttempt(reject.Attempt, (key, running) => Reject(key, running, reject)),
            LoseAttempt lose => WithAttempt(lose.Attempt, (key, running) => Lose(key, running, lose)),
            AcknowledgeStop stop => WithAttempt(stop.Attempt, (key, running) => End(key, running.Stop ?? new StopOrder("stopped"))),
            AdmitRun => Admit(),
            SkipRun skip => Skip(skip),
            AdvanceTime => Advance(),
            MoveClock move => Say(new ClockMoved { At = now, Milliseconds = (long)move.By.TotalMilliseconds }),
            RefuseRequest refuse => Say(new RequestRefused { At = now, Request = refuse.Request, Kind = refuse.Kind, By = refuse.By, Reason = refuse.Reason }),
            AnswerTask answer => Answer(answer),
            PauseRun pause => Say(new RunPaused { At = now, By = pause.By }),
            ResumeRun resume => Say(new RunResumed { At = now, By = resume.By }),
            CancelRun cancel => Cancel(cancel),
            CancelTask cancel => Cancel(cancel),
            MarkTask mark => Mark(mark),
            MigrateRun migrate => Migrate(migrate),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "not a command this version knows"),
        };
        if (refusal is null)
        {
            Settle();
        }

        return refusal;
    }

    private string? Accept(AcceptRun accept)
    {
        Emit(new RunAccepted { At = now, Definition = accept.Definition, Params = accept.Params, Reused = accept.Reused, Skip = accept.Skip, Refresh = accept.Refresh, Trigger = accept.Trigger });
        if (accept is { Key: { } key, MustWait: true })
        {
            Emit(new RunQueued { At = now, Key = key });
        }

        foreach (var node in State.Graph.Nodes)
        {
            if (accept.Reused.TryGetValue(node.Definition.Name.Value, out var reused))
            {
                Emit(new TaskReused { At = now, Task = node.Definition.Name, From = reused.From, Outputs = reused.Outputs });
                PassOver(node, accept);
            }
            else if (accept.Skip.Contains(node.Definition.Name))
            {
                LeaveOut(node);
            }
        }

        if (accept is { Key: { } held, MustWait: false })
        {
            Emit(new RunAdmitted { At = now, Key = held });
        }

        JoinAll();
        return null;
    }

    private void JoinAll()
    {
        foreach (var node in State.Graph.Nodes)
        {
            Join(node.Index);
        }
    }

    private string? Fail(FailTask fail)
    {
        if (State[fail.Key] is not (Preparing or Mapping))
        {
            return Elsewhere(fail.Key);
        }

        var mapping = State[fail.Key] as Mapping;
        Emit(new TaskFailed { At = now, Task = Name(fail.Key), Failure = fail.Failure });
        DropItems(fail.Key.Task, mapping);
        return null;
    }

    /// <summary>Follows every end to those that waited for it, until nothing moves.</summary>
    private void Settle()
    {
        while (ended.TryDequeue(out var task))
        {
            foreach (var next in State.Graph.After(task))
            {
                Join(next);
            }
        }

        if (State is { Open: 0, IsEnded: false })
        {
            Emit(new RunEnded { At = now, Status = FinalStatus(), Failure = State.Failure, Outputs = FinalOutputs() });
        }
    }

    private RunStatus FinalStatus() =>
        State.Skipped is not null ? RunStatus.Skipped
        : State.Failure is not null ? RunStatus.Failed
        : State is { Status: RunStatus.Cancelling, Cancelled: > 0 } ? RunStatus.Cancelled
        : State.Failed > 0 ? RunStatus.Failed
        : State.Cancelled > 0 ? RunStatus.Cancelled
        : RunStatus.Succeeded;

    private void Join(int task)
    {
        var node = State.Graph.Nodes[task];
        if (State.Queued is not null || State.Tasks[task] is not Waiting waiting || !IsLetIn(node))
        {
            return;
        }

        if (node.Part == NodePart.End)
        {
            Close(node, waiting.Tally);
            return;
        }

        // A task on exit runs however the others ended; the default rule would let it run only after success.
        var rule = node.Definition is { OnExit: true, Rule: JoinRule.AllSuccess } ? JoinRule.AllDone : node.Definition.Rule;
        switch (JoinRules.Decide(rule, waiting.Tally))
        {
            case JoinVerdict.Run:
                Emit(new TaskTurnCame { At = now, Task = node.Definition.Name });
                break;
            case JoinVerdict.Skip:
                Emit(new TaskSkipped { At = now, Task = node.Definition.Name, Reason = SkipReason(rule, waiting.Tally) });
                break;
            case JoinVerdict.UpstreamFailed:
                Emit(new TaskUpstreamFailed { At = now, Task = node.Definition.Name, Cause = FirstFailed(node.Upstream) });
                break;
            default:
                break;
        }
    }

    private static string SkipReason(JoinRule rule, JoinTally tally) =>
        tally.Skipped == tally.Total && tally.Total > 0 ? "every task before it was skipped"
        : rule == JoinRule.AllSuccess ? "a task before it was skipped"
        : $"its rule {JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString())} cannot be met: {tally.Succeeded} succeeded, {tally.Failed} failed, {tally.Skipped} skipped";

    private TaskName FirstFailed(ImmutableArray<int> upstream) => State.Graph.Nodes[upstream.First(before =>
        State.Tasks[before] is Ended { Outcome: TaskOutcome.Failed or TaskOutcome.UpstreamFailed or TaskOutcome.Cancelled })].Definition.Name;

    private void Emit(RunEvent change)
    {
        events.Add(change);
        State = RunFold.Apply(State, change);
        if (change is not TaskEvent task)
        {
            return;
        }

        var key = RunFold.KeyOf(State, task);
        if (State[key] is Ended)
        {
            if (key.IsItem)
            {
                FinishMapping(key.Task);
            }
            else
            {
                ended.Enqueue(key.Task);
            }
        }
    }

    private string? Say(RunEvent change)
    {
        Emit(change);
        return null;
    }

    private string? While<T>(TaskKey key, Action<T> act) where T : TaskState
    {
        if (State[key] is not T now)
        {
            return Elsewhere(key);
        }

        act(now);
        return null;
    }

    private string? WithAttempt(AttemptId attempt, Action<TaskKey, Running> act)
    {
        if (!State.InFlight.TryGetValue(attempt, out var key))
        {
            return $"attempt {attempt} is not current";
        }

        act(key, (Running)State[key]);
        return null;
    }

    private string? WithOpen(TaskName name, Func<int, string?> act)
    {
        if (!State.Graph.Contains(name))
        {
            return $"there is no task \"{name}\"";
        }

        var task = State.Graph[name].Index;
        if (State.Tasks[task] is Ended)
        {
            return Elsewhere(new TaskKey(task));
        }

        return act(task);
    }

    private string Elsewhere(TaskKey key) =>
        $"task \"{Name(key)}\"{(key.IsItem ? $" item {key.Item}" : "")} is {State[key].Word}{(State[key] is Ended { Reason: { } reason } ? $": {reason}" : "")}";

    private TaskName Name(TaskKey key) => State.NameOf(key);

    private static int? Item(TaskKey key) => key.IsItem ? key.Item : null;
}
