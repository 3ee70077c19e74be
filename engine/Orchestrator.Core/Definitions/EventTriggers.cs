using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions;

/// <summary>A run for something that happens. What happened is <c>run.trigger.event</c> in expressions.</summary>
public abstract record EventTrigger : TriggerDefinition
{
    private protected EventTrigger()
    {
    }

    /// <summary>JavaScript over <c>run</c>; false: it was not this that the pipeline waits for. Null: anything is.</summary>
    public string? When { get; init; }

    /// <summary>What happens while an earlier run of the trigger is still going. Not <see cref="Overlap.Skip"/> unless said so, since what happened once need not happen again.</summary>
    public Overlap Overlap { get; init; } = Overlap.QueueAll;
}

/// <summary>A run for every new version of a dataset. The event has <c>dataset</c> and <c>version</c>, <c>rows</c> and <c>source</c>.</summary>
public sealed record DatasetTrigger : EventTrigger
{
    public required string Dataset { get; init; }
}

/// <summary>A run whenever an alias of a model is pointed at another version. The event has <c>model</c>, <c>alias</c>, <c>version</c> and <c>before</c>.</summary>
public sealed record ModelTrigger : EventTrigger
{
    public required string Model { get; init; }

    public string Alias { get; init; } = "champion";
}

/// <summary>A run whenever a run of another pipeline has ended. The event has <c>run</c>, <c>pipeline</c>, <c>status</c>, <c>logicalDate</c> and <c>outputs</c>.</summary>
public sealed record PipelineTrigger : EventTrigger
{
    public required string Pipeline { get; init; }

    public RunOutcome Outcome { get; init; } = RunOutcome.Succeeded;
}

/// <summary>A run whenever an alert of a name is raised, or gets worse. The event has <c>alert</c>, <c>id</c>, <c>subject</c>, <c>severity</c>, <c>reason</c>, <c>details</c>, <c>project</c> and <c>times</c>.</summary>
public sealed record AlertTrigger : EventTrigger
{
    public required string Alert { get; init; }

    /// <summary>What is less severe starts no run.</summary>
    public AlertSeverity Severity { get; init; } = AlertSeverity.Info;

    /// <summary>What the alert must be about, to the letter. Null: anything.</summary>
    public string? Subject { get; init; }
}

/// <summary>How bad what an alert says is, from the least to the worst.</summary>
public enum AlertSeverity
{
    Unknown = 0,
    Info,
    Warning,
    Critical,
}

/// <summary>How a run must have ended.</summary>
public enum RunOutcome
{
    Unknown = 0,
    Succeeded,
    Failed,
    Cancelled,
    Any,
}

/// <summary>A run for every file that appears, or that changes. The event has <c>path</c>, <c>name</c>, <c>size</c> and <c>modified</c>.</summary>
public sealed record FileTrigger : EventTrigger
{
    /// <summary>A path; its last part may have <c>*</c> and <c>?</c>. Relative to the folder of the pipeline's file.</summary>
    public required string File { get; init; }

    /// <summary>How long size and time of a file must stay the same before it counts as written to its end.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the folder is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A run for every request to <c>/hooks/NAME</c> that is signed with a secret. The event has <c>payload</c> and <c>headers</c>.</summary>
public sealed record WebhookTrigger : EventTrigger
{
    /// <summary>The last part of the address. Several pipelines may listen to one.</summary>
    public required string Webhook { get; init; }

    /// <summary>The name of the secret that requests are signed with.</summary>
    public required string Secret { get; init; }

    /// <summary>How far the time of a request may lie from the time at which it comes, before and after.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A run for several events together. The event has <c>events</c>, in the order of <see cref="Of"/>, with null for what has not happened.</summary>
public sealed record CombinedTrigger : EventTrigger
{
    public required ImmutableArray<EventTrigger> Of { get; init; }

    /// <summary>True: each of them must happen. False: any of them.</summary>
    public required bool All { get; init; }

    /// <summary>How long what has happened waits for the others. Null: for ever.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>The run starts when nothing more has happened for this long; what happens meanwhile is part of it. Null: at once.</summary>
    public TimeSpan? Debounce { get; init; }
}
