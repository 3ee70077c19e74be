namespace Orchestrator.Scheduling.Events;

/// <summary>A file as a listing has it.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Modified">When it was last written.</param>
public readonly record struct ListedFile(string Path, long Size, DateTimeOffset Modified);

/// <summary>Lists files, of a disk or of a store that has listings as object stores do.</summary>
public interface IFileListing
{
    /// <summary>The files that fit a path whose last part may have <c>*</c> and <c>?</c>. A folder that is not there has none.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    Task<IReadOnlyList<ListedFile>> ListAsync(string pattern, CancellationToken cancellation);
}

/// <summary>Files of this machine's disks.</summary>
public sealed class FolderListing : IFileListing
{
    public Task<IReadOnlyList<ListedFile>> ListAsync(string pattern, CancellationToken cancellation)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(pattern) ?? "/");
        if (!folder.Exists)
        {
            return Task.FromResult<IReadOnlyList<ListedFile>>([]);
        }

        var options = new EnumerationOptions { IgnoreInaccessible = false, RecurseSubdirectories = false, MatchType = MatchType.Simple, AttributesToSkip = FileAttributes.Directory };
        try
        {
            return Task.FromResult<IReadOnlyList<ListedFile>>(
            [
                .. folder.EnumerateFiles(Path.GetFileName(pattern), options).Select(file => new ListedFile(file.FullName, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)))
            ]);
        }
        catch (UnauthorizedAccessException closed)
        {
            throw new IOException($"{folder.FullName} cannot be read: {closed.Message}", closed);
        }
    }
}
