using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
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

    /// <summary>The child run it waits for, when it waits for one.</summary>
    public RunId? Child { get; init; }

    /// <summary>When something happens by itself, when that is known.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>True when its deadline has passed.</summary>
    public bool Late { get; init; }

    /// <summary>The facts of the sentence.</summary>
    public WaitFacts Facts { get; init; } = new();
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

    /// <summary>As many runs with its concurrency key go on as may.</summary>
    Concurrency,

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

    /// <summary>The run's time is bounded.</summary>
    Timeout,

    /// <summary>A deadline is to come.</summary>
    Deadline,

    /// <summary>A deadline has passed, and the work goes on.</summary>
    Late,

    /// <summary>A run of its own does its work.</summary>
    Child,
}

/// <summary>What holds or bounds a run as a whole.</summary>
public sealed record RunReason
{
    public required WaitKind Kind { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    /// <summary>When something happens by itself, when that is known.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>What it shares with others, when that is what holds it.</summary>
    public RunKey? Key { get; init; }
}

/// <summary>Says of every task that has not ended what it waits for, so that no run ever waits without a reason.</summary>
public static class WaitReasons
{
    /// <summary>How many items of one task are told apart; the task's own reason counts the rest.</summary>
    public const int MostItems = 20;

    /// <summary>One reason per open task, and one for each of its first <see cref="MostItems"/> items that are queued, running or between attempts. Empty when the run has ended.</summary>
    public static IEnumerable<WaitReason> Of(RunState state) => state.IsEnded
        ? []
        : state.Graph.Nodes.Where(node => state.Tasks[node.Index] is not Ended).SelectMany(node => OfTask(state, node.Index));

    /// <summary>Why one task or item that has not ended has not.</summary>
    public static WaitReason OfTask(RunState state, TaskKey key) => Explain(state, key);

    /// <summary>What holds or bounds the run itself: who paused it, when its time is over, that it is late. Lateness is told also of a run that has ended.</summary>
    public static IEnumerable<RunReason> OfRun(RunState state)
    {
        if (state.Paused is { } paused && !state.IsEnded)
        {
            yield return new RunReason { Kind = WaitKind.Paused, Message = $"paused by {paused.By} since {paused.Since:u}" };
        }

        if (state is { Queued: { } queued, IsEnded: false })
        {
            yield return new RunReason
            {
                Kind = WaitKind.Concurrency, Key = queued.Key, Message = $"it waits since {queued.Since:u} for concurrency key \"{queued.Key.Word}\": {(queued.Key.Limit == 1 ? "one run" : $"{queued.Key.Limit} runs")} may go on at once",
            };
        }

        if (state is { Skipped: { } skipped })
        {
            yield return new RunReason { Kind = WaitKind.Concurrency, Message = skipped };
        }

        if (state.DueAt(RunTimer.Run, TimerKind.RunTimeout) is { } timeout)
        {
            yield return new RunReason { Kind = WaitKind.Timeout, Message = $"the run fails when it has not ended at {timeout:u}", Until = timeout };
        }

        if (state.DueAt(RunTimer.Run, TimerKind.RunDeadline) is { } deadline && state.Graph.Definition.Deadline is { } ahead)
        {
            yield return new RunReason { Kind = WaitKind.Deadline, Message = $"the run's deadline is {deadline:u} ({Words(ahead.Then)})", Until = deadline };
        }

        foreach (var (key, at) in state.Late)
        {
            yield return new RunReason { Kind = WaitKind.Late, Message = key == RunTimer.Run ? $"the run is late since {at:u}" : $"task \"{state.NameOf(key)}\" was late at {at:u}" };
        }
    }

    private static IEnumerable<WaitReason> OfTask(RunState state, int task)
    {
        yield return Explain(state, new TaskKey(task));
        if (state.Tasks[task] is Mapping mapping)
        {
            var open = Math.Min(MostItems, mapping.Items.Count - mapping.Ended);
            for (var item = 0; open > 0 && item < mapping.Items.Count; item++)
            {
                var key = new TaskKey(task, item);
                if (state.Items[key] is not Ended)
                {
                    open--;
                    yield return Explain(state, key);
                }
            }
        }
    }

    private static WaitReason Explain(RunState state, TaskKey key)
    {
        var reason = ExplainState(state, key) with { Facts = WaitFacts.Of(state, key) };
        if (state.DueAt(key, TimerKind.TaskDeadline) is { } deadline && state.Graph.Nodes[key.Task].Definition.Deadline is { } ahead)
        {
            reason = reason with { Message = $"{reason.Message}; its deadline is {deadline:u} ({Words(ahead.Then)})", Until = reason.Until is { } earlier && earlier < deadline ? earlier : deadline };
        }

        return !key.IsItem && state.Late.TryGetValue(key, out var late) ? reason with { Message = $"{reason.Message}; late since {late:u}", Late = true } : reason;
    }

