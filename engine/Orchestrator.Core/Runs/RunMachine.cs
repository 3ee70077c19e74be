using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <summary>
/// The rules of a run. Pure: the same state, command and time give the same events; clocks, random numbers and identifiers come in as arguments.
/// </summary>
public static class RunMachine
{
    /// <summary>What happens when a command meets a state.</summary>
    public static Decision Decide(RunState state, RunCommand command, DateTimeOffset now)
    {
        var turn = new RunTurn(state, now);
        var refusal = Refuse(state, command) ?? turn.Take(command);
        return refusal is null
            ? new Decision { State = turn.State, Events = turn.Events }
            : new Decision { State = state, Refusal = refusal };
    }

    /// <summary>What the shell should be doing in this state. Lazy and in order of importance; ask for as many as there are places.</summary>
    public static IEnumerable<RunEffect> Effects(RunState state)
    {
        foreach (var (attempt, key) in state.InFlight)
        {
            if (state[key] is Running { Stopping: true })
            {
                yield return new StopAttempt(attempt);
            }
        }

        foreach (var task in state.ToPrepare)
        {
            yield return new PrepareTask(task);
        }

        foreach (var task in state.ToExpand)
        {
            yield return QuestionTo(state, task);
        }

        // Before the starts: who finds no place for the first of them asks no further, and the next time must be known all the same.
        if (state.Timers is { IsEmpty: false, Min: var next })
        {
            yield return new WakeAt(next.Until);
        }

        var starts = new StartOrder(state);
        while (starts.TryNext(out _, out var work))
        {
            yield return work;
        }
    }

    private static ExpandTask QuestionTo(RunState state, int task)
    {
        var mapping = (Mapping)state.Tasks[task];
        return new ExpandTask(task, mapping.Ended, mapping.Items.Count);
    }

    private static string? Refuse(RunState state, RunCommand command) => (state.Status, command) switch
    {
        (RunStatus.Unknown, AcceptRun) => null,
        (RunStatus.Unknown, _) => "the run has not been accepted",
        (_, AcceptRun) => "the run has been accepted already",
        _ when state.IsEnded => $"the run has ended: {state.Status.ToString().ToLowerInvariant()}",
        (RunStatus.Paused, PauseRun) => "the run is paused already",
        (RunStatus.Cancelling, PauseRun) => "the run is being cancelled",
        (not RunStatus.Queued, AdmitRun or SkipRun) => "the run does not wait for its concurrency key",
        (not RunStatus.Paused, ResumeRun) => "the run is not paused",
        _ => null,
    };
}
