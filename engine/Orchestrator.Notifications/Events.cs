namespace Orchestrator.Notifications;

/// <summary>What people may be told of, in the words of settings and messages.</summary>
public static class Events
{
    public const string RunFailed = "run-failed";

    /// <summary>The first success of a pipeline after its runs have failed.</summary>
    public const string RunRecovered = "run-recovered";

    public const string DeadlineMissed = "deadline-missed";

    public const string ApprovalWanted = "approval-wanted";

    public const string AlertRaised = "alert-raised";

    /// <summary>Somebody tries a channel. No route has it.</summary>
    public const string Test = "test";

    public static IReadOnlyList<string> All { get; } = [RunFailed, RunRecovered, DeadlineMissed, ApprovalWanted, AlertRaised];
}
