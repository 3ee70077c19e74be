namespace Orchestrator.Runtime.Backups;

/// <summary>The room on the disk of a folder that need not exist yet.</summary>
internal static class FreeSpace
{
    /// <summary>Null: nobody can tell.</summary>
    public static long? Of(string folder)
    {
        try
        {
            var existing = folder;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } above)
            {
                existing = above;
            }

            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
