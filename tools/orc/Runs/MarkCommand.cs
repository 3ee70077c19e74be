using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc mark RUN TASK succeeded|skipped</c>: ends a task by hand, with outputs that fit its activity.</summary>
internal static class MarkCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string>("TASK") { Description = "A task that has not ended" };
        var word = new Argument<string>("AS") { Description = "How it is to end: succeeded or skipped" };
        word.AcceptOnlyFromAmong("succeeded", "skipped");
        var reason = new Option<string>("--reason") { Description = "Why; kept with the run", HelpName = "TEXT", Required = true };
        var outputs = new Option<string?>("--outputs") { Description = "The outputs that later tasks read, as a JSON object by name", HelpName = "JSON" };
        var command = new Command("mark", "Ends a task by hand as succeeded or skipped") { run, task, word, reason, outputs };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            RunDesk.CheckOpen(info);
            var state = await session.ReplayAsync(info.Id, cancellation);
            var name = new TaskName(parsed.GetValue(task) ?? "");
            if (!state.Graph.Contains(name) || name.IsInternal)
            {
                throw new WrongRequestException(EngineErrors.NoSuchTask(state.Graph.Definition, name).Failure);
            }

            var outcome = parsed.GetValue(word) == "succeeded" ? TaskOutcome.Succeeded : TaskOutcome.Skipped;
            var mark = new MarkRequest
            {
                Task = name,
                As = outcome,
                Reason = parsed.GetValue(reason) ?? "",
                Outputs = MarkChecks.Outputs(session.Get<ActivityCatalog>(), state.Graph[name].Definition, outcome, parsed.GetValue(outputs) is { } json ? JsonOption.Parse("--outputs", json) : null),
            };
            var fate = await OwnerRequest.SendAsync(session, info, OwnerRequest.Create(globals, info, "mark", OrcJson.ToElement(mark)), cancellation);
            return OwnerRequest.Tell(globals, info, fate, $"task {name} is marked as {parsed.GetValue(word)}");
        }));
        return command;
    }
}
