using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The rules of a run. Pure: the same state, command and time give the same events; clocks, random numbers and identifiers come in as arguments.
/// </summary>
public static class RunMachine
{
    /// <summary>What happens when a command meets a state.</summary>
    public static Decision Decide(RunState state, RunCommand command, DateTimeOffset now)
    {
        var turn = new Turn(state, now);
        var refusal = Refuse(state, command) ?? turn.Take(command);
        return refusal is null
            ? new Decision { State = turn.State, Events = turn.Events }
            : new Decision { State = state, Refusal = refusal };
    }

    /// <summary>What the shell should be doing in this state. Lazy and in order of importance; ask for as many as there are places.</summary>
    public static IEnumerable<RunEffect> Effects(RunState state)
    {
        foreach (var (attempt, key) in state.InFlight)
        {
            if (state[key] is Running { Stopping: true })
            {
                yield return new StopAttempt(attempt);
            }
        }

        foreach (var task in state.ToPrepare)
        {
            yield return new PrepareTask(task);
        }

        foreach (var task in state.ToExpand)
        {
            yield return QuestionTo(state, task);
        }

        foreach (var work in Startable(state))
        {
            yield return work;
        }

        if (state.Timers is { IsEmpty: false, Min: var (until, _) })
        {
            yield return new WakeAt(until);
        }
    }

    private static ExpandTask QuestionTo(RunState state, int task)
    {
        var mapping = (Mapping)state.Tasks[task];
        return new ExpandTask(task, mapping.Ended, mapping.Items.Count);
    }

    /// <summary>What may start: the queue, less what a pause, the run's own limit or a map's limit holds back. Nothing that may start stands behind something that may not.</summary>
    private static IEnumerable<DispatchWork> Startable(RunState state)
    {
        if (state.Status is RunStatus.Paused || state.IsEnded)
        {
            yield break;
        }

        var free = (state.Graph.Definition.Parallel ?? int.MaxValue) - state.InFlight.Count;
        var chosen = new Dictionary<int, int>();
        foreach (var entry in state.Queue)
        {
            if (free <= 0)
            {
                yield break;
            }

            if (entry.Key.IsItem && !HasPlace(state, entry.Key.Task, chosen))
            {
                continue;
            }

            free--;
            yield return new DispatchWork(entry.Key, ((Ready)state[entry.Key]).Work);
        }
    }

    private static bool HasPlace(RunState state, int task, Dictionary<int, int> chosen)
    {
        var taken = chosen.GetValueOrDefault(task);
        var limit = state.Graph.Nodes[task].Definition.Map?.Parallel ?? int.MaxValue;
        chosen[task] = taken + 1;
        return state.Tasks[task] is Mapping { Stopping: false } mapping && mapping.InFlight + taken < limit;
    }

    private static string? Refuse(RunState state, RunCommand command) => (state.Status, command) switch
    {
        (RunStatus.Unknown, AcceptRun) => null,
        (RunStatus.Unknown, _) => "the run has not been accepted",
        (_, AcceptRun) => "the run has been accepted already",
        _ when state.IsEnded => $"the run has ended: {state.Status.ToString().ToLowerInvariant()}",
        (RunStatus.Paused, PauseRun) => "the run is paused already",
        (RunStatus.Cancelling, PauseRun) => "the run is being cancelled",
        (not RunStatus.Paused, ResumeRun) => "the run is not paused",
        _ => null,
    };

    /// <summary>One command being taken: the state so far and the events that led to it.</summary>
    private sealed class Turn(RunState state, DateTimeOffset now)
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
                FailTask fail => Fail(fail),
                IssueItems issue => While<Mapping>(new TaskKey(issue.Question.Task), mapping => Issue(issue, mapping)),
                StartAttempt start => Start(start),
                CompleteAttempt complete => WithAttempt(complete.Attempt, (key, _) => Emit(new AttemptSucceeded
                {
                    At = now, Task = Name(key), Item = Item(key), Attempt = complete.Attempt, Outputs = complete.Outputs,
                })),
                RejectAttempt reject => WithAttempt(reject.Attempt, (key, running) => Reject(key, running, reject)),
                LoseAttempt lose => WithAttempt(lose.Attempt, (key, running) => Lose(key, running, lose)),
                AcknowledgeStop stop => WithAttempt(stop.Attempt, (key, _) => Emit(new TaskCancelled { At = now, Task = Name(key), Item = Item(key), Reason = "stopped" })),
                AdvanceTime => Advance(),
                AnswerTask answer => Answer(answer),
                PauseRun pause => Say(new RunPaused { At = now, By = pause.By }),
                ResumeRun resume => Say(new RunResumed { At = now, By = resume.By }),
                CancelRun cancel => Cancel(cancel),
                CancelTask cancel => WithOpen(cancel.Task, task => CancelTask(task, $"cancelled by {cancel.By}{(cancel.Reason is null ? "" : $": {cancel.Reason}")}")),
                MarkTask mark => Mark(mark),
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
            Emit(new RunAccepted { At = now, Definition = accept.Definition, Params = accept.Params, Reused = accept.Reused, Skip = accept.Skip });
            foreach (var node in State.Graph.Nodes)
            {
                if (accept.Reused.TryGetValue(node.Definition.Name.Value, out var reused))
                {
                    Emit(new TaskReused { At = now, Task = node.Definition.Name, From = reused.From, Outputs = reused.Outputs });
                }
                else if (accept.Skip.Contains(node.Definition.Name))
                {
                    Emit(new TaskSkipped { At = now, Task = node.Definition.Name, Reason = "left out by whoever started the run" });
                }
            }

