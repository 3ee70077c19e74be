using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>Puts a run's state on another graph: what has ended stays as it ended, what is under way goes on, and everything else waits as the new definition says.</summary>
internal static class RunMigration
{
    public static RunState Apply(RunState state, RunMigrated change, PipelineGraph graph)
    {
        var moved = Moved(state.Graph, change, graph);
        var tasks = CarryTasks(state, change, graph, moved);
        var after = state with
        {
            Graph = graph,
            Definition = change.Definition,
            Migrations = state.Migrations.Add(new MigratedBy(change.From, change.Definition, change.By, change.Reason, change.At)),
            Params = change.Params,
            Refresh = [.. state.Refresh.Where(graph.Contains)],
            Tasks = tasks,
            Items = state.Items.Where(pair => moved.ContainsKey(pair.Key.Task)).Select(pair => KeyValuePair.Create(MoveKey(pair.Key, moved), pair.Value)).Aggregate(ItemStates.Empty, (items, pair) => items.SetItem(pair.Key, pair.Value)),
            ToPrepare = [.. tasks.Where(pair => pair.Value is Preparing).Select(pair => pair.Key)],
            ToExpand = [.. state.ToExpand.Where(moved.ContainsKey).Select(task => moved[task])],
            InFlight = state.InFlight.Where(pair => moved.ContainsKey(pair.Value.Task)).ToImmutableDictionary(pair => pair.Key, pair => MoveKey(pair.Value, moved)),
            Late = state.Late.Where(pair => pair.Key == RunTimer.Run || moved.ContainsKey(pair.Key.Task)).ToImmutableSortedDictionary(pair => MoveKey(pair.Key, moved), pair => pair.Value),
            Queues = ImmutableSortedDictionary<ReadyLine, ImmutableSortedSet<ReadyEntry>>.Empty,
            Timers = [],
            Due = state.Due.Clear(),
            Open = tasks.Values.Count(task => task is not Ended),
            Failed = tasks.Values.Count(task => task is Ended { Outcome: TaskOutcome.Failed or TaskOutcome.UpstreamFailed }),
            Cancelled = tasks.Values.Count(task => task is Ended { Outcome: TaskOutcome.Cancelled }),
            Sequence = state.Sequence + 1,
        };
        return CarryTimers(state, Requeue(after), moved, change.At);
    }

    /// <summary>The new index of every task that keeps its state, by the old one.</summary>
    private static Dictionary<int, int> Moved(PipelineGraph from, RunMigrated change, PipelineGraph to)
    {
        var anew = change.Restarted.Concat(change.Reconsidered).ToHashSet();
        return from.Nodes
            .Where(node => to.Contains(node.Definition.Name) && !anew.Contains(node.Definition.Name))
            .ToDictionary(node => node.Index, node => to[node.Definition.Name].Index);
    }

    private static TaskKey MoveKey(TaskKey key, Dictionary<int, int> moved) => key == RunTimer.Run ? key : key with { Task = moved[key.Task] };

    private static TaskStates CarryTasks(RunState state, RunMigrated change, PipelineGraph graph, Dictionary<int, int> moved)
    {
        var tasks = moved.Where(pair => state.Tasks[pair.Key] is not Waiting).ToDictionary(pair => pair.Value, pair => state.Tasks[pair.Key]);
        var restarted = change.Restarted.ToDictionary(name => graph[name].Index, name => state[name].Tries);
        foreach (var node in graph.Nodes.Where(node => !tasks.ContainsKey(node.Index)).ToArray())
        {
            var tally = node.Upstream.Aggregate(
                new JoinTally(node.Upstream.Length, 0, 0, 0), (tally, before) => tasks.GetValueOrDefault(before) is Ended ended ? tally.Add(ended.Outcome) : tally);
            // Attempts are counted on, so that each has a log of its own; what failed before the change says nothing about what comes after it.
            tasks[node.Index] = new Waiting(tally) { Tries = new Tries(restarted.GetValueOrDefault(node.Index).Attempts, 0, 0) };
        }

        return TaskStates.Of(graph.Nodes.Select(node => tasks[node.Index]));
    }

    /// <summary>Lines, pools and priorities are those of the new definition.</summary>
    private static RunState Requeue(RunState state)
    {
        var all = state.Tasks.Select(pair => (Key: new TaskKey(pair.Key), State: pair.Value)).Concat(state.Items.Select(pair => (pair.Key, State: pair.Value)));
        foreach (var (key, at) in all)
        {
            if (at is Ready ready)
            {
                state = RunFold.Enqueue(state, RunFold.LineOf(state, key, ready), RunFold.EntryOf(state, key, ready));
            }
        }

        return state;
    }

    private static RunState CarryTimers(RunState before, RunState after, Dictionary<int, int> moved, DateTimeOffset now)
    {
        after = RunTimers.ArmRun(after, after.Accepted);
        if (before.Late.ContainsKey(RunTimer.Run))
        {
            after = RunTimers.Disarm(after, RunTimer.Run, TimerKind.RunDeadline);
        }

        foreach (var (old, place) in moved)
        {
            after = CarryLimits(before, after, (new TaskKey(old), new TaskKey(place)), now);
        }

        // The time of a retry and that of a question were set by what has happened, not by the definition.
        foreach (var ((key, kind), until) in before.Due)
        {
            if (kind is TimerKind.Retry or TimerKind.Answer && moved.ContainsKey(key.Task))
            {
                after = RunTimers.Arm(after, MoveKey(key, moved), kind, until);
            }
        }

        return after;
    }

    /// <summary>A limit that was there counts from where it counted; one that is new counts from now.</summary>
    private static RunState CarryLimits(RunState before, RunState after, (TaskKey Old, TaskKey New) key, DateTimeOffset now)
    {
        if (after[key.New] is Ended or Waiting)
        {
            return after;
        }

        var (was, becomes) = (before.Graph.Nodes[key.Old.Task].Definition, after.Graph.Nodes[key.New.Task].Definition);
        if (becomes.Deadline is { } deadline && !after.Late.ContainsKey(key.New))
        {
            var start = before.DueAt(key.Old, TimerKind.TaskDeadline) is { } due && was.Deadline is { } earlier ? due - earlier.After : now;
            after = RunTimers.Arm(after, key.New, TimerKind.TaskDeadline, start + deadline.After);
        }

        var inQueue = after[key.New] is Ready or Mapping { InFlight: 0, Ended: 0 };
        if (inQueue && becomes.QueueTimeout is { } limit && after.Status != RunStatus.Paused)
        {
            var start = before.DueAt(key.Old, TimerKind.Queue) is { } due && was.QueueTimeout is { } earlier ? due - earlier : now;
            after = RunTimers.Arm(after, key.New, TimerKind.Queue, start + limit);
        }

        return after;
    }
}
