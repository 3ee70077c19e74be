using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc migrate RUN FILE</c>: lets an unfinished run go on with a newer definition of its pipeline, after everything that speaks against it was looked at.</summary>
internal static class MigrateCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var file = new Argument<string>("FILE") { Description = "The newer definition: C# script (.csx) or JSON (.json)" };
        var check = new Option<bool>("--check") { Description = "Say what would become of each task, and what it would be refused for; change nothing" };
        var param = new Option<string[]>("--param", "-p") { Description = "The value of a new parameter as NAME=VALUE; may be given several times", HelpName = "NAME=VALUE" };
        var restart = new Option<string[]>("--restart") { Description = "Give up the attempt of this task and run it by the new definition; may be given several times", HelpName = "TASK" };
        var drop = new Option<string[]>("--drop") { Description = "Let this task go although it has started: the new definition does not have it; may be given several times", HelpName = "TASK" };
        var reason = new Option<string?>("--reason") { Description = "Kept with the run, for those who look at it later", HelpName = "TEXT" };
        var command = new Command("migrate", "Lets an unfinished run go on with a newer definition of its pipeline") { run, file, check, param, restart, drop, reason };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => MigrateAsync(
            globals,
            new Wish
            {
                Run = parsed.GetValue(run),
                File = parsed.GetValue(file) ?? "",
                Check = parsed.GetValue(check),
                Params = RunParameters.Parse(parsed.GetValue(param) ?? []),
                Restart = [.. (parsed.GetValue(restart) ?? []).Select(name => new TaskName(name))],
                Drop = [.. (parsed.GetValue(drop) ?? []).Select(name => new TaskName(name))],
                Reason = parsed.GetValue(reason),
            },
            cancellation)));
        return command;
    }

    private sealed record Wish
    {
        public required string? Run { get; init; }

        public required string File { get; init; }

        public bool Check { get; init; }

        public required IReadOnlyDictionary<string, string> Params { get; init; }

        public ImmutableArray<TaskName> Restart { get; init; } = [];

        public ImmutableArray<TaskName> Drop { get; init; } = [];

        public string? Reason { get; init; }
    }

    private static async Task<int> MigrateAsync(Globals globals, Wish wish, CancellationToken cancellation)
    {
        var file = await DefinitionFile.ReadAsync(globals, wish.File, Families.Catalog(), cancellation);
        var pipeline = ValidateCommand.Require(globals, file);
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var run = await RunArgument.ResolveAsync(session, wish.Run, cancellation);
        var check = await session.Migrations.CheckAsync(
            run,
            new MigrationWish { Pipeline = pipeline, Bind = kept => Bind(pipeline, kept, wish.Params), Restart = wish.Restart, Drop = wish.Drop, Reason = wish.Reason, By = Environment.UserName },
            cancellation);
        var report = new MigrationReport(globals, run, check.Plan, (check.Before, check.Request.Params), file.BaseDirectory);
        if (wish.Check)
        {
            return report.Show();
        }

        report.ThrowIfRefused();
        foreach (var script in file.Scripts)
        {
            await HomeStarts.StoreScriptAsync(session, script.Text, script.Name);
        }

        await session.Stores.Runs.AddDefinitionAsync(file.ToStored(pipeline, globals.Time.GetUtcNow()), cancellation);
        var fate = session.IsAbandoned(run)
            ? await VisitAsync(session, run, check.Command, cancellation)
            : await OwnerRequest.SendAsync(session, run, OwnerRequest.Create(globals, run, MigrateRequest.Kind, OrcJson.ToElement(check.Request)), cancellation);
        return report.Tell(fate, session.IsAbandoned(run));
    }

    /// <summary>Nobody works on the run: it is taken over for this one step and given back.</summary>
    private static async Task<RequestFate> VisitAsync(OrcSession session, RunInfo run, MigrateRun command, CancellationToken cancellation)
    {
        await using var engine = session.CreateEngine();
        return await engine.VisitAsync(run.Id, command, cancellation) is { } refusal ? throw RunDesk.Refused(refusal) : RequestFate.Taken;
    }

    /// <summary>Values as texts, as the command line gives them; those that the run has are made texts too.</summary>
    private static ParameterResult Bind(PipelineDefinition pipeline, IReadOnlyDictionary<string, JsonElement> kept, IReadOnlyDictionary<string, string> given)
    {
        var texts = kept.ToDictionary(one => one.Key, one => one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() ?? "" : one.Value.GetRawText(), StringComparer.Ordinal);
        foreach (var (name, text) in given)
        {
            texts[name] = text;
        }

        return ParameterBinder.Bind(pipeline, texts);
    }
}
