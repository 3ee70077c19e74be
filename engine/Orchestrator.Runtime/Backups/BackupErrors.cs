using System.Globalization;
using Orchestrator.Core.Activities;

namespace Orchestrator.Runtime.Backups;

/// <summary>What backups have to say to people. 641x.</summary>
public static class BackupErrors
{
    internal static ActivityException NotEmpty(string folder) => new(
        "ORC6410", $"{folder} is not empty", why: "a backup is a folder of its own, so that nobody takes files of another one for part of it", help: "Name a folder that does not exist yet: it is made.");

    internal static ActivityException NoRoom(string folder, long needed, long free) => new(new Failure
    {
        Code = "ORC6411",
        Kind = FailureKind.Infrastructure,
        Message = string.Create(CultureInfo.InvariantCulture, $"there is no room for it in {folder}: about {Mega(needed)} MiB are needed, and {Mega(free)} MiB are free"),
        Help = "Make room, or name a folder on another disk. Nothing was written.",
    });

    internal static ActivityException InsideHome(string folder, string home) => new(
        "ORC6412", $"{folder} is inside the home {home}", why: "what happens to the home would happen to its backup", help: "Name a folder outside of it, best on another disk.");

    internal static ActivityException NoBackup(string folder, string why) => new(
        "ORC6413", $"{folder} is no whole backup: {why}", why: $"{BackupManifest.FileName} is written last, when everything else is there", help: "Name the folder that orc backup has made. What was interrupted has .partial in its name and can be deleted.");

    internal static ActivityException Newer(string folder, int format) => new(
        "ORC6414", $"the backup {folder} was made by a newer version of orc (format {format}; this version knows {BackupManifest.KnownFormat})", help: "Use the newer orc.");

    internal static ActivityException Damaged(string folder, IReadOnlyList<BackupDamage> damage) => new(new Failure
    {
        Code = "ORC6415",
        Kind = FailureKind.Infrastructure,
        Message = $"the backup {folder} is damaged: {string.Join("; ", damage.Take(5).Select(one => $"{one.Path} {one.What}"))}{(damage.Count > 5 ? $"; and {damage.Count - 5} more" : "")}",
        Help = "Take an older backup. Nothing was restored.",
        Details = [.. damage.Take(100).Select(one => $"{one.Path} {one.What}")],
    });

    internal static ActivityException HomeNotEmpty(string home) => new(
        "ORC6416", $"the home {home} is there already", why: "a backup is restored into a home of its own, so that nothing of two homes is mixed", help: "Name one that does not exist yet with --home DIR, or move this one away.");

    public static ActivityException ServerDatabase() => new(
        "ORC6417",
        "a backup is restored into a file of the home, and a database server is named (--db or ORC_DB)",
        why: "a database on a server may have runs that others work on",
        help: "Restore without it, and bring the database to an empty one on the server then: orc db copy --to URL.");

    internal static ActivityException CannotWrite(string folder, Exception inner) => new(
        new Failure
        {
            Code = "ORC6418",
            Kind = FailureKind.Infrastructure,
            Message = $"{folder} cannot be written or read: {inner.Message}",
            Help = "Check the owner, the permissions and the room of its disk. Nothing half-written was kept.",
        },
        inner);

    public static ActivityException NoSuchHome(string home) => new("ORC6419", $"there is no home {home} to make a backup of", help: "Name it with --home DIR.");

    private static long Mega(long bytes) => (bytes >> 20) + 1;
}
