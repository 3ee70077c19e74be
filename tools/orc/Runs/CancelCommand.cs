using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc cancel RUN [TASK]</c>: ends a run, a task, or a task and all after it. Whoever works on it is asked to; when nobody does, a run is ended here.</summary>
internal static class CancelCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string?>("TASK") { Description = "Only this task; without it the whole run", Arity = ArgumentArity.ZeroOrOne };
        var branch = new Option<bool>("--branch") { Description = "The task and everything after it, whatever their rules" };
        var reason = new Option<string?>("--reason") { Description = "Kept with the run, for those who look at it later" };
        var command = new Command("cancel", "Cancels a run or a task: what waits is not started, what runs is asked to stop") { run, task, branch, reason };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            RunDesk.CheckOpen(info);
            if (parsed.GetValue(task) is { } name)
            {
                var cancel = new CancelTaskRequest { Task = new TaskName(name), Branch = parsed.GetValue(branch), Reason = parsed.GetValue(reason) };
                return OwnerRequest.Tell(globals, info, await place.Requests.CancelTaskAsync(info, cancel, cancellation), $"task {cancel.Task}{(cancel.Branch ? " and all after it" : "")} is cancelled");
            }

            if (parsed.GetValue(branch))
            {
                throw new WrongRequestException("ORC5951", "--branch without a task", help: "orc cancel RUN TASK --branch");
            }

            var status = await place.Requests.CancelAsync(info, parsed.GetValue(reason), cancellation);
            return globals.Json ? Print.Json(globals, new { run = info.Id.Value, status }) : Tell(globals, info.Id, status);
        }));
        return command;
    }

    private static int Tell(Globals globals, RunId run, string status)
    {
        globals.Console.Out.WriteLine(status == "cancelling" ? $"run {run} was asked to cancel; its attempts are ending" : $"run {run} is {status}");
        return ExitCodes.Done;
    }
}
