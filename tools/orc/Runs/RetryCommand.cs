using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc retry RUN</c>: a new run of the same definition that takes over what the earlier one finished.</summary>
internal static class RetryCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var from = new Option<string?>("--from") { Description = "Run this task and all after it again; without it, whatever did not succeed", HelpName = "TASK" };
        var command = new Command("retry", "Runs again what did not succeed in a run, as a new run that keeps the rest") { run, from };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            if (info.EndedAt is null)
            {
                throw new WrongRequestException("ORC5927", $"run {info.Id} has not ended: {info.Status}", help: $"Go on with it: orc run --resume {info.Id}");
            }

            var state = await session.ReplayAsync(info.Id, cancellation);
            var stored = await session.Stores.Definitions.FindAsync(info.Definition, cancellation) ?? throw EngineErrors.NoSuchRun(info.Id.Value);
            var start = new RunStart
            {
                Pipeline = DefinitionReader.Load(stored.Json),
                Definition = stored,
                Params = state.Params,
                BaseDirectory = info.BaseDirectory,
                Reused = Keep(state, info.Id, parsed.GetValue(from)),
                Parent = info.Id,
            };
            return await RunDriver.DriveAsync(globals, session, start.Pipeline, (engine, listener) => engine.StartAsync(start, listener, CancellationToken.None));
        }));
        return command;
    }

    /// <summary>What the new run takes over: all that succeeded, less the task to start from and everything after it.</summary>
    private static ImmutableSortedDictionary<string, ReusedTask> Keep(RunState state, RunId run, string? from)
    {
        if (from is not null && !state.Graph.Contains(new TaskName(from)))
        {
            throw new WrongRequestException("ORC5906", $"run {run} has no task \"{from}\"", help: $"Its tasks are {string.Join(", ", state.Graph.Nodes.Select(node => node.Definition.Name))}.");
        }

        var first = from is null ? -1 : state.Graph[new TaskName(from)].Index;
        return state.Graph.Nodes
            .Where(node => node.Index != first && !(first >= 0 && state.Graph.Ancestors(node.Index).Contains(first)) && !node.Definition.OnExit)
            .Select(node => (node.Definition.Name, End: state.Tasks[node.Index] as Ended))
            .Where(task => task.End is { Outcome: TaskOutcome.Succeeded })
            .ToImmutableSortedDictionary(
                task => task.Name.Value,
                task => new ReusedTask { From = task.End?.ReusedFrom ?? run, Outputs = task.End?.Outputs ?? ImmutableDictionary<string, JsonElement>.Empty },
                StringComparer.Ordinal);
    }
}
