using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Retention;

namespace Orchestrator.Cli.Retention;

/// <summary><c>orc retention</c>: what is older than this home keeps, and its removal.</summary>
internal static class RetentionCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("retention", "What is older than this home keeps: runs, logs, artifacts, events (how long: orc settings)") { CreatePlan(frame), CreateApply(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => PlanAsync(globals, false, cancellation)));
        return command;
    }

    private static Command CreatePlan(CommandFrame frame)
    {
        var all = new Option<bool>("--all") { Description = "List every run, not only the first few" };
        var command = new Command("plan", "Says what would be removed, how much room that gives, and why what is old enough is kept; changes nothing") { all };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => PlanAsync(globals, parsed.GetValue(all), cancellation)));
        return command;
    }

    private static Command CreateApply(CommandFrame frame)
    {
        var noGrace = new Option<bool>("--no-grace") { Description = "Also remove files that became unused just now; only when no run goes on and no server serves the home" };
        var command = new Command("apply", "Removes it, beside everything that goes on; may be stopped at any moment and begun again") { noGrace };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ApplyAsync(globals, parsed.GetValue(noGrace), cancellation)));
        return command;
    }

    private static async Task<int> PlanAsync(Globals globals, bool all, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var plan = await session.Retention.PlanAsync(cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, RetentionDocuments.Of(plan));
        }

        PlanReport.Print(globals, plan, all ? int.MaxValue : PlanReport.Few);
        return ExitCodes.Done;
    }

    private static async Task<int> ApplyAsync(Globals globals, bool atOnce, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var report = await session.Retention.ApplyAsync(byHand: true, atOnce, cancellation)
            ?? throw new InvalidOperationException("by hand it is always done or refused");
        if (globals.Json)
        {
            return Print.Json(globals, RetentionDocuments.Of(report));
        }

        foreach (var line in PlanReport.Lines(report))
        {
            globals.Console.Out.WriteLine(line);
        }

        return ExitCodes.Done;
    }
}
