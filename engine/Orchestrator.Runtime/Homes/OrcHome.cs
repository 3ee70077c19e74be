using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Homes;

/// <summary>
/// The folder that holds everything of one installation: the database, artifacts, logs, and what running processes need. Any number of processes may
/// have the same home open.
/// </summary>
public sealed class OrcHome : IDisposable
{
    /// <summary>The layout that this program reads and writes. Raised only when an older program could no longer use the folder safely.</summary>
    public const int Format = 1;

    private const string MarkerName = "home.json";

    private static int counter;

    private readonly Lock gate = new();
    private WorkOwner? owner;

    private OrcHome(string folder) => Folder = folder;

    /// <summary>The full path.</summary>
    public string Folder { get; }

    /// <summary>The SQLite file of the embedded store. It need not exist.</summary>
    public string DatabasePath => Path.Combine(Folder, "orc.db");

    /// <summary>Files by content hash.</summary>
    public string ArtifactsFolder => Path.Combine(Folder, "artifacts");

    /// <summary>One text file per attempt.</summary>
    public string LogsFolder => Path.Combine(Folder, "logs");

    /// <summary>Working folders of attempts, one folder per process that runs attempts.</summary>
    public string WorkFolder => Path.Combine(Folder, "work");

    /// <summary>What can be made again: compiled scripts.</summary>
    public string CacheFolder => Path.Combine(Folder, "cache");

    /// <summary>Sockets of worker pools.</summary>
    public string WorkersFolder => Path.Combine(Folder, "workers");

    /// <summary>The names of the databases that the home was used with. Artifacts are shared by all of them.</summary>
    public string DatabasesPath => Path.Combine(Folder, "databases.json");

    /// <summary>Opens a home and makes it when there is none. Only its owner may enter it (mode 0700).</summary>
    /// <param name="folder">A path, relative to the current directory.</param>
    /// <exception cref="Core.Activities.ActivityException">
    /// Made by a newer version (ORC5110), not a folder (ORC5111), not writable (ORC5112), no room (ORC5113), its marker is damaged (ORC5114).
    /// </exception>
    public static OrcHome Open(string folder)
    {
        var home = new OrcHome(Path.GetFullPath(folder));
        if (File.Exists(home.Folder))
        {
            throw RuntimeErrors.HomeIsNoFolder(home.Folder);
        }

        try
        {
            home.CreateFolders();
            home.CheckMarker();
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw home.Unwritable(error);
        }

        return home;
    }

    /// <summary>Opens a home that must exist already, without writing anything: for worker processes and for commands that only look.</summary>
    /// <exception cref="Core.Activities.ActivityException">No home there (ORC5115), made by a newer version (ORC5110), its marker is damaged (ORC5114).</exception>
    public static OrcHome OpenExisting(string folder)
    {
        var home = new OrcHome(Path.GetFullPath(folder));
        var format = home.ReadMarker() ?? throw RuntimeErrors.HomeMissing(home.Folder);
        home.CheckFormat(format);
        return home;
    }

    /// <summary>The folder that an attempt of this process may use. Not made yet; whoever uses it makes it, and the lane removes it after the attempt.</summary>
    /// <exception cref="Core.Activities.ActivityException">The home is not writable (ORC5112) or has no room (ORC5113).</exception>
    public string WorkFolderOf(AttemptId attempt)
    {
        lock (gate)
        {
            owner ??= Claim(WorkFolder);
        }

        return Path.Combine(owner.Folder, FileNames.Checked(attempt.Value));
    }

    /// <summary>A folder in <see cref="WorkersFolder"/> that lives as long as this process, or until it is disposed.</summary>
    /// <exception cref="Core.Activities.ActivityException">The home is not writable (ORC5112) or has no room (ORC5113).</exception>
    internal WorkOwner ClaimWorkersFolder() => Claim(WorkersFolder);

    /// <summary>Removes what processes left behind that no longer live: also programs that they had started. What belongs to a live process stays. Call it once at the start of an engine.</summary>
    public void CleanLeftovers()
    {
        WorkOwner.CleanDead(WorkFolder);
        WorkOwner.CleanDead(WorkersFolder);
        CleanDrafts();
        ProcessMark.KillLeftovers();
    }

