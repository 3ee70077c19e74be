using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;

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
        var given = RunParameters.Parse(wish.Params);
        return await RunRepeats.StartOfAsync(
            info, new RepeatWish { From = wish.From, Only = wish.Only }, session.Desk, session.Stores.Definitions, (pipeline, earlier) => RunParameters.Bind(globals, pipeline, given, earlier), cancellation);
    }
}