            foreach (var node in State.Graph.Nodes)
            {
                Join(node.Index);
            }

            return null;
        }

        private string? Fail(FailTask fail) => State[fail.Key] is Preparing or Mapping
            ? Say(new TaskFailed { At = now, Task = Name(fail.Key), Failure = fail.Failure })
            : Elsewhere(fail.Key);

        private void Issue(IssueItems issue, Mapping mapping)
        {
            var key = new TaskKey(issue.Question.Task);
            if (mapping.Complete || mapping.Stopping || issue.Question.Issued != mapping.Items.Count)
            {
                return;
            }

            if (issue is { Items.IsEmpty: true, Complete: false } && issue.Question.Ended == mapping.Ended && mapping.Ended == mapping.Items.Count)
            {
                Emit(new TaskFailed
                {
                    At = now,
                    Task = Name(key),
                    Failure = new Failure
                    {
                        Code = "ORC5221",
                        Kind = FailureKind.Unexpected,
                        Message = $"activity {mapping.Work.Uses} issues no further item and does not say that it is complete",
                        Why = "with nothing under way, the run would wait for ever",
                        Help = "This is a mistake in the activity's Expand.",
                    },
                });
                return;
            }

            // Asked again with nothing new to say: nothing happened.
            if (issue is { Items.IsEmpty: true, Complete: false })
            {
                return;
            }

            Emit(new TaskExpanded { At = now, Task = Name(key), Items = issue.Items, Complete = issue.Complete });
            FinishMapping(key.Task);
        }

        private string? Start(StartAttempt start) => State[start.Key] is Ready ready
            ? Say(new AttemptStarted { At = now, Task = Name(start.Key), Item = Item(start.Key), Attempt = start.Attempt, Number = ready.Tries.Attempts + 1 })
            : Elsewhere(start.Key);

        private void Reject(TaskKey key, Running running, RejectAttempt reject)
        {
            Emit(new AttemptFailed { At = now, Task = Name(key), Item = Item(key), Attempt = reject.Attempt, Failure = reject.Failure });
            if (running.Stopping)
            {
                Emit(new TaskCancelled { At = now, Task = Name(key), Item = Item(key), Reason = "stopped" });
                return;
            }

            var policy = State.Graph.Nodes[key.Task].Definition.Retry ?? RetryPolicy.None;
            RetryOrFail(key, reject.Failure, RetryRules.NextDelay(policy, reject.Failure, State[key].Tries.Failures, reject.Random));
        }

        private void Lose(TaskKey key, Running running, LoseAttempt lose)
        {
            Emit(new AttemptLost { At = now, Task = Name(key), Item = Item(key), Attempt = lose.Attempt, Failure = lose.Failure, Counts = lose.Counts });
            if (running.Stopping)
            {
                Emit(new TaskCancelled { At = now, Task = Name(key), Item = Item(key), Reason = "stopped" });
                return;
            }

            var wait = lose.AtOnce || !lose.Counts ? TimeSpan.Zero : RetryRules.LossDelay;
            RetryOrFail(key, lose.Failure, State[key].Tries.Losses <= RetryRules.LossAllowance ? wait : null);
        }

        private void RetryOrFail(TaskKey key, Failure failure, TimeSpan? wait)
        {
            if (wait is { } time)
            {
                Emit(new RetryScheduled { At = now, Task = Name(key), Item = Item(key), Until = now + time, Failure = failure });
            }
            else
            {
                Emit(new TaskFailed { At = now, Task = Name(key), Item = Item(key), Failure = failure });
            }
        }

        private string? Advance()
        {
            while (State.Timers is { IsEmpty: false, Min: var (until, key) } && until <= now)
            {
                Emit(new RetryDue { At = now, Task = Name(key), Item = Item(key) });
            }

            return null;
        }

        private string? Answer(AnswerTask answer) => WithOpen(answer.Task, task =>
        {
            if (State.Tasks[task] is Suspended)
            {
                Emit(new TaskAnswered { At = now, Task = answer.Task, By = answer.By, Outputs = answer.Outputs });
            }
        });

        private string? Mark(MarkTask mark) => WithOpen(mark.Task, task =>
        {
            // What is under way is fenced off by the end of the task: its late result is refused.
            Emit(new TaskMarked { At = now, Task = mark.Task, As = mark.As, By = mark.By, Reason = mark.Reason, Outputs = mark.Outputs });
        });

        private string? Cancel(CancelRun cancel)
        {
            var again = State.Status == RunStatus.Cancelling;
            Emit(new RunCancelRequested { At = now, By = cancel.By, Reason = cancel.Reason });
            var reason = $"the run was cancelled by {cancel.By}";
            foreach (var node in State.Graph.Nodes)
            {
                if ((again || !node.Definition.OnExit) && State.Tasks[node.Index] is not Ended)
                {
                    CancelTask(node.Index, reason);
                }
            }

            return null;
        }

        private void CancelTask(int task, string reason)
        {
            var key = new TaskKey(task);
            switch (State.Tasks[task])
            {
                case Ended:
                    break;
                case Running { Stopping: false }:
                    Emit(new TaskStopRequested { At = now, Task = Name(key) });
                    break;
                case Running:
                    break;
                case Mapping mapping:
                    CancelItems(key, mapping, reason);
                    break;
                default:
                    Emit(new TaskCancelled { At = now, Task = Name(key), Reason = reason });
                    break;
            }
        }

        private void CancelItems(TaskKey key, Mapping mapping, string reason)
        {
            if (!mapping.Stopping)
            {
                Emit(new TaskStopRequested { At = now, Task = Name(key) });
            }

            for (var index = 0; index < mapping.Items.Count; index++)
            {
                var item = new TaskKey(key.Task, index);
                switch (State.Items[item])
                {
                    case Running { Stopping: false }:
                        Emit(new TaskStopRequested { At = now, Task = Name(key), Item = index });
                        break;
                    case Ready or Backoff:
                        Emit(new TaskCancelled { At = now, Task = Name(key), Item = index, Reason = reason });
                        break;
                    default:
                        break;
                }
            }

            FinishMapping(key.Task);
        }

        /// <summary>Follows every end to those that waited for it, until nothing moves.</summary>
        private void Settle()
        {
            while (ended.TryDequeue(out var task))
            {
                foreach (var next in State.Graph.Nodes[task].Downstream)
                {
                    Join(next);
                }
            }

            if (State is { Open: 0, IsEnded: false })
            {
                Emit(new RunEnded { At = now, Status = FinalStatus() });
            }
        }

        private RunStatus FinalStatus() =>
            State is { Status: RunStatus.Cancelling, Cancelled: > 0 } ? RunStatus.Cancelled
            : State.Failed > 0 ? RunStatus.Failed
            : State.Cancelled > 0 ? RunStatus.Cancelled
            : RunStatus.Succeeded;

        private void Join(int task)
        {
            var node = State.Graph.Nodes[task];
            if (State.Tasks[task] is not Waiting waiting)
            {
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

        /// <summary>Ends a mapped task, or queues its reduce, once all its items have ended.</summary>
        private void FinishMapping(int task)
        {
            var key = new TaskKey(task);
            if (State.Tasks[task] is not Mapping mapping || mapping.Ended < mapping.Items.Count || !(mapping.Complete || mapping.Stopping))
            {
                return;
            }

            if (mapping.Stopping)
            {
                Emit(new TaskCancelled { At = now, Task = Name(key), Reason = "stopped" });
            }
            else if (mapping.Work.Spread == Spread.Activity)
            {
                Emit(new TaskReduceReady { At = now, Task = Name(key) });
            }
            else
            {
                Collect(key, mapping);
            }
        }

        private void Collect(TaskKey key, Mapping mapping)
        {
            var ends = Enumerable.Range(0, mapping.Items.Count).Select(index => (Index: index, End: (Ended)State.Items[key with { Item = index }])).ToArray();
            var failed = ends.Where(item => item.End.Outcome != TaskOutcome.Succeeded).ToArray();
            if (failed is [var first, ..])
            {
                var failure = first.End.Failure ?? new Failure { Code = "ORC5222", Kind = FailureKind.Work, Message = "the item was cancelled" };
                Emit(new TaskFailed
                {
                    At = now,
                    Task = Name(key),
                    Failure = failure with { Message = $"{failed.Length} of {ends.Length} items failed; first item {first.Index}: {failure.Message}" },
                });
                return;
            }

            var names = ends.SelectMany(item => item.End.Outputs.Keys).Distinct(StringComparer.Ordinal);
            Emit(new TaskCollected
            {
                At = now,
                Task = Name(key),
                Outputs = names.ToImmutableDictionary(
                    name => name,
                    name => OrcJson.ToElement(ends.Select(item => item.End.Outputs.TryGetValue(name, out var value) ? value : OrcJson.ToElement<object?>(null)))),
            });
        }

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

        private string? WithOpen(TaskName name, Action<int> act)
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

            act(task);
            return null;
        }

        private string Elsewhere(TaskKey key) => $"task \"{Name(key)}\"{(key.IsItem ? $" item {key.Item}" : "")} is {State[key].Word}";

        private TaskName Name(TaskKey key) => State.NameOf(key);

        private static int? Item(TaskKey key) => key.IsItem ? key.Item : null;
    }
}
