using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
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
        var command = new Command("run", "Runs a pipeline to its end, or goes on with an unfinished run (--resume)") { file, param, resume, skip };
        command.SetAction((parsed, _) => frame(parsed, globals => (parsed.GetValue(file), parsed.GetValue(resume)) switch
        {
            ({ } path, null) => StartAsync(globals, path, parsed.GetValue(param) ?? [], parsed.GetValue(skip) ?? []),
            (null, { } run) => ResumeAsync(globals, run),
            (null, null) => throw new WrongRequestException("ORC5920", "nothing to run", help: "orc run FILE, or orc run --resume RUN"),
            _ => throw new WrongRequestException("ORC5921", "FILE and --resume together", why: "a run goes on with the definition it was started with", help: "Leave out one of them."),
        }));
        return command;
    }

    private static async Task<int> StartAsync(Globals globals, string path, string[] given, string[] skip)
    {
        var catalog = Families.Catalog();
        var file = await DefinitionFile.ReadAsync(globals, path, catalog, CancellationToken.None);
        var pipeline = ValidateCommand.Require(globals, file);
        var values = BindParameters(globals, pipeline, given);
        foreach (var unknown in skip.Where(name => pipeline.Tasks.All(task => task.Name.Value != name)))
        {
            throw new WrongRequestException("ORC5922", $"--skip {unknown}: pipeline \"{pipeline.Name}\" has no such task", help: $"Its tasks are {string.Join(", ", pipeline.Tasks.Select(task => task.Name))}.");
        }

        await using var session = await OrcSession.OpenAsync(globals, CancellationToken.None);
        var script = file.Script is { } source ? await StoreScriptAsync(session, source.Text, path) : null;
        var start = new RunStart
        {
            Pipeline = pipeline,
            Definition = file.ToStored(pipeline, globals.Time.GetUtcNow(), script),
            Params = values,
            BaseDirectory = file.BaseDirectory,
            Skip = [.. skip.Select(name => new TaskName(name))],
        };
        return await RunDriver.DriveAsync(globals, session, pipeline, (engine, listener) => engine.StartAsync(start, listener, CancellationToken.None));
    }

    private static async Task<int> ResumeAsync(Globals globals, string text)
    {
        await using var session = await OrcSession.OpenAsync(globals, CancellationToken.None);
        var run = await RunArgument.ResolveAsync(session, text, CancellationToken.None);
        var definition = await session.Stores.Definitions.FindAsync(run.Definition, CancellationToken.None) ?? throw EngineErrors.NoSuchRun(text);
        return await RunDriver.DriveAsync(globals, session, DefinitionReader.Load(definition.Json), (engine, listener) => engine.ResumeAsync(run.Id, listener, CancellationToken.None));
    }

    private static async Task<ArtifactRef> StoreScriptAsync(OrcSession session, string text, string path) =>
        await session.Get<ArtifactStore>().AddTextAsync(text, Path.GetFileName(path), "text/x-csharp");

    /// <summary>The run's parameters from <c>--param</c> and the defaults.</summary>
    private static ImmutableSortedDictionary<string, JsonElement> BindParameters(Globals globals, PipelineDefinition pipeline, string[] given)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in given)
        {
            if (one.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
            {
                texts[one[..at]] = one[(at + 1)..];
            }
            else
            {
                throw new WrongRequestException("ORC5923", $"--param {one} is not NAME=VALUE", help: "For example: --param minAuc=0.9");
            }
        }

        var bound = ParameterBinder.Bind(pipeline, texts);
        if (bound.Values is not { } values)
        {
            globals.Console.Error.Write(DiagnosticRenderer.Render(bound.Diagnostics, globals.Console.UseColor));
            throw new WrongRequestException("ORC5924", "the parameters are not right, so no run was started");
        }

        return values.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }
}
