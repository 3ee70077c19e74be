using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>What tasks and runs fail with by the passing of time and by the word of people. 525x.</summary>
internal static class RunFailures
{
    public static Failure QueueTimeout(TimeSpan limit) => new()
    {
        Code = "ORC5250",
        Kind = FailureKind.Timeout,
        Message = $"the task waited {Durations.Format(limit)} for a free place and got none",
        Why = "its queueTimeout says that it is of no use later than that",
        Help = "Raise queueTimeout, give the task a higher priority, or make room in its lane or pool.",
        Retryable = true,
    };

    public static Failure RunTimeout(TimeSpan limit) => new()
    {
        Code = "ORC5251",
        Kind = FailureKind.Timeout,
        Message = $"the run took longer than {Durations.Format(limit)}",
        Why = "the pipeline's timeout bounds a whole run, all waiting included",
        Help = "Raise the pipeline's timeout, or look what the time went into: orc show RUN. What succeeded is kept: orc retry RUN.",
        Retryable = true,
    };

    public static Failure TaskDeadline(TimeSpan after) => new()
    {
        Code = "ORC5252",
        Kind = FailureKind.Timeout,
        Message = $"the task had not ended {Durations.Format(after)} after its turn came",
        Why = "its deadline says that it fails then; waiting for places, retries and all attempts count",
        Help = "Raise the deadline, or let it only notify (\"then\": \"notify\").",
    };

    public static Failure RunDeadline(TimeSpan after) => new()
    {
        Code = "ORC5253",
        Kind = FailureKind.Timeout,
        Message = $"the run had not ended after {Durations.Format(after)}",
        Why = "the pipeline's deadline says that it fails then",
        Help = "Raise the deadline, or let it only notify (\"then\": \"notify\").",
    };

    public static Failure Rejected(string by, string? comment) => new()
    {
        Code = "ORC5254",
        Kind = FailureKind.Work,
        Message = $"{by} said no{(comment is null ? "" : $": {comment}")}",
        Why = "the task fails when it is rejected; with onReject \"continue\" it would go on with approved = false",
    };

    public static Failure Unanswered(string prompt) => new()
    {
        Code = "ORC5255",
        Kind = FailureKind.Timeout,
        Message = $"nobody answered in time: {prompt}",
        Why = "the question has a deadline, and its onDeadline is \"fail\"",
        Help = "Ask again with: orc retry RUN. A longer deadline or another onDeadline (skip, approve, reject) would have let the run go on.",
    };

    public static Failure InSubPipeline(TaskName task, Failure failure) => failure with { Message = $"task {task} of the sub-pipeline failed: {failure.Message}" };
}
