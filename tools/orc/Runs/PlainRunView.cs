using System.Globalization;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>A line per thing that happens, for pipes and logs of other systems.</summary>
internal sealed class PlainRunView(TextWriter output, TimeProvider time) : RunView(time)
{
    protected override void Begun(string header)
    {
        output.WriteLine(header);
        output.Flush();
    }

    protected override void Show(RunState state, RunEvent change)
    {
        switch (change)
        {
            case AttemptStarted started when started.Item is null:
                Write(started, started.Number == 1 ? "started" : $"started, attempt {started.Number}");
                break;
            case TaskExpanded { Items.Length: > 0 } expanded when ((state.Tasks[state.Graph[expanded.Task].Index] as Mapping)?.Items.Count ?? 0) == expanded.Items.Length:
                Write(expanded, "started, with items");
                break;
            case AttemptSucceeded or AttemptFailed when ((TaskEvent)change).Item is { } item:
                ShowItem(state, (TaskEvent)change, item);
                break;
            case RetryScheduled retry:
                Write(retry, $"{(retry.Item is { } again ? $"item {again} " : "")}retrying at {retry.Until:HH:mm:ss} after {retry.Failure.Code}: {retry.Failure.Message}");
                break;
            default:
                ShowEnd(state, change);
                break;
        }
    }

    private void ShowItem(RunState state, TaskEvent change, int item)
    {
        var end = state.Items.GetValueOrDefault(new TaskKey(state.Graph[change.Task].Index, item));
        Write(change, string.Join(' ', new[] { $"item {item}", change is AttemptSucceeded ? "succeeded" : "failed", end?.Label }.OfType<string>()));
    }

    private void ShowEnd(RunState state, RunEvent change)
    {
        if (change is not TaskEvent { Item: null } task || change is AttemptFailed or AttemptLost || state.Tasks[state.Graph[task.Task].Index] is not Ended ended)
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