    /// <summary>Notes which database the home is used with.</summary>
    /// <param name="name">As <see cref="Storage.Databases.OrcDatabase.DisplayName"/> has it.</param>
    public void NoteDatabase(string name)
    {
        name = NameOf(name);
        try
        {
            if (ReadDatabases() is var known && !known.Contains(name, StringComparer.Ordinal))
            {
                WriteWhole(DatabasesPath, JsonSerializer.Serialize(known.Append(name), OrcJson.Indented));
            }
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw Unwritable(error);
        }
    }

    /// <summary>Other databases than this one that the home was used with, and that are still there as far as can be seen.</summary>
    public IReadOnlyList<string> OtherDatabases(string name)
    {
        name = NameOf(name);
        return [.. ReadDatabases().Where(other => other != name && (other.Contains("://", StringComparison.Ordinal) || File.Exists(Path.Combine(Folder, other))))];
    }

    /// <summary>Gives back this process's working folders.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            owner?.Dispose();
            owner = null;
        }
    }

    private WorkOwner Claim(string parent)
    {
        try
        {
            return WorkOwner.Claim(parent, Interlocked.Increment(ref counter));
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw Unwritable(error);
        }
    }

    private Core.Activities.ActivityException Unwritable(Exception error) =>
        StorageFaults.IsFull(error) ? RuntimeErrors.HomeNoRoom(Folder, error) : RuntimeErrors.HomeNotWritable(Folder, error);

    private void CreateFolders()
    {
        foreach (var folder in (string[])[Folder, ArtifactsFolder, LogsFolder, WorkFolder, CacheFolder, WorkersFolder])
        {
            FileNames.CreatePrivateFolder(folder);
        }
    }

    /// <summary>Artifacts that a process was writing when it was killed.</summary>
    private void CleanDrafts()
    {
        foreach (var draft in Directory.EnumerateFiles(ArtifactsFolder, ".*.draft"))
        {
            if (ProcessIdentity.TryParse(Path.GetFileName(draft).TrimStart('.'), out var writer) && !writer.IsAlive)
            {
                File.Delete(draft);
            }
        }
    }

    private void CheckMarker()
    {
        if (ReadMarker() is { } format)
        {
            CheckFormat(format);
            return;
        }

        WriteWhole(Path.Combine(Folder, MarkerName), JsonSerializer.Serialize(new Marker { Format = Format }, OrcJson.Options));
    }

    /// <summary>A file of the home keeps its name when the home is moved.</summary>
    private string NameOf(string database) => Path.GetDirectoryName(database) == Folder ? Path.GetFileName(database) : database;

    private string[] ReadDatabases()
    {
        try
        {
            return File.Exists(DatabasesPath) ? JsonSerializer.Deserialize<string[]>(File.ReadAllText(DatabasesPath), OrcJson.Options) ?? [] : [];
        }
        catch (JsonException error)
        {
            throw RuntimeErrors.HomeUnreadable(DatabasesPath, error);
        }
    }

    /// <summary>Written aside and moved in, so that a second process never reads half of it; both write the same.</summary>
    private static void WriteWhole(string path, string text)
    {
        var draft = $"{path}.{ProcessIdentity.Current}-{Interlocked.Increment(ref counter)}";
        try
        {
            File.WriteAllText(draft, text + "\n");
            File.Move(draft, path, overwrite: true);
        }
        finally
        {
            // A full disk leaves an empty draft, which nobody else would ever remove.
            File.Delete(draft);
        }
    }

    private int? ReadMarker()
    {
        var marker = Path.Combine(Folder, MarkerName);
        try
        {
            return File.Exists(marker)
                ? JsonDocument.Parse(File.ReadAllText(marker)).RootElement.GetProperty("format").GetInt32()
                : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw RuntimeErrors.HomeUnreadable(marker, error);
        }
    }

    private void CheckFormat(int format)
    {
        if (format > Format)
        {
            throw RuntimeErrors.HomeIsNewer(Folder, format, Format);
        }
    }

    private sealed record Marker
    {
        public required int Format { get; init; }
    }
}
