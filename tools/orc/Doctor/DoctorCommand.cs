using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Cli.Doctor;

/// <summary><c>orc doctor</c>: looks for what would make runs fail and for what has come to a halt, and says how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFrame frame)
    {
        var deep = new Option<bool>("--deep") { Description = "Also read every artifact and compare it with its hash" };
        var strict = new Option<bool>("--strict") { Description = "Exit code 1 also when there are only warnings" };
        var command = new Command("doctor", "Checks this machine and the home for what would make runs fail or has come to a halt, each with its mending") { deep, strict };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var checks = await CheckAsync(globals, parsed.GetValue(deep), cancellation);
            if (globals.Json)
            {
                Terminal.Print.Json(globals, new { healthy = checks.All(check => check.Level != "error"), checks });
            }
            else
            {
                checks.ForEach(check => Print(globals, check));
            }

            return checks.Any(check => check.Level == "error" || (parsed.GetValue(strict) && check.Level == "warning")) ? ExitCodes.Failed : ExitCodes.Done;
        }));
        return command;
    }

    private static void Print(Globals globals, Check check)
    {
        globals.Console.Out.WriteLine($"{(check.Level switch { "ok" => "✓", "warning" => "!", _ => "✗" })} {check.What}{(check.Detail is null ? "" : $": {check.Detail}")}");
        if (check.Help is not null)
        {
            globals.Console.Out.WriteLine($"    help: {check.Help}");
        }

        if (check.Command is not null)
        {
            globals.Console.Out.WriteLine($"    try:  {check.Command}");
        }
    }

    private static async Task<List<Check>> CheckAsync(Globals globals, bool deep, CancellationToken cancellation)
    {
        var checks = new List<Check>();
        await AddAsync(checks, "machine", MachineChecks.RunAsync());
        try
        {
            await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
            await AddAsync(checks, "home", HomeChecks.RunAsync(session, deep, globals.Time));
            await AddAsync(checks, "database", DatabaseChecks.RunAsync(session, globals.Time));
            await AddAsync(checks, "stuck things", new StuckChecks(session, globals.Time).RunAsync());
        }
        catch (WrongRequestException failed)
        {
            checks.Add(Check.Error("home", failed.Failure.Message, failed.Failure.Help));
        }
        catch (ActivityException failed)
        {
            checks.Add(Check.Error("home", failed.Failure.Message, failed.Failure.Help));
        }
        catch (StorageException failed)
        {
            checks.Add(Check.Error("database", failed.Message, failed.Help));
        }

        return checks;
    }

    /// <summary>What cannot even be looked at is told as well, and keeps nobody from looking at the rest.</summary>
    private static async Task AddAsync(List<Check> checks, string what, IAsyncEnumerable<Check> some)
    {
        try
        {
            await foreach (var check in some)
            {
                checks.Add(check);
            }
        }
        catch (StorageException failed)
        {
            checks.Add(Check.Error(what, failed.Message, failed.Help));
        }
        catch (ActivityException failed)
        {
            checks.Add(Check.Error(what, failed.Failure.Message, failed.Failure.Help));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            checks.Add(Check.Error(what, $"cannot be looked at: {failed.Message}", "Check the owner and the permissions of the home."));
        }
    }
}
