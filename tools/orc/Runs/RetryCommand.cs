using System.CommandLine;
using Orchestrator.Cli.CommandLine;
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
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var order = new RetryOrder
            {
                Run = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation),
                Wish = new RepeatWish { From = parsed.GetValue(from), Only = parsed.GetValue(only) },
                Params = RunParameters.Parse(parsed.GetValue(param) ?? []),
            };
            return parsed.GetValue(dryRun)
                ? DryRun.Show(globals, await place.Starts.PlanAsync(order))
                : await RunDriver.DriveAsync(globals, place, listener => place.Starts.RetryAsync(order, listener));
        }));
        return command;
    }
}
