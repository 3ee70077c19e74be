using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Cli.Databases;

/// <summary><c>orc db</c>: what the database is, its schema, and moving a home's file to a server.</summary>
internal static class DatabaseCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("db", "The database: its schema, and moving a home to a server") { CreateStatus(frame), CreateMigrate(frame), CreateCopy(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => StatusAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateStatus(CommandFrame frame)
    {
        var command = new Command("status", "Says which steps of the schema are applied, and changes nothing");
        command.SetAction((parsed, cancellation) => frame(parsed, globals => StatusAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateMigrate(CommandFrame frame)
    {
        var command = new Command("migrate", "Brings the schema up to date, as every command does when it opens the database");
        command.SetAction((parsed, cancellation) => frame(parsed, globals => MigrateAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateCopy(CommandFrame frame)
    {
        var to = new Option<string>("--to") { Description = "The empty database on a server that gets everything", HelpName = "URL", Required = true };
        var from = new Option<string?>("--from") { Description = "The SQLite database to copy (default: orc.db in the home)", HelpName = "URL" };
        var command = new Command("copy", "Copies the home's SQLite database to a server, whole or not at all; artifacts and logs stay in the home") { to, from };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => CopyAsync(globals, parsed.GetValue(from), parsed.GetRequiredValue(to), cancellation)));
        return command;
    }

    private static async Task<int> StatusAsync(Globals globals, CancellationToken cancellation)
    {
        using var home = OrcSession.OpenHome(globals.Home);
        var url = globals.Database ?? $"sqlite:{home.DatabasePath}";
        var steps = await OrcDatabase.ListMigrationsAsync(url, Registration.Migrations, cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, new { upToDate = IsUpToDate(steps), steps });
        }

        Print.Table(globals, ["SCHEMA", "STEP", "APPLIED"], steps.Select(step => new[]
        {
            step.Set, step.File, step.AppliedAt is { } at ? $"{Words.Ago(at, globals.Time.GetUtcNow())}{(step.IsKnown ? "" : " by a newer version")}" : "not yet",
        }));
        globals.Console.Out.WriteLine(
            IsUpToDate(steps) ? "the schema is up to date"
            : steps.All(step => step.IsKnown) ? "the schema is not up to date; bring it there with: orc db migrate"
            : "the schema is that of a newer version of this program: use that one");
        return ExitCodes.Done;
    }

    private static async Task<int> MigrateAsync(Globals globals, CancellationToken cancellation)
    {
        using var home = OrcSession.OpenHome(globals.Home);
        var url = globals.Database ?? $"sqlite:{home.DatabasePath}";
        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Time = globals.Time }, cancellation);
        var applied = await database.MigrateAsync(Registration.Migrations, cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, new { database = database.DisplayName, applied = applied.Select(step => new { step.Set, step.File }) });
        }

        foreach (var step in applied)
        {
            globals.Console.Out.WriteLine($"applied {step.Set}/{step.File}");
        }

        globals.Console.Out.WriteLine($"{database.DisplayName} is up to date");
        return ExitCodes.Done;
    }

    private static async Task<int> CopyAsync(Globals globals, string? from, string to, CancellationToken cancellation)
    {
        using var home = OrcSession.OpenHome(globals.Home);
        if (from is null && !File.Exists(home.DatabasePath))
        {
            throw new WrongRequestException("ORC5980", $"there is no {home.DatabasePath} to copy", help: "Name the home with --home DIR, or the database with --from sqlite:PATH.");
        }

        var options = new DatabaseOptions { Migrations = Registration.Migrations, Time = globals.Time };
        from ??= $"sqlite:{home.DatabasePath}";
        DatabaseCopy.CheckDirection(from, to);
        await using var source = await OrcDatabase.OpenAsync(from, options, cancellation);
        await using var target = await OrcDatabase.OpenAsync(to, options, cancellation);
        var tables = await DatabaseCopy.RunAsync(source, target, Registration.Migrations, globals.Time.GetUtcNow(), table => Say(globals, table), cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, new { from = source.DisplayName, to = target.DisplayName, tables });
        }

        globals.Console.Out.WriteLine($"{source.DisplayName} is copied to {target.DisplayName}: {Count(tables.Sum(table => table.Rows))} rows in {tables.Count} tables, all read back and the same");
        globals.Console.Out.WriteLine("use it with --db URL or ORC_DB; artifacts, logs and the key of secrets stay in the home");
        return ExitCodes.Done;
    }

    private static void Say(Globals globals, CopiedTable table)
    {
        if (!globals.Json && table.Rows > 0)
        {
            globals.Console.Out.WriteLine($"{table.Name}: {Count(table.Rows)} row{(table.Rows == 1 ? "" : "s")}");
        }
    }

    private static bool IsUpToDate(IEnumerable<MigrationStatus> steps) => steps.All(step => step.AppliedAt is not null && step.IsKnown);

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
