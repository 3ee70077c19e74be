using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Artifacts;

/// <summary>A file of the artifact store as the file system has it.</summary>
internal readonly record struct StoredFile(string Hash, long SizeInBytes, DateTimeOffset ModifiedAt);

/// <summary>Takes files out of the artifact store, beside processes that write and read it.</summary>
internal sealed class ArtifactTrash(OrcHome home)
{
    private const string Ending = ".unused";

    public IEnumerable<StoredFile> Files()
    {
        foreach (var folder in new DirectoryInfo(home.ArtifactsFolder).EnumerateDirectories("??"))
        {
            foreach (var file in folder.EnumerateFiles())
            {
                if (ArtifactStore.IsHash(folder.Name + file.Name))
                {
                    yield return new StoredFile(folder.Name + file.Name, file.Length, TimeOf(file.LastWriteTimeUtc));
                }
            }
        }
    }

    /// <summary>Moves a file out of the way of whoever looks for it, if it is still the one that was looked at. From then on it can only be written anew.</summary>
    public bool TryPutAside(string hash, DateTimeOffset modified)
    {
        var (path, aside) = PathsOf(hash);
        try
        {
            File.Move(path, aside, overwrite: true);
            if (TimeOf(File.GetLastWriteTimeUtc(aside)) == modified)
            {
                return true;
            }

            Return(aside, path);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    public void Delete(string hash) => File.Delete(PathsOf(hash).Aside);

    /// <summary>What somebody was about to remove who was killed: it is looked at again like any other file.</summary>
    public void PutBack()
    {
        foreach (var aside in Directory.EnumerateDirectories(home.ArtifactsFolder, "??").SelectMany(folder => Directory.EnumerateFiles(folder, $".*{Ending}")))
        {
            Return(aside, Path.Combine(Path.GetDirectoryName(aside)!, Path.GetFileName(aside)[1..^Ending.Length]));
        }
    }

    private static void Return(string aside, string path)
    {
        if (File.Exists(path))
        {
            // Written anew meanwhile: the same bytes.
            File.Delete(aside);
        }
        else
        {
            File.Move(aside, path, overwrite: true);
        }
    }

    private (string Path, string Aside) PathsOf(string hash)
    {
        var folder = Path.Combine(home.ArtifactsFolder, hash[..2]);
        return (Path.Combine(folder, hash[2..]), Path.Combine(folder, $".{hash[2..]}{Ending}"));
    }

    /// <summary>As a database gives it back.</summary>
    private static DateTimeOffset TimeOf(DateTime modified) => new(modified.Ticks - (modified.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
