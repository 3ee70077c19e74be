using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>What the sentence of a <see cref="WaitReason"/> says, for programs. Only what the reason's kind has is set.</summary>
public sealed record WaitFacts
{
    /// <summary>Since when it is ready, running, suspended, or its run paused.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The lane in which it waits for a place.</summary>
    public Lane? Lane { get; init; }

    /// <summary>The pool from which it takes slots.</summary>
    public string? Pool { get; init; }

    /// <summary>How many slots of <see cref="Pool"/> it takes.</summary>
    public int? Slots { get; init; }

    /// <summary>How many attempts may be in flight at once, when that many are.</summary>
    public int? Limit { get; init; }

    /// <summary>Whose limit it is: <c>run</c> or <c>map</c>.</summary>
    public string? LimitOf { get; init; }

    /// <summary>The attempt that is under way.</summary>
    public AttemptId? Attempt { get; init; }

    /// <summary>The number of the current or the last attempt.</summary>
    public int? Number { get; init; }

    /// <summary>Why what is under way was asked to stop; null when it was not.</summary>
    public string? Stopping { get; init; }

    /// <summary>What the last attempt ended with.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Who paused the run.</summary>
    public string? By { get; init; }

    /// <summary>What is asked, of whom, and what comes of no answer.</summary>
    public Question? Question { get; init; }

    /// <summary>How far the items of a mapped task are.</summary>
    public ItemCounts? Items { get; init; }

    /// <summary>When it has waited long enough for a place.</summary>
    public DateTimeOffset? QueueTimeout { get; init; }

    /// <summary>When its deadline passes.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What happens then.</summary>
    public DeadlineAction? OnDeadline { get; init; }

    /// <summary>When its deadline passed.</summary>
    public DateTimeOffset? LateSince { get; init; }

    /// <summary>The facts of one task or item that has not ended.</summary>
    public static WaitFacts Of(RunState state, TaskKey key)
    {
        var task = state.Graph.Nodes[key.Task].Definition;
        var deadline = state.DueAt(key, TimerKind.TaskDeadline);
        return OfState(state, key, task) with
        {
            QueueTimeout = state.DueAt(key, TimerKind.Queue),
            Deadline = deadline,
            OnDeadline = deadline is null ? null : task.Deadline?.Then,
            LateSince = !key.IsItem && state.Late.TryGetValue(key, out var late) ? late : null,
        };
    }

    private static WaitFacts OfState(RunState state, TaskKey key, TaskDefinition task) => state[key] switch
    {
        Ready when state.Paused is { } paused => new() { Since = paused.Since, By = paused.By },
        Ready ready => LimitOn(state, key) with
        {
            Since = ready.Since, Lane = ready.Work.Lane, Pool = task.Pool, Slots = task.Pool is null ? null : task.PoolSlots, Number = ready.Tries.Attempts == 0 ? null : ready.Tries.Attempts,
        },
        Running running => new() { Since = running.Since, Attempt = running.Attempt, Number = running.Tries.Attempts, Lane = running.Work.Lane, Stopping = running.Stop?.Reason },
        Backoff backoff => new() { Number = backoff.Tries.Attempts, Failure = backoff.Last },
        Suspended suspended => new() { Since = suspended.Since, Question = suspended.Question with { Deadline = state.DueAt(key, TimerKind.Answer) } },
        Mapping mapping => new() { Items = new ItemCounts(mapping.Items.Count, mapping.InFlight, mapping.Ended, mapping.Complete), Stopping = mapping.Stop?.Reason },
        _ => new(),
    };

    private static WaitFacts LimitOn(RunState state, TaskKey key)
    {
        if (state.Graph.Definition.Parallel is { } run && state.InFlight.Count >= run)
        {
            return new() { Limit = run, LimitOf = "run" };
        }

        return key.IsItem && state.Tasks[key.Task] is Mapping mapping && state.Graph.Nodes[key.Task].Definition.Map?.Parallel is { } map && mapping.InFlight >= map
            ? new() { Limit = map, LimitOf = "map" }
            : new();
    }
}

/// <summary>How far the items of a mapped task are.</summary>
/// <param name="Complete">True when no item will come after those that were issued.</param>
public sealed record ItemCounts(int Issued, int Running, int Ended, bool Complete);
