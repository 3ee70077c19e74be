using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <content>Attempts: their start, their ends, and what follows.</content>
internal sealed partial class RunTurn
{
    private string? Start(StartAttempt start) => State[start.Key] is Ready ready
        ? Say(new AttemptStarted { At = now, Task = Name(start.Key), Item = Item(start.Key), Attempt = start.Attempt, Number = ready.Tries.Attempts + 1, Child = ready.Child ?? start.Child })
        : Elsewhere(start.Key);

    private void Reject(TaskKey key, Running running, RejectAttempt reject)
    {
        Emit(new AttemptFailed { At = now, Task = Name(key), Item = Item(key), Attempt = reject.Attempt, Failure = reject.Failure });
        if (running.Stop is { } order)
        {
            End(key, order);
            return;
        }

        var policy = State.Graph.Nodes[key.Task].Definition.Retry ?? RetryPolicy.None;
        RetryOrFail(key, reject.Failure, RetryRules.NextDelay(policy, reject.Failure, State[key].Tries.Failures, reject.Random));
    }

    private void Lose(TaskKey key, Running running, LoseAttempt lose)
    {
        Emit(new AttemptLost { At = now, Task = Name(key), Item = Item(key), Attempt = lose.Attempt, Failure = lose.Failure, Counts = lose.Counts });
        if (running.Stop is { } order)
        {
            End(key, order);
            return;
        }

        var policy = State.Graph.Nodes[key.Task].Definition.Retry ?? RetryPolicy.None;
        RetryOrFail(key, lose.Failure, RetryRules.DelayAfterLoss(policy, lose.Failure, State[key].Tries.Losses, lose.AtOnce || !lose.Counts));
    }

    private void RetryOrFail(TaskKey key, Failure failure, TimeSpan? wait)
    {
        if (wait is { } time)
        {
            Emit(new RetryScheduled { At = now, Task = Name(key), Item = Item(key), Until = now + time, Failure = failure });
        }
        else
        {
            Emit(new TaskFailed { At = now, Task = Name(key), Item = Item(key), Failure = failure });
        }
    }
}
