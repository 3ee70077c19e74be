using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage.Copying;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Runtime.Backups;

/// <summary>What was restored.</summary>
public sealed record RestoredHome
{
    public required BackupManifest Backup { get; init; }

    public required string Home { get; init; }

    /// <summary>Runs that go on when somebody works on them.</summary>
    public required IReadOnlyList<string> Unfinished { get; init; }
}

/// <summary>Makes a home of a backup.</summary>
public static class BackupRestore
{
    /// <param name="source">The folder of the backup.</param>
    /// <param name="home">The folder of the new home.</param>
    /// <param name="tables">All tables of the program; an older database is brought up to date.</param>
    /// <param name="time">The clock.</param>
    /// <param name="told">Called with what is done next.</param>
    /// <param name="cancellation">Stops it; nothing is left.</param>
    /// <exception cref="Core.Activities.ActivityException">It is no whole backup (ORC6413, ORC6414), damaged (ORC6415); there is a home (ORC6416), no room (ORC6411), or it cannot be written (ORC6418).</exception>
    public static async Task<RestoredHome> RunAsync(string source, string home, IReadOnlyList<MigrationSet> tables, TimeProvider time, Action<string> told, CancellationToken cancellation)
    {
        (source, home) = (Path.GetFullPath(source), Path.TrimEndingDirectorySeparator(Path.GetFullPath(home)));
        var manifest = BackupReader.ReadManifest(source);
        if (PartialFolder.IsTaken(home))
        {
            throw BackupErrors.HomeNotEmpty(home);
        }

        var needed = manifest.Files.Sum(file => file.Bytes);
        if (FreeSpace.Of(home) is { } free && free < needed + (needed / 20))
        {
            throw BackupErrors.NoRoom(home, needed + (needed / 20), free);
        }

        told("reading and comparing every file");
        if (await BackupReader.VerifyAsync(source, manifest, cancellation) is { Count: > 0 } damage)
        {
            throw BackupErrors.Damaged(source, damage);
        }

        try
        {
            using var folder = PartialFolder.Create(home);
            told("copying");
            await CopyAsync(source, manifest, folder.Path, cancellation);
            var unfinished = await AdoptAsync(folder.Path, tables, time, cancellation);
            folder.Finish();
            return new RestoredHome { Backup = manifest, Home = home, Unfinished = unfinished };
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw BackupErrors.CannotWrite(home, error);
        }
    }

    private static async Task CopyAsync(string source, BackupManifest manifest, string folder, CancellationToken cancellation)
    {
        foreach (var file in manifest.Files)
        {
            Storage.Faults.FaultPoints.Reached("restore-file");
            var copied = await FileCopy.CopyAsync(Path.Combine(source, file.Path), folder, file.Path, cancellation);
            if (copied?.Sha256 != file.Sha256)
            {
                // It was read a moment ago: the disk, or somebody who is changing the backup.
                throw BackupErrors.Damaged(source, [new BackupDamage(file.Path, "changed while it was read")]);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "databases.json"), JsonSerializer.Serialize(new[] { BackupWriter.DatabaseFile }, OrcJson.Indented) + "\n", cancellation);
    }

    private static async Task<IReadOnlyList<string>> AdoptAsync(string folder, IReadOnlyList<MigrationSet> tables, TimeProvider time, CancellationToken cancellation)
    {
        await using var database = await OrcDatabase.OpenAsync($"sqlite:{Path.Combine(folder, BackupWriter.DatabaseFile)}", new DatabaseOptions { Migrations = tables, Time = time }, cancellation);
        return await RestoredOwners.ForgetAsync(database, cancellation);
    }
}
