using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Graph;
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
        var only = new Option<string?>("--only") { Description = "Run this task alone again", HelpName = "TASK" };
        var param = new Option<string[]>("--param", "-p") { Description = "Another value for a parameter, as NAME=VALUE; tasks that read it run again", HelpName = "NAME=VALUE" };
        var dryRun = DryRun.Option();
        var command = new Command("retry", "Runs again what did not succeed in a run, as a new run that keeps the rest") { run, from, only, param, dryRun };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            if (parsed.GetValue(only) is not null && (parsed.GetValue(from) is not null || parsed.GetValue(param) is { Length: > 0 }))
            {
                throw new WrongRequestException("ORC5914", "--only with --from or --param", why: "one task alone runs with what the earlier run had", help: "Use --from to run a task and all after it.");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var start = await ToStartAsync(globals, session, new Wish(parsed.GetValue(run), parsed.GetValue(from), parsed.GetValue(only), parsed.GetValue(param) ?? []), cancellation);
            return parsed.GetValue(dryRun)
                ? await DryRun.ShowAsync(globals, session, start)
                : await RunDriver.DriveAsync(globals, session, (engine, listener) => engine.StartAsync(start, listener, CancellationToken.None));
        }));
        return command;
    }

    private sealed record Wish(string? Run, string? From, string? Only, string[] Params);

    private static async Task<RunStart> ToStartAsync(Globals globals, OrcSession session, Wish wish, CancellationToken cancellation)
    {
        var info = await RunArgument.ResolveAsync(session, wish.Run, cancellation);
        if (info.EndedAt is null)
        {
            throw new WrongRequestException("ORC5927", $"run {info.Id} has not ended: {info.Status}", help: $"Go on with it: orc run --resume {info.Id}");
        }

        var earlier = await session.ReplayAsync(info.Id, cancellation);
        var stored = await session.Stores.Definitions.FindAsync(info.Definition, cancellation) ?? throw EngineErrors.NoSuchRun(info.Id.Value);
        var pipeline = DefinitionReader.Load(stored.Json);
        var values = RunParameters.Bind(globals, pipeline, RunParameters.Parse(wish.Params), earlier.Params);
        var changed = RunParameters.Changed(earlier.Params, values);
        var graph = new PipelineGraph(pipeline);
        var rerun = (wish.From, wish.Only) switch
        {
            ({ } from, _) => Rerun.From(graph, earlier, info.Id, new TaskName(from), changed),
            (_, { } only) => Rerun.Only(graph, earlier, info.Id, new TaskName(only)),
            _ => Rerun.OfFailed(graph, earlier, info.Id, changed),
        };
        if (wish is { From: null, Only: null }
            && graph.Nodes.All(node => node.OnExit || node.Definition.Name.IsInternal || rerun.Reused.ContainsKey(node.Definition.Name.Value)))
        {
            throw new WrongRequestException(
                "ORC5918", $"run {info.Id} {info.Status} and no parameter is another: there is nothing to run again", help: "Name what should run again: --from TASK, --only TASK or --param NAME=VALUE.");
        }

        return new RunStart
        {
            Pipeline = pipeline,
            Definition = stored,
            Params = values,
            BaseDirectory = info.BaseDirectory,
            Reused = rerun.Reused,
            Skip = rerun.Skip,
            Refresh = rerun.Refresh,
            // For the same time and of the same cause: what it repeats was asked for once.
            Trigger = earlier.Trigger,
            Parent = info.Id,
        };
    }
}
