using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Runs;

namespace Orchestrator.Cli.Schedules;

/// <summary><c>orc trigger PIPELINE</c>: a run of a registered pipeline, by hand.</summary>
internal static class TriggerCommand
{
    public static Command Create(CommandFrame frame)
    {
        var pipeline = new Argument<string>("PIPELINE") { Description = "The name of a registered pipeline" };
        var param = new Option<string[]>("--param", "-p") { Description = "A parameter as NAME=VALUE; may be given several times", HelpName = "NAME=VALUE" };
        var logicalDate = LogicalDateOption.Create();
        var detach = new Option<bool>("--detach-when-waiting") { Description = "Leave the run, with exit code 3, once it only waits for somebody's answer (orc approve) or for its concurrency key" };
        var command = new Command("trigger", "Runs a registered pipeline, as one of its triggers would") { pipeline, param, logicalDate, detach };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var registered = (await place.Starts.FindPipelineAsync(parsed.GetValue(pipeline) ?? "", cancellation)).Definition;
            var given = RunParameters.Parse(parsed.GetValue(param) ?? []);
            var order = new RunOrder
            {
                Pipeline = registered, Params = RunParameters.Bind(globals, registered, given), Given = given.Keys, LogicalDate = LogicalDateOption.DateOf(registered, parsed.GetValue(logicalDate)),
            };
            return await RunDriver.DriveAsync(globals, place, listener => place.Starts.StartAsync(order, listener), parsed.GetValue(detach));
        }));
        return command;
    }
}
