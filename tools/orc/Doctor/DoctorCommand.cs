using System.CommandLine;
using System.Runtime.InteropServices;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Doctor;

/// <summary><c>orc doctor</c>: looks for what would make runs fail, and says how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandFrame frame)
    {
        var deep = new Option<bool>("--deep") { Description = "Also read every artifact and compare it with its hash" };
        var command = new Command("doctor", "Checks this machine and the home for what would make runs fail") { deep };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var checks = await CheckAsync(globals, parsed.GetValue(deep), cancellation);
            if (globals.Json)
            {
                Print.Json(globals, new { healthy = checks.All(check => check.Level != "error"), checks });
            }
            else
            {
                foreach (var check in checks)
                {
                    globals.Console.Out.WriteLine($"{(check.Level switch { "ok" => "✓", "warning" => "!", _ => "✗" })} {check.What}{(check.Detail is null ? "" : $": {check.Detail}")}");
                    if (check.Help is not null)
                    {
                        globals.Console.Out.WriteLine($"    help: {check.Help}");
                    }
                }
            }

            return checks.Any(check => check.Level == "error") ? ExitCodes.Failed : ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<List<Check>> CheckAsync(Globals globals, bool deep, CancellationToken cancellation)
    {
        var checks = new List<Check> { Check.Ok("program", $"orc {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version}, {RuntimeInformation.OSDescription.Trim()}, {Environment.ProcessorCount} cores") };
        checks.Add(CheckOpenMp());
        try
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            checks.Add(Check.Ok("home", session.Home.Folder));
            checks.Add(CheckRoom(session.Home.Folder));
            checks.Add(await CheckDatabaseAsync(session, cancellation));
            checks.Add(await CheckRunsAsync(session, cancellation));
            checks.Add(await CheckArtifactsAsync(session, deep, cancellation));
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

    /// <summary>LightGBM's native library is linked against it, and a bare system has none.</summary>
    private static Check CheckOpenMp()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Check.Ok("OpenMP", "not needed on this system");
        }

        if (!NativeLibrary.TryLoad("libgomp.so.1", out var library))
        {
            return Check.Error("OpenMP", "libgomp.so.1 is not on this machine, so LightGBM cannot train", "apt-get install libgomp1 (Debian, Ubuntu) or dnf install libgomp (Fedora)");
        }

        NativeLibrary.Free(library);
        return Check.Ok("OpenMP", "libgomp.so.1");
    }

    private static Check CheckRoom(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free < 1L << 30
            ? Check.Warning("disk", $"{Words.Bytes(free)} free under {folder}", "Runs stop with ORC5103 or ORC5113 when the disk is full; nothing is lost, but free some room.")
            : Check.Ok("disk", $"{Words.Bytes(free)} free");
    }

    private static async Task<Check> CheckDatabaseAsync(OrcSession session, CancellationToken cancellation)
    {
        var damage = await session.Database.CheckAsync(cancellation);
        return damage.Count == 0
            ? Check.Ok("database", session.Database.DisplayName)
            : Check.Error("database", $"{session.Database.DisplayName} is damaged: {string.Join("; ", damage.Take(3))}", "Restore a copy, or move the home away and start a new one.");
    }

    private static async Task<Check> CheckRunsAsync(OrcSession session, CancellationToken cancellation)
    {
        var open = await session.Stores.Runs.ListAsync(new RunFilter { Unfinished = true, Limit = 1000 }, cancellation);
        var abandoned = open.Where(session.IsAbandoned).ToArray();
        return abandoned.Length == 0
            ? Check.Ok("runs", open.Count == 0 ? "none is unfinished" : $"{open.Count} unfinished, all worked on")
            : Check.Warning("runs", $"{abandoned.Length} unfinished without a process that works on them: {string.Join(", ", abandoned.Take(3).Select(run => run.Id))}", $"orc run --resume {abandoned[0].Id}, or orc cancel {abandoned[0].Id}");
    }

    private static async Task<Check> CheckArtifactsAsync(OrcSession session, bool deep, CancellationToken cancellation)
    {
        var store = session.Get<ArtifactStore>();
        var count = 0;
        var damaged = new List<string>();
        foreach (var hash in store.Hashes())
        {
            count++;
            if (deep && !await store.VerifyAsync(hash, cancellation))
            {
                damaged.Add(hash[..12]);
            }
        }

        return damaged.Count == 0
            ? Check.Ok("artifacts", $"{count} {(deep ? "and all are what their hash says" : "(--deep reads each of them)")}")
            : Check.Error("artifacts", $"{damaged.Count} of {count} are not what their hash says: {string.Join(", ", damaged.Take(5))}", "Delete these files under the home's artifacts folder and run the tasks that made them again.");
    }

    private sealed record Check(string Level, string What, string? Detail, string? Help)
    {
        public static Check Ok(string what, string detail) => new("ok", what, detail, null);

        public static Check Warning(string what, string detail, string? help) => new("warning", what, detail, help);

        public static Check Error(string what, string detail, string? help) => new("error", what, detail, help);
    }
}
