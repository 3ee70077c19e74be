using System.Runtime.InteropServices;

namespace Orchestrator.Runtime.Artifacts;

/// <summary>What a crash of the machine must not undo.</summary>
internal static partial class Durable
{
    private const int ReadOnly = 0;

    /// <summary>
    /// Makes the names in a folder safe: on Unix the name of a new or moved file lives in its folder, which has its own flush that .NET does not offer.
    /// Best effort, since some network file systems refuse it.
    /// </summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(folder, ReadOnly);
        if (handle >= 0)
        {
            _ = Flush(handle);
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
