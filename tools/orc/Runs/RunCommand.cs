using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Schedules;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc run FILE|NAME</c>: runs a pipeline to its end, or goes on with a run that was interrupted.</summary>
internal static class RunCommand
{
    public static Command Create(CommandFrame frame)
    {
        var file = new Argument<string?>("FILE") { Description = "A pipeline: C# script (.csx), JSON (.json), or the name of a registered one", Arity = ArgumentArity.ZeroOrOne };
        var param = new Option<string[]>("--param", "-p") { Description = "A parameter as NAME=VALUE; may be given several times", HelpName = "NAME=VALUE" };
        var resume = new Option<string?>("--resume") { Description = "Go on with this unfinished run instead of starting one", HelpName = "RUN" };
        var skip = new Option<string[]>("--skip") { Description = "Leave this task out; may be given several times", HelpName = "TASK" };
        var from = new Option<string?>("--from") { Description = "Run this task and all after it; take the results before it over from the newest run that has them", HelpName = "TASK" };
        var refresh = new Option<string[]>("--refresh") { Description = "Run this task although an earlier result could stand in; may be given several times", HelpName = "TASK" };
        var pin = new Option<string[]>("--pin") { Description = "Take this task's result over from a run; may be given several times", HelpName = "TASK=RUN" };
        var detach = new Option<bool>("--detach-when-waiting") { Description = "Leave the run, with exit code 3, once it only waits for somebody's answer (orc approve) or for its concurrency key" };
        var logicalDate = LogicalDateOption.Create();
        var dryRun = DryRun.Option();
        var command = new Command("run", "Runs a pipeline to its end, or goes on with an unfinished run (--resume)") { file, param, resume, skip, from, refresh, pin, logicalDate, detach, dryRun };
        command.SetAction((parsed, _) => frame(parsed, globals => (parsed.GetValue(file), parsed.GetValue(resume)) switch
        {
            ({ } path, null) => StartAsync(globals, new Wish
            {
                Path = path,
                Params = parsed.GetValue(param) ?? [],
                Skip = parsed.GetValue(skip) ?? [],
                From = parsed.GetValue(from),
                Refresh = parsed.GetValue(refresh) ?? [],
                Pin = parsed.GetValue(pin) ?? [],
                LogicalDate = parsed.GetValue(logicalDate),
                DryRun = parsed.GetValue(dryRun),
                Detach = parsed.GetValue(detach),
            }),
            (null, { }) when parsed.GetValue(from) is not null || parsed.GetValue(dryRun) || parsed.GetValue(logicalDate) is not null => throw new WrongRequestException(
                "ORC5928", "--resume with --from, --logical-date or --dry-run", why: "a run that is resumed goes on where it was", help: "For a new run that keeps earlier results: orc retry RUN [--from TASK] [--dry-run]"),
            (null, { } run) => ResumeAsync(globals, run, parsed.GetValue(detach)),
            (null, null) => throw new WrongRequestException("ORC5920", "nothing to run", help: "orc run FILE, or orc run --resume RUN"),
            _ => throw new WrongRequestException("ORC5921", "FILE and --resume together", why: "a run goes on with the definition it was started with", help: "Leave out one of them."),
        }));
        return command;
    }

    private sealed record Wish
    {
        public required string Path { get; init; }

        public string[] Params { get; init; } = [];

        public string[] Skip { get; init; } = [];

        public string? From { get; init; }

        public string[] Refresh { get; init; } = [];

        public string[] Pin { get; init; } = [];

        public string? LogicalDate { get; init; }

        public bool DryRun { get; init; }

        public bool Detach { get; init; }
    }

    private static async Task<int> StartAsync(Globals globals, Wish wish)
    {
        // A name that is a file too is the file. A folder is no pipeline, and often has the name of one.
        if (TaskName.IsValid(wish.Path) && !File.Exists(wish.Path))
        {
            await using var place = await RunPlace.OpenAsync(globals, CancellationToken.None);
            return await StartAsync(globals, place, wish, null, (await place.Starts.FindPipelineAsync(wish.Path, CancellationToken.None)).Definition);
        }

        var file = await DefinitionFile.ReadAsync(globals, wish.Path, Families.Catalog(), CancellationToken.None);
        var pipeline = ValidateCommand.Require(globals, file);
        // What is wrong with the request itself is said before any home is made or any server asked.
        _ = Order(globals, wish, file, pipeline);
        await using var there = await RunPlace.OpenAsync(globals, CancellationToken.None);
        return await StartAsync(globals, there, wish, file, pipeline);
    }

    private static async Task<int> StartAsync(Globals globals, RunPlace place, Wish wish, DefinitionFile? file, PipelineDefinition pipeline)
    {
        var order = Order(globals, wish, file, pipeline) with { Pins = await PinsAsync(place, wish.Pin) };
        return wish.DryRun ? DryRun.Show(globals, await place.Starts.PlanAsync(order)) : await RunDriver.DriveAsync(globals, place, listener => place.Starts.StartAsync(order, listener), wish.Detach);
    }

    private static RunOrder Order(Globals globals, Wish wish, DefinitionFile? file, PipelineDefinition pipeline)
    {
        var given = RunParameters.Parse(wish.Params);
        var values = RunParameters.Bind(globals, pipeline, given);
        var graph = new PipelineGraph(pipeline);
        if (wish.Skip.Concat(wish.Refresh).Select(name => new TaskName(name)).FirstOrDefault(name => name.IsInternal || !graph.Contains(name)) is { } unknown)
        {
            throw new WrongRequestException(EngineErrors.NoSuchTask(pipeline, unknown).Failure);
        }

        return new RunOrder
        {
            Pipeline = pipeline,
            File = file,
            Params = values,
            Given = given.Keys,
            Skip = [.. wish.Skip.Select(name => new TaskName(name))],
            Refresh = [.. wish.Refresh.SelectMany(name => graph.Members(graph[new TaskName(name)].Index)).Select(index => graph.Nodes[index].Definition.Name)],
            From = wish.From is { } from ? new TaskName(from) : null,
            LogicalDate = LogicalDateOption.DateOf(pipeline, wish.LogicalDate),
        };
    }

    private static async Task<IReadOnlyList<(string Task, RunInfo Run)>> PinsAsync(RunPlace place, IEnumerable<string> texts)
    {
        var pins = new List<(string, RunInfo)>();
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } task, { Length: > 0 } run])
            {
                throw new WrongRequestException("ORC5915", $"--pin {text} is not TASK=RUN", help: "For example: --pin split=last");
            }

            pins.Add((task, await RunArgument.ResolveAsync(place.Runs, run, CancellationToken.None)));
        }

        return pins;
    }

    private static async Task<int> ResumeAsync(Globals globals, string text, bool detach)
    {
        await using var place = await RunPlace.OpenAsync(globals, CancellationToken.None);
        var run = await RunArgument.ResolveAsync(place.Runs, text, CancellationToken.None);
        return await RunDriver.DriveAsync(globals, place, listener => place.Starts.ResumeAsync(run, listener), detach);
    }
}
