using System.Globalization;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Homes;

/// <summary>
/// A folder that lives as long as the process that claimed it. It is named by process id and start time, and a lock on the file beside it is held until
/// the process ends, however it ends.
/// </summary>
/// <remarks>
/// Both signs must say "dead" before anything is removed: the name alone would lie about a process in another container that shares the home,
/// and the lock alone about one that has made its file but not locked it yet.
/// </remarks>
internal sealed class WorkOwner : IDisposable
{
    private readonly FileStream held;

    private WorkOwner(string folder, FileStream held)
    {
        Folder = folder;
        this.held = held;
    }

    public string Folder { get; }

    /// <param name="parent">The folder to make it in.</param>
    /// <param name="number">Sets apart what one process claims several times.</param>
    public static WorkOwner Claim(string parent, int number)
    {
        var folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{ProcessIdentity.Current}-{number}"));
        var held = new FileStream(folder + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        FileNames.CreatePrivateFolder(folder);
        return new WorkOwner(folder, held);
    }

    public static void CleanDead(string parent)
    {
        foreach (var lockFile in Directory.EnumerateFiles(parent, "*.lock"))
        {
            if (ProcessIdentity.TryParse(Path.GetFileNameWithoutExtension(lockFile), out var owner) && !owner.IsAlive)
            {
                CleanOne(lockFile);
            }
        }
    }

    public void Dispose()
    {
        FileNames.TryDeleteFolder(Folder);
        held.Dispose();
        File.Delete(held.Name);
    }

    private static void CleanOne(string lockFile)
    {
        try
        {
            using var held = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            PendingUndo.RunAll(Path.ChangeExtension(lockFile, null));
            if (FileNames.TryDeleteFolder(Path.ChangeExtension(lockFile, null)))
            {
                File.Delete(lockFile);
            }
        }
        catch (Exception busy) when (StorageFaults.IsStorage(busy))
        {
            // Locked: its owner lives where we cannot see it, or another process is cleaning it right now.
        }
    }
}
