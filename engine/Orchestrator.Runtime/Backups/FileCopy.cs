using System.Security.Cryptography;

namespace Orchestrator.Runtime.Backups;

/// <summary>Copies a file that may grow meanwhile, and says what was copied.</summary>
internal static class FileCopy
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Null: the file is gone, as a log of a run that retention removed.</summary>
    public static async Task<BackupFile?> CopyAsync(string source, string folder, string path, CancellationToken cancellation)
    {
        var target = Path.Combine(folder, path);
        FileStream from;
        try
        {
            from = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        await using (from)
        {
            Homes.FileNames.CreatePrivateFolder(Path.GetDirectoryName(target)!);
            await using var to = new FileStream(target, OptionsOf(source));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[BufferSize];
            // No further than it was when it was opened: a log that grows faster than it is copied has no end.
            var (left, size) = (from.Length, 0L);
            int count;
            while (left > 0 && (count = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
                (left, size) = (left - count, size + count);
            }

            to.Flush(flushToDisk: true);
            return new BackupFile { Path = path, Bytes = size, Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) };
        }
    }

    public static async Task<BackupFile> DescribeAsync(string folder, string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(Path.Combine(folder, path), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return new BackupFile { Path = path, Bytes = file.Length, Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation)) };
    }

    /// <summary>With the permissions that it has: a key that its owner alone may read stays so.</summary>
    private static FileStreamOptions OptionsOf(string source)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.GetUnixFileMode(source);
        }

        return options;
    }
}
