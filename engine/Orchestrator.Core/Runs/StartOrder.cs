using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Core.Runs;

/// <summary>
/// What may start in a state, best first over all lines: the queues, less what a pause, the run's own limit or a map's limit holds back. The shell says what became of
/// each: what found no slots is passed and takes no room under those limits, so nothing that may start stands behind something that may not.
/// </summary>
public sealed class StartOrder
{
    private readonly RunState state;
    private readonly List<OpenLine> lines = [];
    private readonly Dictionary<int, int> ofMap = [];
    private int free;
    private OpenLine? last;

    public StartOrder(RunState state)
    {
        this.state = state;
        free = (state.Graph.Definition.Parallel ?? int.MaxValue) - state.InFlight.Count;
        if (state.Status is RunStatus.Paused || state.IsEnded)
        {
            return;
        }

        foreach (var (line, queue) in state.Queues)
        {
            var open = new OpenLine(line, queue);
            if (open.MoveNext())
            {
                lines.Add(open);
            }
        }
    }

    /// <summary>The next that may start, taking the one before it as started unless it was passed.</summary>
    public bool TryNext([NotNullWhen(true)] out ReadyLine? line, [NotNullWhen(true)] out DispatchWork? work)
    {
        last = null;
        while (free > 0 && Best() is { } open)
        {
            var key = open.Current.Key;
            if (!open.MoveNext())
            {
                lines.Remove(open);
            }

            if (!key.IsItem || HasPlace(key.Task))
            {
                open.Offered = key;
                last = open;
                free--;
                (line, work) = (open.Line, new DispatchWork(key, ((Ready)state[key]).Work));
                return true;
            }
        }

        (line, work) = (null, null);
        return false;
    }

    /// <summary>The one last offered does not start now; what stands behind it may.</summary>
    public void Pass()
    {
        var key = last?.Offered ?? throw new InvalidOperationException("Nothing was offered that could be passed.");
        last = null;
        free++;
        if (key.IsItem)
        {
            ofMap[key.Task]--;
        }
    }

    /// <summary>The one last offered does not start now, and nothing behind it in its line.</summary>
    public void Close()
    {
        var line = last;
        Pass();
        lines.Remove(line!);
    }

    private OpenLine? Best()
    {
        OpenLine? best = null;
        foreach (var open in lines)
        {
            best = best is null || open.Current < best.Current ? open : best;
        }

        return best;
    }

    private bool HasPlace(int task)
    {
        var taken = ofMap.GetValueOrDefault(task);
        var limit = state.Graph.Nodes[task].Definition.Map?.Parallel ?? int.MaxValue;
        if (state.Tasks[task] is not Mapping { Stopping: false } mapping || mapping.InFlight + taken >= limit)
        {
            return false;
        }

        ofMap[task] = taken + 1;
        return true;
    }

    private sealed class OpenLine(ReadyLine line, ImmutableSortedSet<ReadyEntry> queue)
    {
        private ImmutableSortedSet<ReadyEntry>.Enumerator entries = queue.GetEnumerator();

        public ReadyLine Line => line;

        public ReadyEntry Current => entries.Current;

        public TaskKey Offered { get; set; }

        public bool MoveNext() => entries.MoveNext();
    }
}
