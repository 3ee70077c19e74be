using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>The failures that the coordinator itself gives to attempts and tasks. 523x.</summary>
internal static class RuntimeFailures
{
    /// <summary>Any exception as a failure; an activity's own as it is.</summary>
    public static Failure Of(Exception error) => error switch
    {
        ActivityException known => known.Failure,
        _ => new Failure
        {
            Code = "ORC5230",
            Kind = FailureKind.Unexpected,
            Message = $"{error.GetType().Name}: {error.Message}",
            Why = "nobody foresaw this error, so it is probably a mistake in the program",
            Help = "The attempt's log has the stack trace; please report it.",
            Details = error.StackTrace?.Split('\n', StringSplitOptions.TrimEntries).Take(10).ToArray() ?? [],
        },
    };

    public static Failure Interrupted() => new()
    {
        Code = "ORC5231",
        Kind = FailureKind.Infrastructure,
        Message = "the program was asked to stop",
        Help = "Resume the run with: orc run --resume RUN",
    };

    public static Failure EngineAway(string owner) => new()
    {
        Code = "ORC5232",
        Kind = FailureKind.Infrastructure,
        Message = $"the process that ran the attempt ({owner}) ended without a word",
        Why = "an attempt whose engine is gone cannot report, so it is run again",
    };

    public static Failure TooManyItems(string what, long items, int limit) => new()
    {
        Code = "ORC5234",
        Kind = FailureKind.Work,
        Message = $"{(what.Length <= 110 ? what : what[..107] + "...")} has {items:N0} items; a task is mapped over at most {limit:N0}",
        Why = "each item is a row with a state of its own",
        Help = $"Map over chunks of the list, or shorter lists, or raise the limit: {SettingNames.Raise(SettingNames.MapItems)}",
    };

    /// <summary>What a child run failed with, as the failure of the attempt that waited for it. Never the machinery's: the run itself has had its retries.</summary>
    public static Failure OfChild(RunId child, RunState state)
    {
        var first = state.Failure ?? state.Graph.Nodes.Select(node => (state.Tasks[node.Index] as Ended)?.Failure).FirstOrDefault(failure => failure is not null);
        return first is null
            ? new Failure { Code = "ORC5272", Kind = FailureKind.Work, Message = $"child run {child} ended without success: {RunWords.Of(state.Status)}", Help = $"orc show {child}" }
            : first with
            {
                Message = $"child run {child} failed: {first.Message}",
                Kind = first.Kind == FailureKind.Infrastructure ? FailureKind.Work : first.Kind,
                Help = first.Help is null ? $"orc show {child}" : $"{first.Help} (orc show {child})",
            };
    }

    public static Failure ChildTimeout(RunId child, TimeSpan limit) => new()
    {
        Code = "ORC5273",
        Kind = FailureKind.Timeout,
        Message = $"child run {child} had not ended after {Durations.Format(limit)}, and was cancelled",
        Why = "the timeout of its task bounds one attempt, and a child run is one",
        Help = "Raise the task's timeout.",
        Retryable = true,
    };

    public static Failure Silent(TimeSpan limit) => new()
    {
        Code = "ORC5233",
        Kind = FailureKind.Infrastructure,
        Message = $"the attempt gave no sign of life for {Durations.Format(limit)}",
        Why = "its heartbeat says that one that is silent for so long is lost; progress and lines in the log are signs of life",
        Help = "Raise heartbeat, or let the work say how far it is (context.Progress, a line of output).",
    };
}
