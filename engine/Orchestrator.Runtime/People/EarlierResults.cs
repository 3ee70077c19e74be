using Orchestrator.Core.Activities;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.People;

/// <summary>Lets a new run begin with results of earlier ones.</summary>
public sealed class EarlierResults(IRunStore runs, RunDesk desk)
{
    /// <summary>How far back to look.</summary>
    private const int Limit = 50;

    /// <summary>The same start, with everything before a task taken over from the newest ended run of the pipeline that has it, and that run's number of results.</summary>
    /// <exception cref="ActivityException">There is no such task (ORC5244), no run has what is before it (ORC5245), or none has ended yet (ORC5929).</exception>
    public async Task<(RunStart Start, int TakenOver)> TakeOverAsync(RunStart start, TaskName from, CancellationToken cancellation)
    {
        var graph = new PipelineGraph(start.Pipeline);
        ActivityException? refusal = null;
        var newest = await runs.ListAsync(new RunFilter { Pipeline = start.Pipeline.Name, Limit = Limit, Children = false }, cancellation);
        foreach (var run in newest.Where(run => run.EndedAt is not null))
        {
            var earlier = await desk.ReplayAsync(run.Id, cancellation);
            try
            {
                var rerun = Rerun.From(graph, earlier, run.Id, from, RunRepeats.Changed(earlier.Params, start.Params));
                return (start with { Reused = rerun.Reused.SetItems(start.Reused), Refresh = start.Refresh.AddRange(rerun.Refresh), Parent = run.Id }, rerun.Reused.Count);
            }
            catch (ActivityException nothing) when (nothing.Failure.Code == "ORC5245")
            {
                // The newest run says best what is missing.
                refusal ??= nothing;
            }
        }

        throw refusal ?? new ActivityException("ORC5929", $"no run of \"{start.Pipeline.Name}\" has ended in this home yet, so nothing before \"{from}\" can be taken over", help: "Run the whole pipeline first.");
    }

    /// <summary>The same start, with the result of one task taken over from a run.</summary>
    /// <exception cref="ActivityException">There is no such task (ORC5244), or the run has no result of it (ORC5916).</exception>
    public async Task<RunStart> PinAsync(RunStart start, string task, RunInfo run, CancellationToken cancellation)
    {
        if (new PipelineGraph(start.Pipeline).Nodes.FirstOrDefault(node => node.Definition.Name.Value == task && !node.Definition.Name.IsInternal)?.Definition is not { } definition)
        {
            throw EngineErrors.NoSuchTask(start.Pipeline, new TaskName(task));
        }

        var earlier = await desk.ReplayAsync(run.Id, cancellation);
        if (!earlier.Graph.Contains(definition.Name) || earlier.Graph[definition.Name].Definition.Uses != definition.Uses
            || earlier[definition.Name] is not Ended { Outcome: TaskOutcome.Succeeded } end)
        {
            throw new ActivityException("ORC5916", $"run {run.Id} has no result of {definition.Uses} for \"{task}\" that could be taken over", help: $"`orc show {run.Id}` lists what it has.");
        }

        return start with { Reused = start.Reused.SetItem(task, new ReusedTask { From = end.ReusedFrom ?? run.Id, Outputs = end.Outputs }) };
    }
}
