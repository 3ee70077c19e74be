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
        RunDesk.CheckOpen(run);
        var state = await session.Desk.ExpectedStateAsync(run.Id, cancellation);
        var (values, wrong) = Bind(pipeline, state, wish.Params);
        var request = new MigrateRequest { Definition = DefinitionWriter.Hash(pipeline), Params = values, Restart = wish.Restart, Drop = wish.Drop, Reason = wish.Reason };
        // As the process that works on the run will read it, so that nothing differs by its spelling.
        var command = request.ToCommand(new PipelineGraph(DefinitionReader.Load(DefinitionWriter.ToJson(pipeline))), values, Environment.UserName);
        var plan = MigrationRules.Plan(state, command);
        ImmutableArray<Failure> problems = [.. wrong, .. plan.Problems, .. await PoolProblemsAsync(globals, session, pipeline, cancellation)];
        var report = new MigrationReport(globals, run, plan with { Problems = problems }, (state.Params, values), file.BaseDirectory);
        if (wish.Check)
        {
            return report.Show();
        }

        report.ThrowIfRefused();
        foreach (var script in file.Scripts)
        {
            await RunCommand.StoreScriptAsync(session, script.Text, script.Name);
        }

        await session.Stores.Runs.AddDefinitionAsync(file.ToStored(pipeline, globals.Time.GetUtcNow()), cancellation);
        var fate = session.IsAbandoned(run)
            ? await VisitAsync(session, run, command, cancellation)
            : await OwnerRequest.SendAsync(session, run, OwnerRequest.Create(globals, run, MigrateRequest.Kind, OrcJson.ToElement(request)), cancellation);
        return report.Tell(fate, session.IsAbandoned(run));
    }

    /// <summary>Nobody works on the run: it is taken over for this one step and given back.</summary>
    private static async Task<RequestFate> VisitAsync(OrcSession session, RunInfo run, MigrateRun command, CancellationToken cancellation)
    {
        await using var engine = session.CreateEngine();
        return await engine.VisitAsync(run.Id, command, cancellation) is { } refusal ? throw RunDesk.Refused(refusal) : RequestFate.Taken;
    }

    /// <summary>Parameters that the run has keep their values; what is wrong with the others is told together with everything else.</summary>
    private static (ImmutableSortedDictionary<string, JsonElement> Values, IEnumerable<Failure> Wrong) Bind(PipelineDefinition pipeline, RunState state, IReadOnlyDictionary<string, string> given)
    {
        var names = pipeline.Params.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        var kept = state.Params.Where(one => names.Contains(one.Key)).ToArray();
        var texts = kept.ToDictionary(one => one.Key, one => one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString() ?? "" : one.Value.GetRawText(), StringComparer.Ordinal);
        foreach (var (name, text) in given)
        {
            texts[name] = text;
        }

        var bound = ParameterBinder.Bind(pipeline, texts);
        if (bound.Values is { } values)
        {
            return (values.ToImmutableSortedDictionary(StringComparer.Ordinal), []);
        }

        // With something in every place the rest can be looked at all the same.
        var filled = names.ToImmutableSortedDictionary(name => name, name => state.Params.TryGetValue(name, out var value) ? value : OrcJson.ToElement<object?>(null), StringComparer.Ordinal);
        return (filled, bound.Diagnostics.Where(found => found.IsError).Select(found => new Failure { Code = found.Code, Kind = FailureKind.Work, Message = found.Message, Why = found.Why, Help = found.Help }));
    }

    private static async Task<IEnumerable<Failure>> PoolProblemsAsync(Globals globals, OrcSession session, PipelineDefinition pipeline, CancellationToken cancellation)
    {
        try
        {
            await PoolNeeds.CheckAsync(session.Stores.Pools, pipeline, globals.Time.GetUtcNow(), cancellation);
            return [];
        }
        catch (ActivityException missing)
        {
            return [missing.Failure];
        }
    }
}
