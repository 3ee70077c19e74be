using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.People;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc logs RUN [TASK]</c>: what attempts wrote, also while they run.</summary>
internal static class LogsCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string?>("TASK") { Description = "Only this task; TASK/3 is item 3 of a mapped task; of a sub-pipeline all its tasks, also where it is a run of its own (PARENT/TASK: one of them)", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run has ended" };
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt (1 is the first)" };
        var command = new Command("logs", "Prints the logs of a run's attempts") { run, task, follow, attempt };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenToLookAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            var lines = new List<RunLogLine>();
            await foreach (var line in place.Runs.ReadLogsAsync(info, parsed.GetValue(task), parsed.GetValue(attempt), parsed.GetValue(follow), cancellation))
            {
                if (globals.Json)
                {
                    lines.Add(line);
                }
                else
                {
                    globals.Console.Out.WriteLine($"{line.At.ToLocalTime():HH:mm:ss.fff} {(line.Item is { } item ? $"{line.Task}/{item}" : line.Task)}#{line.Attempt} {line.Severity,-7} {line.Text}");
                }
            }

            return globals.Json ? Print.Json(globals, lines) : ExitCodes.Done;
        }));
        return command;
    }
}
