using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Server.Pipelines;
using Orchestrator.Storage.Pipelines;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc pipelines</c>: what is registered, and so can be run by name and by its triggers.</summary>
internal static class PipelineCommands
{
    public static Command Create(CommandFrame frame) => new("pipelines", "Registers pipelines, and shows those that are")
    {
        CreateList(frame), CreateShow(frame), CreateVersions(frame), CreateRegister(frame),
        CreateChange(frame, PipelineAction.Pause, "pause", "Pauses a pipeline: its triggers start no runs until it is resumed", "is paused; go on with: orc pipelines resume NAME"),
        CreateChange(frame, PipelineAction.Resume, "resume", "Lets the triggers of a paused pipeline start runs again", "goes on"),
        CreateChange(frame, PipelineAction.Remove, "remove", "Takes a pipeline out of the list; its versions and runs stay, and registering it again brings it back", "is removed; its runs stay"),
    };

    private static Argument<string> NameArgument() => new("NAME") { Description = "The name of a registered pipeline" };

    private static Command CreateList(CommandFrame frame)
    {
        var command = new Command("list", "Lists registered pipelines by name");
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await IPipelines.OpenAsync(globals, cancellation);
            var all = await place.ListAsync(cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, all);
            }

            if (all.Count == 0)
            {
                globals.Console.Out.WriteLine("No pipeline is registered. Register one with: orc pipelines register FILE");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["PIPELINE", "PROJECT", "VERSION", "DEFINITION", "FROM", "REGISTERED", "STATE"], all.Select(one => new[]
            {
                one.Name, one.Project, $"{one.Version}", new DefinitionHash(one.Definition).Short, one.Source, Words.Ago(one.RegisteredAt, globals.Time.GetUtcNow()), one.Paused ? "paused" : "",
            }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var name = NameArgument();
        var command = new Command("show", "Shows a registered pipeline; with --json its definition too") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await IPipelines.OpenAsync(globals, cancellation);
            var one = await place.ShowAsync(parsed.GetValue(name) ?? "", cancellation);
            return globals.Json ? Print.Json(globals, one) : PrintOne(globals, one);
        }));
        return command;
    }

    private static Command CreateVersions(CommandFrame frame)
    {
        var name = NameArgument();
        var command = new Command("versions", "Lists the versions of a pipeline, newest first") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await IPipelines.OpenAsync(globals, cancellation);
            var versions = await place.ListVersionsAsync(parsed.GetValue(name) ?? "", cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, versions);
            }

            Print.Table(globals, ["VERSION", "DEFINITION", "FROM", "REGISTERED", "BY", "FILE"], versions.Select(one => new[]
            {
                $"{one.Version}", new DefinitionHash(one.Definition).Short, one.Source, $"{one.RegisteredAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}", one.RegisteredBy, one.SourcePath ?? "",
            }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateRegister(CommandFrame frame)
    {
        var file = new Argument<string>("FILE") { Description = "A pipeline: C# script (.csx) or JSON (.json)" };
        var project = new Option<string?>("--project") { Description = "The project that it is of (default: the one that it has, or \"default\")", HelpName = "NAME" };
        var command = new Command("register", "Checks a pipeline and makes it the current version of its name: its triggers start runs from now on") { file, project };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var read = await DefinitionFile.ReadAsync(globals, parsed.GetValue(file) ?? "", Families.Catalog(), cancellation);
            ValidateCommand.Require(globals, read);
            await using var place = await IPipelines.OpenAsync(globals, cancellation);
            var (pipeline, changed) = await place.RegisterAsync(read, parsed.GetValue(project), cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { changed, pipeline });
            }

            globals.Console.Out.WriteLine(changed
                ? $"pipeline {pipeline.Name} is registered as version {pipeline.Version} (definition {new DefinitionHash(pipeline.Definition).Short}); run it with: orc run {pipeline.Name}"
                : $"pipeline {pipeline.Name} is registered already, as version {pipeline.Version} (definition {new DefinitionHash(pipeline.Definition).Short})");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateChange(CommandFrame frame, PipelineAction action, string word, string help, string done)
    {
        var name = NameArgument();
        var reason = new Option<string?>("--reason") { Description = "Why; kept with the pipeline", HelpName = "TEXT" };
        var command = new Command(word, help) { name };
        if (action == PipelineAction.Pause)
        {
            command.Options.Add(reason);
        }

        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await IPipelines.OpenAsync(globals, cancellation);
            var one = await place.ChangeAsync(parsed.GetValue(name) ?? "", action, action == PipelineAction.Pause ? parsed.GetValue(reason) : null, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, one);
            }

            globals.Console.Out.WriteLine($"pipeline {one.Name} {done.Replace("NAME", one.Name, StringComparison.Ordinal)}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static int PrintOne(Globals globals, PipelineDocument one)
    {
        Print.Pairs(
            globals,
            ("pipeline", one.Name),
            ("project", one.Project),
            ("version", $"{one.Version} (definition {new DefinitionHash(one.Definition).Short})"),
            ("registered", $"{one.RegisteredAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz} by {one.RegisteredBy}, from {one.SourcePath ?? one.Source}"),
            ("folder", one.BaseDirectory),
            ("paused", one.Paused ? $"by {one.PausedBy} at {one.PausedAt?.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}{(one.PauseReason is null ? "" : $": {one.PauseReason}")}" : null),
            ("tasks", one.Json is { } json && json.TryGetProperty("tasks", out var tasks) ? string.Join(", ", tasks.EnumerateObject().Select(task => task.Name)) : null));
        return ExitCodes.Done;
    }
}
