using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>Finds the run whose results a new one can start from.</summary>
internal static class EarlierRuns
{
    /// <summary>How far back to look.</summary>
    private const int Limit = 50;

    /// <summary>The same start, with everything before a task taken over from the newest ended run of the pipeline that has it.</summary>
    public static async Task<RunStart> TakeOverAsync(Globals globals, OrcSession session, RunStart start, TaskName from)
    {
        var graph = new PipelineGraph(start.Pipeline);
        ActivityException? refusal = null;
        var ended = await session.Stores.Runs.ListAsync(new RunFilter { Pipeline = start.Pipeline.Name, Limit = Limit, Children = false }, CancellationToken.None);
        foreach (var run in ended.Where(run => run.EndedAt is not null))
        {
            var earlier = await session.ReplayAsync(run.Id, CancellationToken.None);
            try
            {
                var rerun = Rerun.From(graph, earlier, run.Id, from, RunRepeats.Changed(earlier.Params, start.Params));
                if (!globals.Json)
                {
                    globals.Console.Out.WriteLine($"taking over {rerun.Reused.Count} result{(rerun.Reused.Count == 1 ? "" : "s")} from run {run.Id}");
                }

                return start with { Reused = rerun.Reused.SetItems(start.Reused), Refresh = start.Refresh.AddRange(rerun.Refresh), Parent = run.Id };
            }
            catch (ActivityException nothing) when (nothing.Failure.Code == "ORC5245")
            {
                // The newest run says best what is missing.
                refusal ??= nothing;
            }
        }

        throw refusal is not null ? new WrongRequestException(refusal.Failure) : new WrongRequestException(
            "ORC5929", $"--from {from}: no run of \"{start.Pipeline.Name}\" has ended in this home yet", help: "Run the whole pipeline first.");
    }

    /// <summary>The same start, with the result of one task taken over from a named run: <c>--pin TASK=RUN</c>.</summary>
    public static async Task<RunStart> PinAsync(OrcSession session, RunStart start, string pin)
    {
        var parts = pin.Split('=', 2);
        if (parts is not [{ Length: > 0 } task, { Length: > 0 } text])
        {
            throw new WrongRequestException("ORC5915", $"--pin {pin} is not TASK=RUN", help: "For example: --pin split=last");
        }

        if (new PipelineGraph(start.Pipeline).Nodes.FirstOrDefault(node => node.Definition.Name.Value == task && !node.Definition.Name.IsInternal)?.Definition is not { } definition)
        {
            throw new WrongRequestException(EngineErrors.NoSuchTask(start.Pipeline, new TaskName(task)).Failure);
        }

        var run = await RunArgument.ResolveAsync(session, text, CancellationToken.None);
        var earlier = await session.ReplayAsync(run.Id, CancellationToken.None);
        if (!earlier.Graph.Contains(definition.Name) || earlier.Graph[definition.Name].Definition.Uses != definition.Uses
            || earlier[definition.Name] is not Ended { Outcome: TaskOutcome.Succeeded } end)
        {
            throw new WrongRequestException(
                "ORC5916", $"--pin {pin}: run {run.Id} has no result of {definition.Uses} for \"{task}\"", help: $"`orc show {run.Id}` lists what it has.");
        }

        return start with { Reused = start.Reused.SetItem(task, new ReusedTask { From = end.ReusedFrom ?? run.Id, Outputs = end.Outputs }) };
    }
}
