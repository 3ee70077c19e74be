using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>Why a run starts. Which kind it is shows in the member that only this kind has: <c>schedule</c>, <c>dataset</c>, …</summary>
public abstract record TriggerDefinition
{
    private protected TriggerDefinition()
    {
    }
}

/// <summary>A run for every time a cron expression names.</summary>
public sealed record ScheduleTrigger : TriggerDefinition
{
    /// <summary>Cron with 5 fields (minute first), 6 (second first) or 7 (and year).</summary>
    public required string Schedule { get; init; }

    /// <summary>An IANA time zone.</summary>
    public string Zone { get; init; } = "UTC";

    public Overlap Overlap { get; init; } = Overlap.Skip;

    public Missed Missed { get; init; } = Missed.RunLatest;
}

/// <summary>A run for every new version of a dataset.</summary>
public sealed record DatasetTrigger : TriggerDefinition
{
    public required string Dataset { get; init; }
}

/// <summary>What happens when a run is due while an earlier one is still going.</summary>
public enum Overlap
{
    Unknown = 0,
    Skip,
    QueueOne,
    QueueAll,
    CancelOther,
    TerminateOther,
    Allow,
}

/// <summary>What happens to times that passed while no scheduler was running.</summary>
public enum Missed
{
    Unknown = 0,
    Skip,
    RunLatest,
    RunAll,
}
