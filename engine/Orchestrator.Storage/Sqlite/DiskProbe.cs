namespace Orchestrator.Storage.Sqlite;

/// <summary>Looks at the disk of a file after something went wrong, to tell causes apart that SQLite gives one code.</summary>
internal static class DiskProbe
{
    /// <summary>Less than this and SQLite cannot make its side files (the shared memory alone is 32 KiB).</summary>
    private const long SmallestRoom = 64 * 1024;

    /// <summary>errno values of Linux and macOS, which .NET hands on as the HResult of an IOException.</summary>
    private const int NoSpace = 28, ReadOnlyFileSystem = 30;

    public static bool IsFull(string file)
    {
        try
        {
            return new DriveInfo(NearestFolder(file)).AvailableFreeSpace < SmallestRoom;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>True when no file can be made beside this one.</summary>
    public static bool IsReadOnly(string file)
    {
        try
        {
            var probe = Path.Combine(NearestFolder(file), $".orc-probe-{Environment.ProcessId}");
            using (new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                return false;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return IsReadOnly(error);
        }
    }

    public static bool IsReadOnly(Exception error) => error is UnauthorizedAccessException || error.HResult == ReadOnlyFileSystem;

    public static bool IsFull(IOException error) => error.HResult == NoSpace;

    /// <summary>The file's folder, or the nearest one above that exists.</summary>
    private static string NearestFolder(string file)
    {
        var folder = Path.GetDirectoryName(file);
        while (!string.IsNullOrEmpty(folder) && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return string.IsNullOrEmpty(folder) ? Directory.GetCurrentDirectory() : folder;
    }
}
