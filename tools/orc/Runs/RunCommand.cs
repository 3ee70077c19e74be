using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Schedules;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc run FILE</c>: runs a pipeline to its end, or goes on with a run that was interrupted.</summary>
internal static class RunCommand
{
    public static Command Create(CommandFrame frame)
    {
        var file = new Argument<string?>("FILE") { Description = "A pipeline: C# script (.csx) or JSON (.json)", Arity = ArgumentArity.ZeroOrOne };
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
        var catalog = Families.Catalog();
        var file = await DefinitionFile.ReadAsync(globals, wish.Path, catalog, CancellationToken.None);
        var pipeline = ValidateCommand.Require(globals, file);
        var values = RunParameters.Bind(globals, pipeline, RunParameters.Parse(wish.Params));
        var graph = new PipelineGraph(pipeline);
        if (wish.Skip.Concat(wish.Refresh).Select(name => new TaskName(name)).FirstOrDefault(name => name.IsInternal || !graph.Contains(name)) is { } unknown)
        {
            throw new WrongRequestException(EngineErrors.NoSuchTask(pipeline, unknown).Failure);
        }

        await using var session = await OrcSession.OpenAsync(globals, CancellationToken.None);
        foreach (var script in wish.DryRun ? [] : file.Scripts)
        {
            await StoreScriptAsync(session, script.Text, script.Name);
        }

        var start = new RunStart
        {
            Pipeline = pipeline,
            Definition = file.ToStored(pipeline, globals.Time.GetUtcNow()),
            Params = values,
            BaseDirectory = file.BaseDirectory,
            Trigger = LogicalDateOption.TriggerOf(pipeline, wish.LogicalDate),
            Skip = [.. wish.Skip.Select(name => new TaskName(name))],
            Refresh = [.. wish.Refresh.SelectMany(name => graph.Members(graph[new TaskName(name)].Index)).Select(index => graph.Nodes[index].Definition.Name)],
        };
        foreach (var pin in wish.Pin)
        {
            start = await EarlierRuns.PinAsync(session, start, pin);
        }

        if (wish.From is { } from)
        {
            start = await EarlierRuns.TakeOverAsync(globals, session, start, new TaskName(from));
        }

        return wish.DryRun ? await DryRun.ShowAsync(globals, session, start) : await RunDriver.DriveAsync(globals, session, (engine, listener) => engine.StartAsync(start, listener, CancellationToken.None), wish.Detach);
    }

    private static async Task<int> ResumeAsync(Globals globals, string text, bool detach)
    {
        await using var session = await OrcSession.OpenAsync(globals, CancellationToken.None);
        var run = await RunArgument.ResolveAsync(session, text, CancellationToken.None);
        return await RunDriver.DriveAsync(globals, session, (engine, listener) => engine.ResumeAsync(run.Id, listener, CancellationToken.None), detach);
    }

    /// <summary>Keeps the text of a script, for the steps written in place that attempts come back to.</summary>
    internal static async Task<ArtifactRef> StoreScriptAsync(OrcSession session, string text, string path) =>
        await session.Get<ArtifactStore>().AddTextAsync(text, Path.GetFileName(path), "text/x-csharp");
}
