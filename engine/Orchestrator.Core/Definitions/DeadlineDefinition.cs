namespace Orchestrator.Core.Definitions;

/// <summary>What happens when something has not ended after a time.</summary>
public sealed record DeadlineDefinition
{
    public required TimeSpan After { get; init; }

    public required DeadlineAction Then { get; init; }
}

public enum DeadlineAction
{
    Unknown = 0,

    /// <summary>What is under way is stopped, and the task or run ends as failed.</summary>
    Fail,

    /// <summary>What is under way is stopped, and the task or run ends as cancelled.</summary>
    Cancel,

    /// <summary>It goes on; that it is late is recorded, shown, and told to whoever listens.</summary>
    Notify,
}
