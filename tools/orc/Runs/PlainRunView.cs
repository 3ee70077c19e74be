using System.Globalization;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;

namespace Orchestrator.Cli.Runs;

/// <summary>A line per thing that happens, for pipes and logs of other systems.</summary>
internal sealed class PlainRunView(TextWriter output, TimeProvider time) : RunView(time)
{
    /// <summary>So many items of a task have a line of their own.</summary>
    private const int ItemsShown = 100;

    /// <summary>After those there is a line each time that so many more have ended.</summary>
    private const int ItemsBetween = 500;

    private bool waits;

    protected override void Begun(string header)
    {
        output.WriteLine(header);
        output.Flush();
    }

    protected override void Told(string what)
    {
        output.WriteLine(what);
        output.Flush();
        waits = true;
    }

    protected override void Show(RunState state, RunEvent change)
    {
        switch (change)
        {
            case AttemptStarted started when started.Item is null:
                Write(started, started.Number == 1 ? "started" : $"started, attempt {started.Number}");
                break;
            case TaskExpanded expanded:
                // The state is that after all events of a commit, in which a map of cached items may have ended already.
                if (expanded.Items.Length > 0 && !LineOf(state, expanded).IsExpanded)
                {
                    LineOf(state, expanded).IsExpanded = true;
                    Write(expanded, "started, with items");
                }

                break;
            case TaskEvent { Item: { } item } of when change is AttemptSucceeded or AttemptFailed or AttemptSkipped or TaskReused:
                ShowItem(state, of, item);
                break;
            case TaskSuspended asked:
                Ask(state, asked.Task);
                break;
            case RunAdmitted admitted when waits:
                output.WriteLine($"concurrency key \"{admitted.Key.Word}\" is free: the run starts");
                break;
            case RunPaused paused:
                output.WriteLine($"paused by {paused.By}; go on with: orc resume {Run}");
                break;
            case RunResumed resumed:
                output.WriteLine($"resumed by {resumed.By}");
                break;
            case TaskDeadlinePassed late:
                Write(late, $"late: not ended {Durations.Format(late.After)} after its turn came");
                break;
            case RunDeadlinePassed or RunTimedOut:
                output.WriteLine($"warning: {WaitReasons.OfRun(state).LastOrDefault(reason => reason.Kind == WaitKind.Late)?.Message ?? "the run is late"}");
                break;
            case RunMigrated migrated:
                output.WriteLine($"migrated by {migrated.By} to definition {migrated.Definition.Short}{(migrated.Reason is null ? "" : $": {migrated.Reason}")}");
                break;
            case RequestRefused refused:
                output.WriteLine($"refused: {refused.Kind} by {refused.By}: {refused.Reason}");
                break;
            case RetryScheduled retry:
                Write(retry, $"{(retry.Item is { } again ? $"item {again} " : "")}retrying at {retry.Until:HH:mm:ss} after {retry.Failure.Code}: {retry.Failure.Message}");
                break;
            default:
                ShowEnd(state, change);
                break;
        }
    }

    protected override void ShowWaiting(RunState state)
    {
        if (state.Paused is { } paused)
        {
            output.WriteLine($"paused by {paused.By} since {paused.Since:u}; go on with: orc resume {Run}");
        }

        foreach (var node in state.Graph.Nodes.Where(node => state.Tasks.GetValueOrDefault(node.Index) is Suspended))
        {
            Ask(state, node.Definition.Name);
        }
    }

    /// <summary>A question that has been answered meanwhile needs no more words.</summary>
    private void Ask(RunState state, TaskName task)
    {
        if (state[task] is Suspended)
        {
            output.WriteLine($"{task.Value,-25} waits for {WaitReasons.OfTask(state, new TaskKey(state.Graph[task].Index)).Message}");
            output.WriteLine($"{"",-25} answer with: orc approve {Run} {task}");
            output.Flush();
        }
    }

    private void ShowItem(RunState state, TaskEvent change, int item)
    {
        var task = state.Graph[change.Task].Index;
        var line = LineOf(state, change);
        line.EndedItems += change is AttemptFailed ? 0 : 1;
        // Of many items one by one is noise: the first ones, and then how far it is. Failures are told always.
        if (change is AttemptFailed || line.EndedItems <= ItemsShown)
        {
            Write(change, string.Join(' ', new[] { $"item {item}", ItemWord(change), state.Items.GetValueOrDefault(new TaskKey(task, item))?.Label }.OfType<string>()));
        }
        else if (line.EndedItems % ItemsBetween == 0)
        {
            Write(change, $"{line.EndedItems} items have ended{(line.CachedItems > 0 ? $", {line.CachedItems} of them cached" : "")}{(line.FailedItems > 0 ? $", {line.FailedItems} have failed" : "")}");
        }
    }

    private static string ItemWord(TaskEvent change) => change switch
    {
        AttemptSucceeded => "succeeded",
        TaskReused => "cached",
        AttemptSkipped => "skipped",
        _ => "failed",
    };

    private void ShowEnd(RunState state, RunEvent change)
    {
        if (change is not TaskEvent { Item: null } task || change is AttemptFailed or AttemptLost or TaskTurnCame or TaskPrepared or TaskUnanswered or TaskStopRequested || state.Tasks[state.Graph[task.Task].Index] is not Ended ended)
        {
            return;
        }

        var line = LineOf(state, task);
        var took = line.Started is { } since && ended.Outcome is TaskOutcome.Succeeded or TaskOutcome.Failed ? $" after {Words.Elapsed(ended.At - (line.Started ?? ended.At))}" : "";
        var detail = line.Detail(state);
        Write(task, ended.Word + took + (detail.Length > 0 ? $": {detail}" : ""));
    }

    private void Write(TaskEvent change, string what) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{change.At.ToLocalTime():HH:mm:ss} {change.Task.Value,-16} {what}"));
}
