using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Cli.Doctor;

/// <summary>The folder of a home: its disk, who may enter it, what was left in it.</summary>
internal static class HomeChecks
{
    private const long LittleRoom = 1L << 30, LittleInodes = 10_000;

    public static async IAsyncEnumerable<Check> RunAsync(OrcSession session, bool deep, TimeProvider time)
    {
        var home = session.Home;
        yield return Check.Ok("home", home.Folder);
        yield return await CheckRoomAsync(home.Folder);
        yield return CheckPermissions(home.Folder);
        yield return CheckLeftovers(home, time);
        yield return await CheckSecretsAsync(session);
        yield return await CheckArtifactsAsync(session, deep);
    }

    private static async Task<Check> CheckRoomAsync(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < LittleRoom)
        {
            return Check.Warning("disk", $"{Words.Bytes(free)} free under {folder}", "Runs stop with ORC5103 or ORC5113 when the disk is full; nothing is lost. Make room, or remove what is old.", "orc retention plan");
        }

        return await MachineChecks.FreeInodesAsync(folder) is { } inodes and < LittleInodes
            ? Check.Warning("disk", $"room for {inodes:N0} more files under {folder}", "The disk takes few more files, however small. Remove what is old.", "orc retention plan")
            : Check.Ok("disk", $"{Words.Bytes(free)} free");
    }

    private static Check CheckPermissions(string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return Check.Error("permissions", $"nothing can be written into {folder}: {refused.Message}", "Give this user the folder, or mount its disk for writing.", $"chown -R {Environment.UserName} {folder}");
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & others) != 0
            ? Check.Warning("permissions", $"other users of this machine may enter {folder}", "Logs and artifacts may hold what is not for them.", $"chmod 700 {folder}")
            : Check.Ok("permissions", "this user alone may enter it, and write into it");
    }

    /// <summary>Small files under another name, until they are whole. Each start of an engine removes those of dead processes.</summary>
    private static Check CheckLeftovers(OrcHome home, TimeProvider time)
    {
        var old = time.GetUtcNow().UtcDateTime.AddDays(-1);
        string[] found =
        [
            .. Directory.EnumerateFiles(home.Folder, "*.draft").Where(file => File.GetLastWriteTimeUtc(file) < old),
            .. Directory.EnumerateFiles(home.ArtifactsFolder, ".*.draft", SearchOption.TopDirectoryOnly).Where(file => File.GetLastWriteTimeUtc(file) < old),
            .. Directory.EnumerateDirectories(home.WorkFolder).Where(folder => Directory.GetLastWriteTimeUtc(folder) < old && !File.Exists($"{folder}.lock")),
        ];
        return found.Length == 0
            ? Check.Ok("temporary files", "none is older than a day")
            : Check.Warning("temporary files", $"{found.Length} older than a day, of processes that were killed: {string.Join(", ", found.Take(3))}", "Nothing needs them. Delete them when no program of orc works on the home.", $"rm -r {string.Join(' ', found.Take(3))}");
    }

    private static async Task<Check> CheckSecretsAsync(OrcSession session)
    {
        try
        {
            return await session.Get<SecretBook>().CheckAsync(CancellationToken.None) is > 0 and var count
                ? Check.Ok("secrets", $"{count}, and their key opens them")
                : Check.Ok("secrets", "none is stored");
        }
        catch (ActivityException unreadable)
        {
            return Check.Error("secrets", unreadable.Failure.Message, unreadable.Failure.Help, unreadable.Failure.Code == "ORC5263" ? $"chmod 600 {SecretBook.KeyPathOf(session.Home)}" : null);
        }
    }

    private static async Task<Check> CheckArtifactsAsync(OrcSession session, bool deep)
    {
        var store = session.Get<ArtifactStore>();
        var count = 0;
        var damaged = new List<string>();
        foreach (var hash in store.Hashes())
        {
            count++;
            if (deep && !await IsSoundAsync(store, hash))
            {
                damaged.Add(hash[..12]);
            }
        }

        return damaged.Count == 0
            ? Check.Ok("artifacts", $"{count} {(deep ? "and all are what their hash says" : "(--deep reads each of them)")}")
            : Check.Error("artifacts", $"{damaged.Count} of {count} are not what their hash says: {string.Join(", ", damaged.Take(5))}", "Delete these files under the home's artifacts folder and run the tasks that made them again, or take them from a backup.");
    }

    private static async Task<bool> IsSoundAsync(ArtifactStore store, string hash)
    {
        try
        {
            return await store.VerifyAsync(hash);
        }
        catch (ActivityException)
        {
            return false;
        }
    }
}
