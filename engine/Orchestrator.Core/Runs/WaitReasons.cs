using System.Collections.Immutable;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>Why a task has not ended.</summary>
public sealed record WaitReason
{
    public required TaskName Task { get; init; }

    /// <summary>The item's index; null for the task itself.</summary>
    public int? Item { get; init; }

    public required WaitKind Kind { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>The tasks it waits for, when it waits for tasks.</summary>
    public ImmutableArray<TaskName> Tasks { get; init; } = [];

    /// <summary>When it goes on by itself, when that is known.</summary>
    public DateTimeOffset? Until { get; init; }
}

public enum WaitKind
{
    Unknown = 0,

    /// <summary>Tasks before it have not ended.</summary>
    Upstream,

    /// <summary>Condition, inputs and cache are being looked at.</summary>
    Preparing,

    /// <summary>Its lane has no free place.</summary>
    Lane,

    /// <summary>Its pool has not enough free slots.</summary>
    Pool,

    /// <summary>The run's or the map's own limit of attempts in flight is reached.</summary>
    Limit,

    /// <summary>The run is paused.</summary>
    Paused,

    /// <summary>The next attempt has its time.</summary>
    Retry,

    /// <summary>Somebody has to answer.</summary>
    Answer,

    /// <summary>Its items are under way.</summary>
    Items,

    /// <summary>It is running.</summary>
    Running,
}

/// <summary>Says of every task that has not ended what it waits for, so that no run ever waits without a reason.</summary>
public static class WaitReasons
{
    /// <summary>One reason per open task, and one per item that is queued, running or between attempts. Empty when the run has ended.</summary>
    public static IEnumerable<WaitReason> Of(RunState state) => state.IsEnded
        ? []
        : state.Graph.Nodes.Where(node => state.Tasks[node.Index] is not Ended).SelectMany(node => OfTask(state, node.Index));

    private static IEnumerable<WaitReason> OfTask(RunState state, int task)
    {
        yield return Explain(state, new TaskKey(task));
        if (state.Tasks[task] is Mapping mapping)
        {
            for (var item = 0; item < mapping.Items.Count; item++)
            {
                var key = new TaskKey(task, item);
                if (state.Items[key] is not Ended)
                {
                    yield return Explain(state, key);
                }
            }
        }
    }

    private static WaitReason Explain(RunState state, TaskKey key) => state[key] switch
    {
        Waiting => ForUpstream(state, key),
        Preparing => Reason(state, key, WaitKind.Preparing, "its condition, inputs and cache are being looked at"),
        Ready when state.Status == RunStatus.Paused => Reason(state, key, WaitKind.Paused, "the run is paused"),
        Ready when IsLimited(state, key) => Reason(state, key, WaitKind.Limit, "as many attempts as allowed are in flight"),
        Ready when state.Graph.Nodes[key.Task].Definition is { Pool: { } pool } limited => Reason(
            state, key, WaitKind.Pool, $"it waits for {limited.PoolSlots} free slot{(limited.PoolSlots == 1 ? "" : "s")} of pool \"{pool}\", or for a place in its lane"),
        Ready => Reason(state, key, WaitKind.Lane, "it waits for a free place in its lane"),
        Running running => Reason(state, key, WaitKind.Running, $"attempt {running.Tries.Attempts} has been running since {running.Since:u}{(running.Stopping ? " and was asked to stop" : "")}"),
        Backoff backoff => Reason(state, key, WaitKind.Retry, $"attempt {backoff.Tries.Attempts} ended with {backoff.Last.Code}: {backoff.Last.Message}; the next one is at {backoff.Until:u}") with { Until = backoff.Until },
        Suspended suspended => Reason(state, key, WaitKind.Answer, $"it waits for an answer: {suspended.Question.Prompt}") with { Until = suspended.Question.Deadline },
        Mapping mapping => Reason(state, key, WaitKind.Items, $"{mapping.Ended} of {mapping.Items.Count}{(mapping.Complete ? "" : " or more")} items have ended, {mapping.InFlight} are running"),
        var other => throw new InvalidOperationException($"A task that is {other.Word} does not wait."),
    };

    private static bool IsLimited(RunState state, TaskKey key) =>
        state.InFlight.Count >= (state.Graph.Definition.Parallel ?? int.MaxValue)
        || (key.IsItem && state.Tasks[key.Task] is Mapping mapping && mapping.InFlight >= (state.Graph.Nodes[key.Task].Definition.Map?.Parallel ?? int.MaxValue));

    private static WaitReason ForUpstream(RunState state, TaskKey key)
    {
        ImmutableArray<TaskName> open = [.. state.Graph.Nodes[key.Task].Upstream
            .Where(before => state.Tasks[before] is not Ended)
            .Select(before => state.Graph.Nodes[before].Definition.Name)];
        return Reason(state, key, WaitKind.Upstream, $"it waits for {string.Join(", ", open.Take(5))}{(open.Length > 5 ? $" and {open.Length - 5} more" : "")}") with { Tasks = open };
    }

    private static WaitReason Reason(RunState state, TaskKey key, WaitKind kind, string message) =>
        new() { Task = state.NameOf(key), Item = key.IsItem ? key.Item : null, Kind = kind, Message = message };
}
