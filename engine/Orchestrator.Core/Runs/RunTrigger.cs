using System.Text.Json;

namespace Orchestrator.Core.Runs;

/// <summary>What made a run start.</summary>
public enum TriggerKind
{
    Unknown = 0,

    /// <summary>A person or a program asked for it.</summary>
    Manual,

    /// <summary>A time of a schedule has come.</summary>
    Schedule,

    /// <summary>It is part of a backfill.</summary>
    Backfill,

    /// <summary>A version of a dataset was made.</summary>
    Dataset,

    /// <summary>An alias of a model was moved.</summary>
    Model,

    /// <summary>A run of a pipeline has ended.</summary>
    Pipeline,

    /// <summary>A file appeared.</summary>
    File,

    /// <summary>A request came in from outside.</summary>
    Webhook,

    /// <summary>Several of these came together.</summary>
    Combination,

    /// <summary>An alert was raised.</summary>
    Alert,
}

/// <summary>Why a run started, and the time that it is for. Stored with the run for ever, so members are only added, with a default.</summary>
public sealed record RunTrigger
{
    public required TriggerKind Kind { get; init; }

    /// <summary>The name of the trigger in its pipeline; null when no trigger of a definition started the run.</summary>
    public string? Name { get; init; }

    /// <summary>The time that the run is for, which need not be the time at which it starts. Null: for no time.</summary>
    public DateTimeOffset? LogicalDate { get; init; }

    /// <summary>The data that the run is for; null without <see cref="LogicalDate"/>.</summary>
    public DataInterval? Interval { get; init; }

    /// <summary>What happened, in the form of its kind. Null: nothing but that the time has come, or that somebody asked.</summary>
    public JsonElement? Event { get; init; }

    /// <summary>Who asked; null: nobody did.</summary>
    public string? By { get; init; }

    /// <summary>The backfill that the run is part of.</summary>
    public string? Backfill { get; init; }
}

/// <summary>A span of time whose data a run is for. Start inclusive, end exclusive; of no length when nothing is known but the end.</summary>
public sealed record DataInterval
{
    public required DateTimeOffset Start { get; init; }

    public required DateTimeOffset End { get; init; }
}
