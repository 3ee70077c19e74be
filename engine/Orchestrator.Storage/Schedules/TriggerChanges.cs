using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Storage.Schedules;

/// <summary>The triggers that a registered pipeline has as it is now.</summary>
public sealed record TriggerSync
{
    public required PipelineInfo Pipeline { get; init; }

    /// <summary>None for a pipeline that was removed.</summary>
    public required IReadOnlyList<TriggerRegistration> Triggers { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>One of them.</summary>
public sealed record TriggerRegistration
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    /// <summary>What decides when it is due: another text is another schedule, which begins anew.</summary>
    public required string Timing { get; init; }

    /// <summary>Times after this count, of a schedule that begins. Null: of a trigger that waits for signals, which begins with the next one.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The signals it waits for.</summary>
    public IReadOnlyList<SignalTopic> Watches { get; init; } = [];
}

/// <summary>What signals are about.</summary>
public readonly record struct SignalTopic(string Kind, string Subject);

/// <summary>What a look at a trigger found: stored whole, or not at all when somebody else has looked since.</summary>
public sealed record TriggerAdvance
{
    public required TriggerInfo Trigger { get; init; }

    /// <summary>Never goes back: the stored one stays when it is larger.</summary>
    public required long Cursor { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    public JsonElement? State { get; init; }

    /// <summary>How many more got no run because nobody was there or it was paused. Counts also what has no row among <see cref="Ticks"/>.</summary>
    public long Missed { get; init; }

    /// <summary>Those that are there already stay what they are.</summary>
    public IReadOnlyList<NewTick> Ticks { get; init; } = [];

    public IReadOnlyList<FileSeen> Files { get; init; } = [];

    public IReadOnlyList<FileSeen> Gone { get; init; } = [];

    /// <summary>Signals that this look itself has found, about <see cref="SignalTopic"/>s of the trigger.</summary>
    public IReadOnlyList<NewSignal> Signals { get; init; } = [];

    /// <summary>True: ends its own pause.</summary>
    public bool Resume { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>A wish to pause a trigger.</summary>
public sealed record TriggerPause
{
    public required TriggerKey Trigger { get; init; }

    public required string By { get; init; }

    public string? Reason { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Refused unless the trigger's <see cref="TriggerInfo.Version"/> is this one. Null: whatever it is.</summary>
    public long? ExpectedVersion { get; init; }
}

/// <summary>A tick to store.</summary>
public sealed record NewTick
{
    public required string Key { get; init; }

    public DateTimeOffset? LogicalDate { get; init; }

    public DateTimeOffset? IntervalStart { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public required string Decision { get; init; }

    public string? Reason { get; init; }

    public JsonElement? Event { get; init; }
}

/// <summary>Something that happened.</summary>
public sealed record NewSignal
{
    public required SignalTopic Topic { get; init; }

    public required JsonElement Payload { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>A second signal with the same text is not stored. Null: each is new.</summary>
    public string? Once { get; init; }
}

/// <summary>Whom a run is the answer to. Recorded in the transaction that accepts the run, which it can refuse.</summary>
public abstract record RunCause
{
    private protected RunCause()
    {
    }

    /// <summary>Null when the run may be; otherwise why not.</summary>
    internal abstract Task<string?> RecordAsync(Databases.IWriteSession session, RunId run, DateTimeOffset now, CancellationToken cancellation);
}
