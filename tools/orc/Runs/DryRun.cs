using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary><c>--dry-run</c>: what a run would do, and why.</summary>
internal static class DryRun
{
    public static Option<bool> Option() => new("--dry-run") { Description = "Say what would run, what is cached, and why; run nothing" };

    public static async Task<int> ShowAsync(Globals globals, OrcSession session, RunStart start)
    {
        await using var engine = session.CreateEngine();
        var plan = await engine.PlanAsync(start, CancellationToken.None);
        var key = Engine.PlanKey(start) is { } own ? await KeyPlan.OfAsync(session, own, Engine.DryRun, CancellationToken.None) : null;
        if (globals.Json)
        {
            Print.Json(globals, new
            {
                pipeline = start.Pipeline.Name,
                definition = start.Definition.Hash,
                @params = start.Params,
                concurrency = key,
                tasks = plan.Select(task => new { task = task.Task, step = Word(task.Step), why = task.Why, from = task.From?.Value }),
            });
        }
        else
        {
            Print.Table(globals, ["TASK", "WOULD", "WHY"], plan.Select(task => new[] { task.Task.Value, Word(task.Step), task.Why }));
            globals.Console.Out.WriteLine();
            globals.Console.Out.WriteLine($"nothing was run; {string.Join(", ", plan.GroupBy(task => task.Step).OrderBy(step => step.Key).Select(step => $"{step.Count()} {Word(step.Key)}"))}");
            if (key is not null)
            {
                globals.Console.Out.WriteLine(key.Message);
            }
        }

        return plan.Any(task => task.Step == PlannedStep.Failed) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static string Word(PlannedStep step) => JsonNamingPolicy.SnakeCaseLower.ConvertName(step.ToString());
}
