using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary>Shows a run while it goes on. The base keeps what every form of showing needs.</summary>
internal abstract class RunView(TimeProvider time) : IRunListener
{
    private readonly Lock gate = new();
    private Dictionary<int, TaskLine> lines = [];
    private PipelineGraph? shown;

    protected TimeProvider Time { get; } = time;

    protected RunState? State { get; private set; }

    protected RunId? Run { get; private set; }

    protected IEnumerable<TaskLine> Lines => lines.Values.OrderBy(line => line.Task);

    public void OnBegin(RunId run, RunState state)
    {
        lock (gate)
        {
            Run = run;
            Begun($"run {run} of {state.Graph.Definition.Name}");
            ShowWaiting(state);
        }
    }

    public void OnEvents(RunState state, IReadOnlyList<RunEvent> events)
    {
        lock (gate)
        {
            State = state;
            if (!ReferenceEquals(shown, state.Graph))
            {
                shown = state.Graph;
                var earlier = lines.Values.ToDictionary(line => line.Name, StringComparer.Ordinal);
                lines = state.Graph.Nodes.Where(node => !node.Definition.Name.IsInternal).ToDictionary(
                    node => node.Index,
                    node => new TaskLine(node.Index, node.Definition.Name.Value, node.Definition.Uses, earlier.GetValueOrDefault(node.Definition.Name.Value)));
            }

            // The engine's own steps are nobody's news unless they fail.
            foreach (var change in events.Where(change => change is not TaskEvent task || !task.Task.IsInternal))
            {
                Note(state, change);
                Show(state, change);
            }

            Redraw();
        }
    }

    public void OnProgress(TaskKey key, double? fraction, string? message)
    {
        lock (gate)
        {
            if (!lines.TryGetValue(key.Task, out var line))
            {
                return;
            }

            line.Fraction = key.IsItem ? null : fraction;
            line.Message = message ?? line.Message;
            Progressed(line, key);
            Redraw();
        }
    }

    /// <summary>Says something that is not an event.</summary>
    public void Tell(string what)
    {
        lock (gate)
        {
            Told(what);
            Redraw();
        }
    }

    /// <summary>Something to say that is not an event.</summary>
    protected virtual void Told(string what)
    {
    }

    protected TaskLine LineOf(RunState state, TaskEvent change) => lines[state.Graph[change.Task].Index];

    /// <summary>The first thing to show.</summary>
    protected virtual void Begun(string header)
    {
    }

    /// <summary>What a run that is gone on with has been waiting for.</summary>
    protected virtual void ShowWaiting(RunState state)
    {
    }

    /// <summary>One event, in order.</summary>
    protected virtual void Show(RunState state, RunEvent change)
    {
    }

    protected virtual void Progressed(TaskLine line, TaskKey key)
    {
    }

    /// <summary>After a batch of events or a progress; called under the view's lock.</summary>
    protected virtual void Redraw()
    {
    }

    /// <summary>Runs a piece of drawing under the view's lock.</summary>
    protected void Locked(Action draw)
    {
        lock (gate)
        {
            draw();
        }
    }

    private void Note(RunState state, RunEvent change)
    {
        if (change is not TaskEvent task)
        {
            return;
        }

        var line = LineOf(state, task);
        switch (change)
        {
            case AttemptStarted:
                line.Started ??= change.At;
                break;
            case RetryScheduled or AttemptFailed when task.Item is null:
                line.Message = null;
                line.Fraction = null;
                break;
            case TaskReused when task.Item is not null:
                line.CachedItems++;
                break;
            case TaskFailed when task.Item is not null:
                line.FailedItems++;
                break;
            default:
                break;
        }

        if (task.Item is null && state.Tasks[line.Task] is Ended)
        {
            line.EndedAt = change.At;
        }
    }
}

/// <summary>Shows nothing: for <c>--json</c>.</summary>
internal sealed class SilentRunView(TimeProvider time) : RunView(time);
