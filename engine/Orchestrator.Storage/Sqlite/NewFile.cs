using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Sqlite;

/// <summary>A database gets its name when all its tables are there: a disk that fills up, or a kill, leaves no half of one.</summary>
internal static class NewFile
{
    private static int counter;

    /// <param name="path">The name that it gets, unless another process was faster.</param>
    /// <param name="make">Makes it, whole and closed, in the file of another name.</param>
    public static async Task MakeAsync(string path, Func<string, Task> make)
    {
        var draft = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref counter)}.draft";
        try
        {
            await make(draft);
            if (File.Exists(draft + "-wal"))
            {
                // Closing folds the log in and says nothing when it cannot: without the log the file would be half of a database.
                throw DiskProbe.IsFull(draft) ? StorageErrors.DiskFull(path, null) : StorageErrors.Io(path, "its log could not be folded into it", null);
            }

            File.Move(draft, path, overwrite: false);
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process has made it meanwhile.
        }
        catch (IOException failed)
        {
            throw DiskProbe.IsFull(failed) ? StorageErrors.DiskFull(path, failed) : StorageErrors.CannotOpen(path, failed.Message, failed);
        }
        finally
        {
            Remove(draft);
        }
    }

    private static void Remove(string draft)
    {
        try
        {
            foreach (var ending in (string[])["", "-wal", "-shm", "-journal"])
            {
                File.Delete(draft + ending);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Where nothing can be removed nothing was made; the cause is already on its way to the caller.
        }
    }
}
