using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Schedules;

namespace Orchestrator.Core.Definitions;

/// <summary>Why a run starts. Which kind it is shows in the member that only this kind has: <c>schedule</c>, <c>dataset</c>, …</summary>
public abstract record TriggerDefinition
{
    private protected TriggerDefinition()
    {
    }

    /// <summary>What people call it, and what its history is kept under: two of one pipeline have different ones. The name rule is <see cref="Values.TaskName.Rule"/>. Null: see <see cref="TriggerNames"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Values for the pipeline's parameters, by name: JSON whose texts may hold <c>${ … }</c> over <c>run</c>. The others have their defaults.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Params { get; init; } = TaskDefinition.EmptyWith;
}

/// <summary>A run for every time of a timetable.</summary>
public abstract record TimeTrigger : TriggerDefinition
{
    private protected TimeTrigger()
    {
    }

    /// <summary>An IANA time zone: the place whose clock and calendar count.</summary>
    public string Zone { get; init; } = "UTC";

    public Overlap Overlap { get; init; } = Overlap.Skip;

    public Missed Missed { get; init; } = Missed.RunLatest;

    /// <summary>Missed times that are older than this get no run. Null: any age.</summary>
    public TimeSpan? MissedWindow { get; init; }

    /// <summary>A run starts up to this much later than planned, each time by another amount, so that many schedules of one hour do not start together. Its logical date stays the planned one.</summary>
    public TimeSpan? Jitter { get; init; }

    /// <summary>The first legal time, inclusive: a date or a date and time of the zone, or an instant (<see cref="Schedules.LocalInstants"/>). Null: always.</summary>
    public string? Start { get; init; }

    /// <summary>The end, exclusive, written as <see cref="Start"/>. Null: for ever.</summary>
    public string? End { get; init; }

    /// <summary>Calendars of the pipeline whose days do not count.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>What becomes of a time on an excluded day.</summary>
    public ExcludedDay Excluded { get; init; } = ExcludedDay.Skip;

    /// <summary>What becomes of a time that the clock leaves out when it is set forward.</summary>
    public MissingTime MissingHour { get; init; } = MissingTime.Shift;

    /// <summary>What becomes of a time that the clock shows twice when it is set back.</summary>
    public DoubledTime DoubledHour { get; init; } = DoubledTime.First;
}

/// <summary>A run for every time a cron expression names.</summary>
public sealed record ScheduleTrigger : TimeTrigger
{
    /// <summary>Cron with 5 fields (minute first), 6 (second first) or 7 (and year).</summary>
    public required string Schedule { get; init; }
}

/// <summary>A run every so often, in time that passes: clocks that are set make no difference.</summary>
public sealed record IntervalTrigger : TimeTrigger
{
    /// <summary>At least a second. Counted from <see cref="TimeTrigger.Start"/>, else from 1970-01-01 UTC: every 15 minutes is at 0, 15, 30 and 45 past.</summary>
    public required TimeSpan Every { get; init; }
}

/// <summary>A run on working days.</summary>
public sealed record WorkingDayTrigger : TimeTrigger
{
    /// <summary>Null: each. 1 is the first of the month, -1 the last; a month with fewer has none.</summary>
    public int? Day { get; init; }

    /// <summary>The times of the day, <c>09:00</c> or <c>09:00:30</c>.</summary>
    public required ImmutableArray<string> At { get; init; }

    /// <summary>The days of the week that are no working days; those of the excluded calendars are none either.</summary>
    public ImmutableArray<DayOfWeek> Weekend { get; init; } = [DayOfWeek.Saturday, DayOfWeek.Sunday];
}

/// <summary>What happens when a run is due while as many as may are still going.</summary>
public enum Overlap
{
    Unknown = 0,

    /// <summary>The new one is not started. It is recorded, with who was in its way.</summary>
    Skip,

    /// <summary>The new one waits, in the place of one that waited before it, which is cancelled.</summary>
    QueueOne,

    /// <summary>The new one waits behind those that came before it.</summary>
    QueueAll,

    /// <summary>The oldest are asked to cancel, and the new one starts when they have ended.</summary>
    CancelOther,

    /// <summary>The oldest are ended at once, without their tasks on exit, and the new one starts then.</summary>
    TerminateOther,

    /// <summary>The new one starts beside the others.</summary>
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
