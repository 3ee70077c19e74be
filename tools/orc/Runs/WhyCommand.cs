using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.People;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc why RUN</c>: what every open task waits for, and why those that did not run did not.</summary>
internal static class WhyCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var only = new Argument<string?>("TASK") { Description = "Only this task; TASK/3 is item 3 of a mapped task", Arity = ArgumentArity.ZeroOrOne };
        var cache = new Option<bool>("--cache") { Description = "Say of each task whether an earlier result stood in, what its cache key is made of, and why it missed" };
        var command = new Command("why", "Says why a run waits, failed, skipped a task, or ran one again") { run, only, cache };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenToLookAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            var (task, item) = RunTasks.Parse(parsed.GetValue(only));
            if (parsed.GetValue(cache))
            {
                return CacheReport.Show(globals, info, task, await place.Runs.ExplainCacheAsync(info, task, item, cancellation));
            }

            var reasons = await place.Runs.ExplainAsync(info, task, item, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { run = info.Id.Value, status = info.Status, reasons });
            }

            globals.Console.Out.WriteLine($"run {info.Id} of {info.Pipeline}: {info.Status}");
            if (reasons.Count == 0)
            {
                globals.Console.Out.WriteLine(task is null ? "nothing waits, failed or was skipped" : $"task {task}: {await place.Runs.WordOfAsync(info, task, cancellation)}, and nothing more to say");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["TASK", "STATUS", "WHY"], reasons.Select(reason => new[] { reason.Item is { } number ? $"{reason.Task}/{number}" : reason.Task, reason.Status, reason.Message }));
            return ExitCodes.Done;
        }));
        return command;
    }
}
