using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Activities.Containers;

namespace Orchestrator.Cli.Doctor;

/// <summary>What the machine must have, whatever home is on it.</summary>
internal static class MachineChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<Check> RunAsync()
    {
        yield return Check.Ok("program", $"orc {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version}, {RuntimeInformation.OSDescription.Trim()}, {Environment.ProcessorCount} cores");
        yield return CheckOpenMp();
        yield return await CheckClockAsync();
        yield return await CheckContainersAsync();
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
            return Check.Error("OpenMP", "libgomp.so.1 is not on this machine, so LightGBM cannot train", "Install it: libgomp1 on Debian and Ubuntu, libgomp on Fedora.", "apt-get install libgomp1");
        }

        NativeLibrary.Free(library);
        return Check.Ok("OpenMP", "libgomp.so.1");
    }

    /// <summary>Schedules go by the clock, and servers on one database compare theirs.</summary>
    private static async Task<Check> CheckClockAsync() => await AskAsync("timedatectl", "show", "-p", "NTPSynchronized", "--value") switch
    {
        "yes" => Check.Ok("clock", "synchronized"),
        "no" => Check.Warning("clock", "nothing keeps this machine's clock right", "Schedules start by it. Let the system keep it right.", "timedatectl set-ntp true"),
        _ => Check.Ok("clock", "whether something keeps it right is not known here"),
    };

    private static async Task<Check> CheckContainersAsync()
    {
        if (ContainerEngines.Find() is not { } engine)
        {
            return Check.Ok("containers", "neither podman nor docker is here; only exec.container needs one");
        }

        return await AskAsync(engine, "version", "--format", "{{.Server.Version}}") is { Length: > 0 } version
            ? Check.Ok("containers", $"{Path.GetFileName(engine)} {version}")
            : Check.Warning("containers", $"{engine} is here and does not answer", "Tasks of exec.container will fail. See what it says.", $"{Path.GetFileName(engine)} version");
    }

    /// <summary>The one line that a program answers; null: it is not here, fails, or takes too long.</summary>
    internal static async Task<string?> AskAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (process is null)
            {
                return null;
            }

            using var limit = new CancellationTokenSource(Patience);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(limit.Token);
                _ = process.StandardError.ReadToEndAsync(limit.Token);
                await process.WaitForExitAsync(limit.Token);
                return process.ExitCode == 0 ? (await output).Trim() : null;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>How many more files a disk takes; null: it does not count them, or nobody can tell.</summary>
    internal static async Task<long?> FreeInodesAsync(string folder) =>
        OperatingSystem.IsWindows() ? null
        : (await AskAsync("df", "-Pi", folder))?.Split('\n').ElementAtOrDefault(1)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var all, _, var free, ..]
          && long.TryParse(all, NumberStyles.None, CultureInfo.InvariantCulture, out var total) && total > 0
          && long.TryParse(free, NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null;
}
