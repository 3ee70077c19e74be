using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>The timers of a run's state: set and taken away with the states they belong to, so that none can be forgotten and none can fire too late to mean anything.</summary>
internal static class RunTimers
{
    public static RunState Arm(RunState state, TaskKey key, TimerKind kind, DateTimeOffset until)
    {
        state = Disarm(state, key, kind);
        return state with { Timers = state.Timers.Add(new RunTimer(until, key, kind)), Due = state.Due.Add((key, kind), until) };
    }

    public static RunState Disarm(RunState state, TaskKey key, TimerKind kind) => !state.Due.IsEmpty && state.Due.TryGetValue((key, kind), out var until)
        ? state with { Timers = state.Timers.Remove(new RunTimer(until, key, kind)), Due = state.Due.Remove((key, kind)) }
        : state;

    public static RunState ArmRun(RunState state, DateTimeOffset accepted)
    {
        var definition = state.Graph.Definition;
        if (definition.Timeout is { } timeout)
        {
            state = Arm(state, RunTimer.Run, TimerKind.RunTimeout, accepted + timeout);
        }

        return definition.Deadline is { } deadline ? Arm(state, RunTimer.Run, TimerKind.RunDeadline, accepted + deadline.After) : state;
    }

    public static RunState DisarmRun(RunState state) => Disarm(Disarm(state, RunTimer.Run, TimerKind.RunTimeout), RunTimer.Run, TimerKind.RunDeadline);

    public static RunState ArmDeadline(RunState state, TaskKey key, DateTimeOffset from) => state.Graph.Nodes[key.Task].Definition.Deadline is { } deadline
        ? Arm(state, key, TimerKind.TaskDeadline, from + deadline.After)
        : state;

    /// <summary>Items have no queue timeout of their own: the limit of their map would hold most of them longer than any slot does.</summary>
    public static RunState ArmQueue(RunState state, TaskKey key, DateTimeOffset from) =>
        !key.IsItem && state.Status != RunStatus.Paused && state.Graph.Nodes[key.Task].Definition.QueueTimeout is { } limit ? Arm(state, key, TimerKind.Queue, from + limit) : state;

    public static RunState DisarmTask(RunState state, TaskKey key) => state.Due.IsEmpty ? state
        : Disarm(Disarm(Disarm(state, key, TimerKind.TaskDeadline), key, TimerKind.Queue), key, TimerKind.Answer);

    /// <summary>Nobody waits for a place while a person holds the run.</summary>
    public static RunState StopQueues(RunState state) => state.Due.Keys.Where(due => due.Kind == TimerKind.Queue).Aggregate(state, (next, due) => Disarm(next, due.Key, due.Kind));

    public static RunState StartQueues(RunState state, DateTimeOffset now)
    {
        foreach (var node in state.Graph.Nodes)
        {
            if (node.Definition.QueueTimeout is not null && state.Tasks[node.Index] is Ready or Mapping { InFlight: 0, Ended: 0 })
            {
                state = ArmQueue(state, new TaskKey(node.Index), now);
            }
        }

        return state;
    }

    /// <summary>Moves every timer along with the clock, so that each is as far away as it was.</summary>
    public static RunState Shift(RunState state, TimeSpan by)
    {
        foreach (var timer in state.Timers)
        {
            if (timer.Kind == TimerKind.Retry && state[timer.Key] is Backoff backoff)
            {
                var moved = backoff with { Until = backoff.Until + by };
                state = timer.Key.IsItem
                    ? state with { Items = state.Items.SetItem(timer.Key, moved) }
                    : state with { Tasks = state.Tasks.SetItem(timer.Key.Task, moved) };
            }
        }

        return state with
        {
            Accepted = state.Accepted + by,
            Timers = [.. state.Timers.Select(timer => timer with { Until = timer.Until + by })],
            Due = state.Due.SetItems(state.Due.Select(due => KeyValuePair.Create(due.Key, due.Value + by))),
        };
    }
}
