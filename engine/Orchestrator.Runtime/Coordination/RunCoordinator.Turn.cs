using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Storage.Concurrency;
using Orchestrator.Storage.Faults;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <content>One turn: what has arrived, what starts because of it, and their one commit.</content>
internal sealed partial class RunCoordinator
{
    /// <summary>What one turn has gathered and not yet committed.</summary>
    private sealed partial class Turn(RunCoordinator owner)
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
                owner.children.InterruptAll();
            }

            if (ReferenceEquals(message, Message.Draining))
            {
                owner.interrupted = true;
                owner.children.DrainAll();
            }

            if (ReferenceEquals(message, Message.LeaseLost))
            {
                throw new OwnershipLostException(owner.journal.Run);
            }

            // Prepared for a definition that the run no longer has: it is asked for anew.
            if (message.Graph is { } graph && !ReferenceEquals(graph, owner.state.Graph))
            {
                return;
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
                    var graph = owner.state.Graph;
                    owner.beside.Add(async () => owner.Post(await preparing, graph));
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
                wishes.Clear();
                taken.Clear();
                var starts = owner.interrupted ? [] : await PlanStartsAsync(full);
                if (events.Count == 0 || await CommitAsync() is not { } pool)
                {
                    await owner.pools.StandAsync(owner.journal.Run, wishes, taken, room, owner.leaving);
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
            room = planned.Queues.Keys.Any(line => line.Pool is not null) ? await owner.pools.RoomAsync(owner.journal.Run, owner.leaving) : PoolRoom.None;
            var order = new StartOrder(planned);
            while (order.TryNext(out var line, out var work))
            {
                // One commit must not end an attempt of a task and start the next: the store fences by the attempt that was current before it.
                if (endedTries.Contains(work.Key))
                {
                    owner.Wake();
                }

                // What was given up may still be at work; its end is a message, and so another turn.
                else if (owner.IsGivenUp(planned.NameOf(work.Key)))
                {
                    order.Pass();
                }
                else if (!HasRoom(planned, line, work.Key, full))
                {
                    owner.pools.WaitFor(owner.Wake);
                    if (MaySmallerPass(planned, line, work.Key, full))
                    {
                        order.Pass();
                    }
                    else
                    {
                        order.Close();
                    }
                }
                else if (!owner.places.TryTake(line.Lane, PriorityOf(planned, work.Key)))
                {
                    order.Close();
                }
                else
                {
                    starts.Add(Begin(planned, line, work));
                }
            }

            return starts;
        }

        private Start Begin(RunState planned, ReadyLine line, DispatchWork work)
        {
            var attempt = owner.attempts.NewId();
            Accept(RunMachine.Decide(owner.state, new StartAttempt(work.Key, attempt, work.Work.Lane == Lane.Child ? owner.children.NewId() : null), owner.time.GetUtcNow()));
            if (line.Pool is { } pool)
            {
                room.Take(pool, SlotsOf(planned, work.Key));
                taken.Add(pool);
            }

            return new Start(work.Key, work.Work, attempt, line.Lane);
        }

        /// <summary>Answers the pool, or the concurrency key, that has no room, or null.</summary>
        private async Task<string?> CommitAsync(PermitRequest? permit = null)
        {
            FaultPoints.Reached("turn-decided");
            if (await owner.journal.CommitAsync(committed, owner.state, events, facts, requests, told: answers.Count > 0, permit) is { } full)
            {
                return full;
            }

            FaultPoints.Reached(owner.state.IsEnded ? "run-ended" : "turn-committed");

            if (events.Exists(change => change is TaskEvent task && change is not AttemptStarted && owner.state.Graph[task.Task].Definition.Pool is not null))
            {
                owner.pools.Tell();
            }

            if (owner.state.IsEnded && owner.state.Graph.Definition.Concurrency is not null)
            {
                owner.keys.Tell();
            }

            owner.listener.OnEvents(owner.state, [.. events]);
            if (events.Any(change => change is TaskMarked or TaskFailed or TaskCancelled))
            {
                owner.attempts.StopOthers(owner.state.InFlight.ContainsKey);
                owner.children.StopOthers(owner.state.InFlight.ContainsKey);
            }

            foreach (var change in events)
            {
                owner.children.Follow(change);
            }

            if (events.Exists(change => change is RunCancelRequested { Terminate: true }))
            {
                owner.attempts.KillAll();
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
                case CollectOutputs collect: owner.preparing.Remove(collect.Key.Task); break;
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
            SkipAttempt skip => skip.Attempt,
            _ => null,
        };
    }
}
