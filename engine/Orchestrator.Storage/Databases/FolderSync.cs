using System.Runtime.InteropServices;

namespace Orchestrator.Storage.Databases;

/// <summary>Keeps names in folders: what a crash of the machine must not undo.</summary>
public static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>
    /// Makes the names in a folder safe: on Unix the name of a new or moved file lives in its folder, which has its own flush that .NET does not offer.
    /// Best effort, since some network file systems refuse it.
    /// </summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(folder, ReadOnly);
        if (handle >= 0)
        {
            _ = Sync(handle);
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
