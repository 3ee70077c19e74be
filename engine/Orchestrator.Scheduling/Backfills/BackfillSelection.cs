using System.Collections.Immutable;

namespace Orchestrator.Scheduling.Backfills;

/// <summary>Which of the dates get a run.</summary>
public enum BackfillOnly
{
    Unknown = 0,

    /// <summary>Those that have none.</summary>
    Missing,

    /// <summary>Those whose newest run failed or was cancelled.</summary>
    Failed,

    /// <summary>All; what succeeded runs again.</summary>
    All,
}

/// <summary>Which date comes first.</summary>
public enum BackfillOrder
{
    Unknown = 0,
    Oldest,
    Newest,
}

/// <summary>What a backfill is asked to do: a range of a schedule's times, or a list of dates.</summary>
public sealed record BackfillSelection
{
    /// <summary>Inclusive. Required without <see cref="Dates"/>.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Inclusive. Null: now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>In place of a range.</summary>
    public ImmutableArray<DateTimeOffset> Dates { get; init; } = [];

    public BackfillOnly Only { get; init; } = BackfillOnly.Missing;

    public BackfillOrder Order { get; init; } = BackfillOrder.Oldest;

    /// <summary>The schedule whose times, data intervals and parameters count; null: the first one of the pipeline.</summary>
    public string? Schedule { get; init; }
}
