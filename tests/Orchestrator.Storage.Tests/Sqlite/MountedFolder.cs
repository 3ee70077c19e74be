using System.Diagnostics;

namespace Orchestrator.Storage.Tests.Sqlite;

/// <summary>
/// A small file system of its own, for disks that are full or cannot be written. Tests often run as root, for whom permission bits do not count, so this is
/// a real mount of tmpfs; where mounting is not allowed the test is skipped with words.
/// </summary>
internal sealed class MountedFolder : IDisposable
{
    private MountedFolder(string path) => Path = path;

    public string Path { get; }

    public static MountedFolder Create(int kilobytes)
    {
        var path = Directory.CreateTempSubdirectory("orc-mount-").FullName;
        if (!Run("-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path))
        {
            Directory.Delete(path);
            Assert.Ignore("mounting a tmpfs is not allowed here, and permission bits do not stop root");
        }

        return new MountedFolder(path);
    }

    public void MakeReadOnly()
    {
        if (!Run("-o", "remount,ro", Path))
        {
            Assert.Ignore("remounting read-only is not allowed here");
        }
    }

    public void Resize(int kilobytes) => Assert.That(Run("-o", $"remount,size={kilobytes}k", Path));

    public void Dispose()
    {
        using var umount = Process.Start("umount", ["-l", Path]);
        umount.WaitForExit();
        Directory.Delete(Path);
    }

    private static bool Run(params string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        using var mount = Process.Start(new ProcessStartInfo("mount", args) { RedirectStandardError = true });
        mount!.WaitForExit();
        return mount.ExitCode == 0;
    }
}