    private static WaitReason ExplainState(RunState state, TaskKey key) => state[key] switch
    {
        Waiting when state.Queued is { } queued => Reason(state, key, WaitKind.Concurrency, $"its run waits for concurrency key \"{queued.Key.Word}\""),
        Waiting => ForUpstream(state, key),
        Preparing => Reason(state, key, WaitKind.Preparing, "its condition, inputs and cache are being looked at"),
        Ready when state.Status == RunStatus.Paused => Reason(state, key, WaitKind.Paused, state.Paused is { } paused ? $"paused by {paused.By} since {paused.Since:u}" : "the run is paused"),
        Ready when IsLimited(state, key) => Queued(state, key, WaitKind.Limit, "as many attempts as allowed are in flight"),
        Ready when state.Graph.Nodes[key.Task].Definition is { Pool: { } pool } limited => Queued(
            state, key, WaitKind.Pool, $"it waits for {limited.PoolSlots} free slot{(limited.PoolSlots == 1 ? "" : "s")} of pool \"{pool}\", or for a place in its lane"),
        Ready => Queued(state, key, WaitKind.Lane, "it waits for a free place in its lane"),
        Running { Child: { } child } running => Reason(state, key, WaitKind.Child, $"child run {child} is under way since {running.Since:u}{(running.Stopping ? " and was asked to stop" : "")}") with { Child = child },
        Running running => Reason(state, key, WaitKind.Running, $"attempt {running.Tries.Attempts} has been running since {running.Since:u}{(running.Stopping ? " and was asked to stop" : "")}"),
        Backoff backoff => Reason(state, key, WaitKind.Retry, $"attempt {backoff.Tries.Attempts} ended with {backoff.Last.Code}: {backoff.Last.Message}; the next one is at {backoff.Until:u}") with { Until = backoff.Until },
        Suspended suspended => ForAnswer(state, key, suspended.Question),
        Mapping mapping => Reason(state, key, WaitKind.Items, $"{mapping.Ended} of {mapping.Items.Count}{(mapping.Complete ? "" : " or more")} items have ended, {mapping.InFlight} are running"),
        var other => throw new InvalidOperationException($"A task that is {other.Word} does not wait."),
    };

    private static WaitReason Queued(RunState state, TaskKey key, WaitKind kind, string message) => state.DueAt(key, TimerKind.Queue) is { } until
        ? Reason(state, key, kind, $"{message}; queue timeout at {until:u}") with { Until = until }
        : Reason(state, key, kind, message);

    private static WaitReason ForAnswer(RunState state, TaskKey key, Question question)
    {
        var until = state.DueAt(key, TimerKind.Answer);
        var who = question.Approvers.IsEmpty ? "anybody" : string.Join(" or ", question.Approvers);
        var then = until is { } time ? $" until {time:u} (then: {JsonNamingPolicy.KebabCaseLower.ConvertName(question.OnDeadline.ToString())})" : "";
        return Reason(state, key, WaitKind.Answer, $"{question.Kind} by {who}{then}: {question.Prompt}") with { Until = until };
    }

    private static string Words(DeadlineAction then) => then switch
    {
        DeadlineAction.Fail => "then it fails",
        DeadlineAction.Cancel => "then it is cancelled",
        _ => "then it is reported as late",
    };

    private static bool IsLimited(RunState state, TaskKey key) =>
        state.InFlight.Count >= (state.Graph.Definition.Parallel ?? int.MaxValue)
        || (key.IsItem && state.Tasks[key.Task] is Mapping mapping && mapping.InFlight >= (state.Graph.Nodes[key.Task].Definition.Map?.Parallel ?? int.MaxValue));

    private static WaitReason ForUpstream(RunState state, TaskKey key)
    {
        var node = state.Graph.Nodes[key.Task];
        if (node.Gate is { } gate && state.Tasks[gate] is not Ended)
        {
            var begin = state.NameOf(new TaskKey(gate));
            return Reason(state, key, WaitKind.Upstream, $"it waits for its sub-pipeline \"{begin.Value[..begin.Value.LastIndexOf('/')]}\" to begin") with { Tasks = [begin] };
        }

        ImmutableArray<TaskName> open = [.. node.Upstream
            .Where(before => state.Tasks[before] is not Ended)
            .Select(before => state.Graph.Nodes[before].Definition.Name)];
        return Reason(state, key, WaitKind.Upstream, $"it waits for {string.Join(", ", open.Take(5))}{(open.Length > 5 ? $" and {open.Length - 5} more" : "")}") with { Tasks = open };
    }

    private static WaitReason Reason(RunState state, TaskKey key, WaitKind kind, string message) =>
        new() { Task = state.NameOf(key), Item = key.IsItem ? key.Item : null, Kind = kind, Message = message };
}
