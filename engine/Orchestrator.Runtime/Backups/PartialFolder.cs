using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Processes;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Runtime.Backups;

/// <summary>A folder that gets its name when it is whole: until then it is called <c>NAME.partial-PROCESS</c>, and goes with whoever makes it.</summary>
internal sealed class PartialFolder : IDisposable
{
    private const string Mark = ".partial-";

    private readonly string name;
    private bool isWhole;

    private PartialFolder(string name)
    {
        this.name = name;
        Path = $"{name}{Mark}{ProcessIdentity.Current}";
    }

    public string Path { get; }

    /// <summary>Makes it, and removes what others left of the same name who were killed.</summary>
    public static PartialFolder Create(string name)
    {
        var folder = new PartialFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(name)));
        var parent = System.IO.Path.GetDirectoryName(folder.name)!;
        Directory.CreateDirectory(parent);
        foreach (var left in Directory.EnumerateDirectories(parent, $"{System.IO.Path.GetFileName(folder.name)}{Mark}*"))
        {
            if (ProcessIdentity.TryParse(left[(left.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..], out var writer) && (!writer.IsAlive || left == folder.Path))
            {
                FileNames.TryDeleteFolder(left);
            }
        }

        FileNames.CreatePrivateFolder(folder.Path);
        return folder;
    }

    /// <summary>True when there is something under a name that a folder is to get.</summary>
    public static bool IsTaken(string name) => File.Exists(name) || (Directory.Exists(name) && Directory.EnumerateFileSystemEntries(name).Any());

    /// <summary>Gives it its name.</summary>
    public void Finish()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories).Append(Path))
        {
            FolderSync.Flush(folder);
        }

        if (Directory.Exists(name))
        {
            // Empty, or this fails.
            Directory.Delete(name);
        }

        Directory.Move(Path, name);
        isWhole = true;
        FolderSync.Flush(System.IO.Path.GetDirectoryName(name)!);
    }

    public void Dispose()
    {
        if (!isWhole)
        {
            FileNames.TryDeleteFolder(Path);
        }
    }
}
