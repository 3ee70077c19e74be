using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage.Copying;

namespace Orchestrator.Runtime.Backups;

/// <summary>Reads backups, and finds out whether one is whole.</summary>
public static class BackupReader
{
    /// <exception cref="Core.Activities.ActivityException">It is no whole backup (ORC6413), or of a newer version (ORC6414).</exception>
    public static BackupManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, BackupManifest.FileName);
        try
        {
            if (!File.Exists(path))
            {
                throw BackupErrors.NoBackup(folder, $"it has no {BackupManifest.FileName}");
            }

            using var text = JsonDocument.Parse(File.ReadAllText(path));
            var format = text.RootElement.GetProperty("format").GetInt32();
            return format > BackupManifest.KnownFormat ? throw BackupErrors.Newer(folder, format)
                : text.Deserialize<BackupManifest>(OrcJson.Options) ?? throw BackupErrors.NoBackup(folder, $"its {BackupManifest.FileName} is empty");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException || StorageFaults.IsStorage(error))
        {
            throw BackupErrors.NoBackup(folder, $"its {BackupManifest.FileName} cannot be read: {error.Message}");
        }
    }

    /// <summary>Reads every file and compares it with what was written, and looks into the database; empty when all is as it was.</summary>
    public static async Task<IReadOnlyList<BackupDamage>> VerifyAsync(string folder, BackupManifest manifest, CancellationToken cancellation)
    {
        var damage = new List<BackupDamage>();
        foreach (var file in manifest.Files)
        {
            if (await FindDamageAsync(folder, file, cancellation) is { } what)
            {
                damage.Add(new BackupDamage(file.Path, what));
            }
        }

        if (damage.All(one => one.Path != BackupWriter.DatabaseFile) && DatabaseSnapshot.Check(Path.Combine(folder, BackupWriter.DatabaseFile)) is { Count: > 0 } lines)
        {
            damage.Add(new BackupDamage(BackupWriter.DatabaseFile, $"is damaged inside: {lines[0]}"));
        }

        return damage;
    }

    private static async Task<string?> FindDamageAsync(string folder, BackupFile file, CancellationToken cancellation)
    {
        if (!IsInside(file.Path))
        {
            return "leads out of the folder";
        }

        try
        {
            var found = await FileCopy.DescribeAsync(folder, file.Path, cancellation);
            return found.Bytes != file.Bytes ? $"has {found.Bytes:N0} bytes instead of {file.Bytes:N0}"
                : found.Sha256 != file.Sha256 ? "is not what was written: its hash is another one"
                : null;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is missing";
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            return $"cannot be read: {error.Message}";
        }
    }

    private static bool IsInside(string path) => !Path.IsPathRooted(path) && path.Split('/', '\\').All(part => part.Length > 0 && part != "..");
}
