using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Retention;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Runtime.Backups;

/// <summary>
/// Makes a backup of a home while it is in use: first the database as it is at one moment, then the files. A file is stored before the database speaks of it and never changes, so everything that
/// the copied database speaks of is there to be copied; retention waits meanwhile.
/// </summary>
/// <param name="home">The home.</param>
/// <param name="database">Its database, open.</param>
/// <param name="tables">All tables of the program.</param>
/// <param name="time">The clock.</param>
public sealed class BackupWriter(OrcHome home, OrcDatabase database, IReadOnlyList<MigrationSet> tables, TimeProvider time)
{
    /// <summary>The database, whatever it was copied from.</summary>
    internal const string DatabaseFile = "orc.db";

    private const string SettingsFile = "settings.json", MarkerFile = "home.json";

    internal const string KeyFile = "secrets.key";

    /// <param name="destination">The folder to make.</param>
    /// <param name="withKey">Also the key of the secrets, without which they cannot be read.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="told">Called with what is done next.</param>
    /// <param name="cancellation">Stops it; nothing is left.</param>
    /// <exception cref="Core.Activities.ActivityException">The destination is not empty (ORC6410), too small (ORC6411), inside the home (ORC6412) or cannot be written (ORC6418); retention is under way (ORC6402).</exception>
    public async Task<BackupManifest> WriteAsync(string destination, bool withKey, string version, Action<string> told, CancellationToken cancellation)
    {
        destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        Check(destination);
        try
        {
            await using var pause = await RetentionPause.TakeAsync(database, time, cancellation);
            using var folder = PartialFolder.Create(destination);
            var manifest = await FillAsync(folder.Path, withKey, version, told, cancellation);
            await File.WriteAllTextAsync(Path.Combine(folder.Path, BackupManifest.FileName), JsonSerializer.Serialize(manifest, OrcJson.Indented) + "\n", cancellation);
            folder.Finish();
            return manifest;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw BackupErrors.CannotWrite(destination, error);
        }
    }

    private void Check(string destination)
    {
        if ((destination + Path.DirectorySeparatorChar).StartsWith(home.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw BackupErrors.InsideHome(destination, home.Folder);
        }

        if (PartialFolder.IsTaken(destination))
        {
            throw BackupErrors.NotEmpty(destination);
        }

        var needed = Files().Sum(file => new FileInfo(file.Source).Length) + (database.Dialect == Dialect.Sqlite ? SizeOf(home.DatabasePath) : 0);
        if (FreeSpace.Of(destination) is { } free && free < needed + (needed / 20))
        {
            throw BackupErrors.NoRoom(destination, needed + (needed / 20), free);
        }
    }

    private async Task<BackupManifest> FillAsync(string folder, bool withKey, string version, Action<string> told, CancellationToken cancellation)
    {
        told("the database");
        var madeAt = time.GetUtcNow();
        var snapshot = await DatabaseSnapshot.WriteAsync(database, Path.Combine(folder, DatabaseFile), tables, cancellation);
        Storage.Faults.FaultPoints.Reached("backup-database");
        var files = new List<BackupFile> { await FileCopy.DescribeAsync(folder, DatabaseFile, cancellation) };
        told("artifacts and logs");
        foreach (var (source, path) in Files())
        {
            if (await FileCopy.CopyAsync(source, folder, path, cancellation) is { } copied)
            {
                files.Add(copied);
                Storage.Faults.FaultPoints.Reached("backup-file");
            }
        }

        var key = withKey && File.Exists(KeyPath) ? await FileCopy.CopyAsync(KeyPath, folder, KeyFile, cancellation) : null;
        return new BackupManifest
        {
            Format = BackupManifest.KnownFormat,
            Program = version,
            MadeAt = madeAt,
            Home = home.Folder,
            HomeFormat = OrcHome.Format,
            Database = snapshot.Source,
            Dialect = snapshot.Dialect,
            HasKey = key is not null,
            HasSecrets = await new Storage.Secrets.SecretStore(database).ListAsync(cancellation) is { Count: > 0 },
            Files = [.. files.Concat(key is null ? [] : [key]).OrderBy(file => file.Path, StringComparer.Ordinal)],
        };
    }

    /// <summary>Everything of a home that cannot be made again and is no database: not drafts, not what running processes need, not the key.</summary>
    private IEnumerable<(string Source, string Path)> Files()
    {
        foreach (var name in new[] { SettingsFile, MarkerFile }.Where(name => File.Exists(Path.Combine(home.Folder, name))))
        {
            yield return (Path.Combine(home.Folder, name), name);
        }

        foreach (var parent in new[] { home.ArtifactsFolder, home.LogsFolder })
        {
            foreach (var file in Directory.EnumerateFiles(parent, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith('.')))
            {
                yield return (file, Path.GetRelativePath(home.Folder, file).Replace('\\', '/'));
            }
        }
    }

    private string KeyPath => SecretBook.KeyPathOf(home);

    private static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
