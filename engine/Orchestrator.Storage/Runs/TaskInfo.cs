using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Runs;

/// <summary>The row of a task, or of one item of a mapped task.</summary>
public sealed record TaskInfo
{
    public required TaskName Task { get; init; }

    /// <summary>The item; null: the task itself.</summary>
    public int? MapIndex { get; init; }

    /// <summary>A word of the runtime: <c>ready</c>, <c>running</c>, <c>upstream-failed</c>, …</summary>
    public required string Status { get; init; }

    /// <summary>The number of the current or last attempt; 0: none yet.</summary>
    public int AttemptNumber { get; init; }

    /// <summary>The current or last attempt. Any other attempt's writes are refused.</summary>
    public AttemptId? AttemptId { get; init; }

    /// <summary>What people call the item.</summary>
    public string? Label { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it waits, or why it was skipped.</summary>
    public JsonElement? Reason { get; init; }

    public JsonElement? Outputs { get; init; }

    public Failure? Failure { get; init; }

    /// <summary>The run whose result this one took over.</summary>
    public RunId? CachedFrom { get; init; }

    /// <summary>0..1; null: nobody can say. Written by heartbeats too.</summary>
    public double? Progress { get; init; }

    public string? ProgressMessage { get; init; }
}

/// <summary>The row of an attempt.</summary>
public sealed record AttemptRow
{
    public required AttemptId Id { get; init; }

    public required TaskName Task { get; init; }

    public int? MapIndex { get; init; }

    /// <summary>1 for the first.</summary>
    public required int Number { get; init; }

    /// <summary>A word of the runtime. Once <see cref="EndedAt"/> is set the row never changes again.</summary>
    public required string Status { get; init; }

    public required string Lane { get; init; }

    /// <summary>The worker that has it: a process, later a machine.</summary>
    public string? Worker { get; init; }

    public DateTimeOffset? QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? HeartbeatAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public Failure? Failure { get; init; }
}

/// <summary>A sign of life of an attempt, with how far it is.</summary>
public sealed record Heartbeat
{
    public required RunId Run { get; init; }

    public required TaskName Task { get; init; }

    public int? MapIndex { get; init; }

    public required AttemptId AttemptId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Null keeps what was said before.</summary>
    public double? Progress { get; init; }

    /// <summary>Null keeps what was said before.</summary>
    public string? Message { get; init; }
}
