using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Faults;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Artifacts;

/// <summary>
/// Files by the SHA-256 of their bytes, in <c>artifacts/ab/cdef…</c>. Any number of processes may add and read at once: a file appears under its name
/// only when it is whole, flushed to the disk and verified, and never changes after that.
/// </summary>
public sealed class ArtifactStore(OrcHome home) : IArtifactStore
{
    private const int BufferSize = 128 * 1024;

    private static int counter;

    /// <inheritdoc/>
    /// <exception cref="ActivityException">The source cannot be read (ORC5104), no room (ORC5103), the store cannot be written (ORC5105).</exception>
    public async Task<ArtifactRef> AddFileAsync(string path, string? name = null, string? mediaType = null, CancellationToken cancellation = default)
    {
        name ??= Path.GetFileName(path);
        await using var source = OpenSource(path);
        return await AddAsync(source, path, name, mediaType, cancellation);
    }

    /// <inheritdoc/>
    /// <exception cref="ActivityException">No room (ORC5103), the store cannot be written (ORC5105).</exception>
    public async Task<ArtifactRef> AddTextAsync(string text, string name, string? mediaType = null, CancellationToken cancellation = default)
    {
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await AddAsync(source, name, name, mediaType, cancellation);
    }

    /// <inheritdoc/>
    public string PathOf(ArtifactRef artifact)
    {
        var path = LocationOf(artifact.Hash);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw RuntimeErrors.ArtifactMissing(artifact.Hash, artifact.Name);
        }

        return file.Length == artifact.SizeInBytes
            ? path
            : throw RuntimeErrors.ArtifactDamaged(artifact.Hash, path, $"it has {file.Length:N0} bytes instead of {artifact.SizeInBytes:N0}");
    }

    /// <inheritdoc/>
    public string PathOf(string hash) => LocationOf(hash) is var path && File.Exists(path) ? path : throw RuntimeErrors.ArtifactMissing(hash);

    /// <summary>True when the store has the bytes of a hash. Looks at the name only.</summary>
    public bool Contains(string hash) => File.Exists(LocationOf(hash));

    /// <summary>Reads an artifact's bytes again and compares them with its name.</summary>
    /// <returns>False: the store has no such artifact.</returns>
    /// <exception cref="ActivityException">The bytes are not those of the hash (ORC5102).</exception>
    public async Task<bool> VerifyAsync(string hash, CancellationToken cancellation = default)
    {
        var path = LocationOf(hash);
        if (!File.Exists(path))
        {
            return false;
        }

        return await HashAsync(path, cancellation) is var found && found == hash
            ? true
            : throw RuntimeErrors.ArtifactDamaged(hash, path, $"its bytes have the hash {found}");
    }

    /// <summary>The hashes of all artifacts, in no order.</summary>
    public IEnumerable<string> Hashes() => Directory.EnumerateDirectories(home.ArtifactsFolder, "??")
        .SelectMany(folder => Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(folder) + Path.GetFileName(file)))
        .Where(IsHash);

    private static FileStream OpenSource(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw RuntimeErrors.ArtifactSourceUnreadable(path, error);
        }
    }

    private async Task<ArtifactRef> AddAsync(Stream source, string sourcePath, string name, string? mediaType, CancellationToken cancellation)
    {
        var draft = Path.Combine(home.ArtifactsFolder, $".{ProcessIdentity.Current}-{Interlocked.Increment(ref counter)}.draft");
        try
        {
            var (hash, size) = await WriteDraftAsync(source, sourcePath, draft, cancellation);
            FaultPoints.Reached("artifact-written");
            await PublishAsync(draft, hash, size, cancellation);
            FaultPoints.Reached("artifact-published");
            return new ArtifactRef { Hash = hash, SizeInBytes = size, Name = name, MediaType = mediaType ?? MediaTypes.Of(name) };
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw StorageFaults.IsFull(error)
                ? RuntimeErrors.ArtifactNoRoom(name, home.ArtifactsFolder, error)
                : RuntimeErrors.ArtifactStoreNotWritable(home.ArtifactsFolder, error);
        }
        finally
        {
            Discard(draft);
        }
    }

    /// <summary>Copies, hashing what passes. The bytes that are stored are those that were hashed, even when the source changes meanwhile.</summary>
    private static async Task<(string Hash, long Size)> WriteDraftAsync(Stream source, string sourcePath, string draft, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var buffer = new byte[BufferSize];
        var size = 0L;
        int count;
        while ((count = await ReadAsync(source, sourcePath, buffer, cancellation)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellation);
            size += count;
        }

        target.Flush(flushToDisk: true);
        return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }

    /// <summary>Keeps a broken source apart from a broken store: the first is the task's fault, the second the machine's.</summary>
    private static async ValueTask<int> ReadAsync(Stream source, string sourcePath, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellation);
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw RuntimeErrors.ArtifactSourceUnreadable(sourcePath, error);
        }
    }

    private async Task PublishAsync(string draft, string hash, long size, CancellationToken cancellation)
    {
        var path = LocationOf(hash);
        if (new FileInfo(path) is { Exists: true } existing && existing.Length == size && TryRenew(path))
        {
            return;
        }

        if (await HashAsync(draft, cancellation) is var written && written != hash)
        {
            throw RuntimeErrors.ArtifactDamaged(hash, draft, $"the disk gave back other bytes than were written ({written})");
        }

        MakeReadOnly(draft);
        var folder = Path.GetDirectoryName(path)!;
        FileNames.CreatePrivateFolder(folder);

        // Replaces a file of the same name, which has the same bytes or is damaged.
        File.Move(draft, path, overwrite: true);
        FolderSync.Flush(folder);
    }

    /// <summary>A file that is there already counts as written now: retention does not remove what was written since it looked.</summary>
    /// <returns>False: it has just been removed, or is not ours to change; then it is written anew.</returns>
    private static bool TryRenew(string path)
    {
        try
        {
            // The system's clock on purpose: it is the one that files are stamped with.
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            return false;
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    private static void MakeReadOnly(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.SetAttributes(path, FileAttributes.ReadOnly);
        }
        else
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
        }
    }

    private static void Discard(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            // The next cleaning of the home takes it; what was wrong with the storage is already on its way to the caller.
        }
    }

    private string LocationOf(string hash) => IsHash(hash)
        ? Path.Combine(home.ArtifactsFolder, hash[..2], hash[2..])
        : throw RuntimeErrors.ArtifactHashMalformed(hash);

    internal static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
