using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc cancel RUN [TASK]</c>: ends a run, a task, or a task and all after it. The process that works on it is asked to; when there is none, a run is ended here.</summary>
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
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            RunDesk.CheckOpen(info);
            if (parsed.GetValue(task) is { } name)
            {
                return await CancelTaskAsync(
                    globals, session, info, new CancelTaskRequest { Task = new TaskName(name), Branch = parsed.GetValue(branch), Reason = parsed.GetValue(reason) }, cancellation);
            }

            if (parsed.GetValue(branch))
            {
                throw new WrongRequestException("ORC5951", "--branch without a task", help: "orc cancel RUN TASK --branch");
            }

            var status = session.IsAbandoned(info)
                ? await CancelHereAsync(globals, session, info, parsed.GetValue(reason))
                : await AskOwnerAsync(globals, session, info, parsed.GetValue(reason), cancellation);
            return globals.Json ? Print.Json(globals, new { run = info.Id.Value, status }) : Tell(globals, info.Id, status);
        }));
        return command;
    }

    private static async Task<int> CancelTaskAsync(Globals globals, OrcSession session, RunInfo run, CancelTaskRequest cancel, CancellationToken cancellation)
    {
        var fate = await OwnerRequest.SendAsync(session, run, OwnerRequest.Create(globals, run, "cancel-task", OrcJson.ToElement(cancel)), cancellation);
        return OwnerRequest.Tell(globals, run, fate, $"task {cancel.Task}{(cancel.Branch ? " and all after it" : "")} is cancelled");
    }

    private static int Tell(Globals globals, RunId run, string status)
    {
        globals.Console.Out.WriteLine(status == "cancelling" ? $"run {run} was asked to cancel; its attempts are ending" : $"run {run} is {status}");
        return ExitCodes.Done;
    }

    private static async Task<string> CancelHereAsync(Globals globals, OrcSession session, RunInfo run, string? reason)
    {
        await using var engine = session.CreateEngine();
        // Stored first: what is asked before a run goes on is done before anything of it starts.
        await session.Stores.Runs.AddRequestAsync(RequestOf(globals, run, reason), CancellationToken.None);
        var handle = await engine.ResumeAsync(run.Id, new SilentRunView(globals.Time), CancellationToken.None);
        return RunWords.Of((await handle.Completion).Status);
    }

    private static async Task<string> AskOwnerAsync(Globals globals, OrcSession session, RunInfo run, string? reason, CancellationToken cancellation)
    {
        await session.Stores.Runs.AddRequestAsync(RequestOf(globals, run, reason), cancellation);
        return await session.Desk.WaitForAsync(run.Id, "cancelling", cancellation);
    }

    private static RunRequest RequestOf(Globals globals, RunInfo run, string? reason) =>
        OwnerRequest.Create(globals, run, "cancel", reason is null ? null : OrcJson.ToElement(reason));
}
