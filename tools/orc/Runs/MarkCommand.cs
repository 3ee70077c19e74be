using System.CommandLine;
using Orchestrator.Cli.CommandLine;
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
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            RunDesk.CheckOpen(info);
            var mark = new MarkWish
            {
                Task = parsed.GetValue(task) ?? "",
                As = parsed.GetValue(word) ?? "",
                Reason = parsed.GetValue(reason) ?? "",
                Outputs = parsed.GetValue(outputs) is { } json ? JsonOption.Parse("--outputs", json) : null,
            };
            return OwnerRequest.Tell(globals, info, await place.Requests.MarkAsync(info, mark, cancellation), $"task {mark.Task} is marked as {mark.As}");
        }));
        return command;
    }
}
