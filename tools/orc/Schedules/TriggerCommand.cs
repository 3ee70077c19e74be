using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Runs;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.Coordination;

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
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var registered = await RegisteredPipeline.FindAsync(session, parsed.GetValue(pipeline) ?? "", cancellation);
            var start = new RunStart
            {
                Pipeline = registered.Definition,
                Definition = registered.Stored,
                Params = RunParameters.Bind(globals, registered.Definition, RunParameters.Parse(parsed.GetValue(param) ?? [])),
                BaseDirectory = registered.Info.BaseDirectory,
                Trigger = LogicalDateOption.TriggerOf(registered.Definition, parsed.GetValue(logicalDate)) ?? new RunTrigger { Kind = TriggerKind.Manual, By = Environment.UserName },
            };
            return await RunDriver.DriveAsync(globals, session, (engine, listener) => engine.StartAsync(start, listener, CancellationToken.None), parsed.GetValue(detach));
        }));
        return command;
    }
}
