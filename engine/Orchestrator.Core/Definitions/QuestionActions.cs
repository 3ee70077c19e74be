namespace Orchestrator.Core.Definitions;

/// <summary>What becomes of a task that nobody answered in time.</summary>
public enum UnansweredAction
{
    Unknown = 0,
    Fail,
    Skip,

    /// <summary>As if somebody had said yes, without a form.</summary>
    Approve,

    /// <summary>As if somebody had said no.</summary>
    Reject,
}

/// <summary>What becomes of a task that was answered with no.</summary>
public enum RejectedAction
{
    Unknown = 0,
    Fail,

    /// <summary>It succeeds with <c>approved</c> false: what comes after decides.</summary>
    Continue,
}
