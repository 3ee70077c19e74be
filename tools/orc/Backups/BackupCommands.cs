using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Backups;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Cli.Backups;

/// <summary><c>orc backup</c> and <c>orc restore</c>: a copy of a home, made while it is in use, and a home made of one.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup(CommandFrame frame)
    {
        var destination = new Argument<string>("DEST") { Description = "The folder to make; it gets its name when the backup is whole" };
        var withKey = new Option<bool>("--with-key") { Description = "Also copy the key of the secrets: whoever has the backup can read them then" };
        var command = new Command("backup", "Copies the home, also while runs go on: the database as it is at one moment, artifacts, logs, settings") { CreateVerify(frame), destination, withKey };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => BackupAsync(globals, parsed.GetRequiredValue(destination), parsed.GetValue(withKey), cancellation)));
        return command;
    }

    public static Command CreateRestore(CommandFrame frame)
    {
        var source = new Argument<string>("SRC") { Description = "The folder of a backup" };
        var command = new Command("restore", "Makes a home of a backup, where there is none (--home DIR); runs that were unfinished go on in it") { source };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => RestoreAsync(globals, parsed.GetRequiredValue(source), cancellation)));
        return command;
    }

    private static Command CreateVerify(CommandFrame frame)
    {
        var source = new Argument<string>("DEST") { Description = "The folder of a backup" };
        var command = new Command("verify", "Reads a backup and compares every file with what was written") { source };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => VerifyAsync(globals, parsed.GetRequiredValue(source), cancellation)));
        return command;
    }

    private static async Task<int> BackupAsync(Globals globals, string destination, bool withKey, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(globals.Home, "home.json")))
        {
            throw new WrongRequestException(BackupErrors.NoSuchHome(globals.Home).Failure);
        }

        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var writer = new BackupWriter(session.Home, session.Database, Registration.Migrations, globals.Time);
        var manifest = await writer.WriteAsync(destination, withKey, VersionOf(), what => Say(globals, what), cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, SummaryOf(Path.GetFullPath(destination), manifest));
        }

        globals.Console.Out.WriteLine($"{Path.GetFullPath(destination)}: {Amount(manifest)}, as of {manifest.MadeAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}");
        foreach (var line in Notes(manifest, session.Home.Folder))
        {
            globals.Console.Out.WriteLine(line);
        }

        globals.Console.Out.WriteLine($"look whether it is whole: orc backup verify {destination}; make a home of it: orc restore {destination} --home DIR");
        return ExitCodes.Done;
    }

    private static async Task<int> VerifyAsync(Globals globals, string source, CancellationToken cancellation)
    {
        var manifest = BackupReader.ReadManifest(source);
        var damage = await BackupReader.VerifyAsync(source, manifest, cancellation);
        if (globals.Json)
        {
            Print.Json(globals, new { whole = damage.Count == 0, damage, backup = SummaryOf(Path.GetFullPath(source), manifest) });
        }
        else if (damage.Count == 0)
        {
            globals.Console.Out.WriteLine($"{source} is whole: {Amount(manifest)}, made {Words.Ago(manifest.MadeAt, globals.Time.GetUtcNow())} of {manifest.Home} by orc {manifest.Program}");
        }
        else
        {
            globals.Console.Out.WriteLine($"{source} is damaged:");
            foreach (var one in damage)
            {
                globals.Console.Out.WriteLine($"  {one.Path} {one.What}");
            }
        }

        return damage.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static async Task<int> RestoreAsync(Globals globals, string source, CancellationToken cancellation)
    {
        if (globals.Database is not null)
        {
            throw new WrongRequestException(BackupErrors.ServerDatabase().Failure);
        }

        var restored = await BackupRestore.RunAsync(source, globals.Home, Registration.Migrations, globals.Time, what => Say(globals, what), cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, new { home = restored.Home, unfinished = restored.Unfinished, backup = SummaryOf(Path.GetFullPath(source), restored.Backup) });
        }

        globals.Console.Out.WriteLine($"{restored.Home} is as {restored.Backup.Home} was {Words.Ago(restored.Backup.MadeAt, globals.Time.GetUtcNow())}: {Amount(restored.Backup)}");
        foreach (var line in RestoreNotes(restored))
        {
            globals.Console.Out.WriteLine(line);
        }

        return ExitCodes.Done;
    }

    private static IEnumerable<string> Notes(BackupManifest manifest, string home) => new[]
    {
        manifest is { HasSecrets: true, HasKey: false } ? $"secrets are in it, encrypted; to read them it takes the key, which is not in it: keep {Environment.GetEnvironmentVariable(SecretBook.KeyVariable) ?? Path.Combine(home, "secrets.key")} somewhere else, or use --with-key" : null,
        manifest.HasKey ? "the key of the secrets is in it: whoever has it can read them" : null,
        manifest.Dialect != "Sqlite" ? $"the database is a SQLite file in it, whatever {manifest.Database} is; the server's own backup restores it on the server faster" : null,
    }.OfType<string>();

    private static IEnumerable<string> RestoreNotes(RestoredHome restored) => new[]
    {
        restored.Unfinished.Count > 0 ? $"{restored.Unfinished.Count} unfinished: {string.Join(", ", restored.Unfinished.Take(3))}{(restored.Unfinished.Count > 3 ? ", …" : "")}; orc serve works on all of them, orc run --resume RUN on one. If {restored.Backup.Home} still lives, it works on them too: end one of the two" : null,
        restored.Backup is { HasSecrets: true, HasKey: false } ? $"secrets cannot be read without their key: put it to {Path.Combine(restored.Home, "secrets.key")}, readable by you alone, or set each secret anew" : null,
        restored.Backup.Dialect != "Sqlite" ? $"the database is a file of the home now; bring it to an empty database on a server with: orc db copy --to URL" : null,
    }.OfType<string>();

    private static void Say(Globals globals, string what)
    {
        if (!globals.Json && globals.Console.IsTerminal)
        {
            globals.Console.Out.WriteLine($"… {what}");
        }
    }

    private static object SummaryOf(string folder, BackupManifest manifest) => new
    {
        folder, manifest.Program, manifest.MadeAt, manifest.Home, manifest.Database, manifest.HasKey, manifest.HasSecrets, files = manifest.Files.Count, bytes = manifest.Files.Sum(file => file.Bytes),
    };

    private static string Amount(BackupManifest manifest) =>
        string.Create(CultureInfo.InvariantCulture, $"{manifest.Files.Count:N0} files, {Words.Bytes(manifest.Files.Sum(file => file.Bytes))}");

    private static string VersionOf() => typeof(BackupCommands).Assembly.GetName().Version?.ToString(3) ?? "0";
}
