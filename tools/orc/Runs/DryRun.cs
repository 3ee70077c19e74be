using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary><c>--dry-run</c>: what a run would do, and why.</summary>
internal static class DryRun
{
    public static Option<bool> Option() => new("--dry-run") { Description = "Say what would run, what is cached, and why; run nothing" };

    public static int Show(Globals globals, RunPlan plan)
    {
        if (globals.Json)
        {
            Print.Json(globals, new
            {
                pipeline = plan.Pipeline,
                definition = plan.Definition,
                @params = plan.Params,
                concurrency = plan.Concurrency,
                tasks = plan.Tasks.Select(task => new { task = task.Task, step = task.Step, why = task.Why, from = task.From }),
            });
        }
        else
        {
            Print.Table(globals, ["TASK", "WOULD", "WHY"], plan.Tasks.Select(task => new[] { task.Task, task.Step, task.Why }));
            globals.Console.Out.WriteLine();
            globals.Console.Out.WriteLine($"nothing was run; {string.Join(", ", plan.Tasks.GroupBy(task => task.Step).OrderBy(step => Array.IndexOf(Steps, step.Key)).Select(step => $"{step.Count()} {step.Key}"))}");
            if (plan.Concurrency is { } key)
            {
                globals.Console.Out.WriteLine(key.Message);
            }
        }

        return plan.Tasks.Any(task => task.Step == Word(PlannedStep.Failed)) ? ExitCodes.Failed : ExitCodes.Done;
    }

    /// <summary>The words, in the order in which they are counted up.</summary>
    private static readonly string[] Steps = [.. Enum.GetValues<PlannedStep>().Order().Select(Word)];

    internal static string Word(PlannedStep step) => JsonNamingPolicy.SnakeCaseLower.ConvertName(step.ToString());
}
