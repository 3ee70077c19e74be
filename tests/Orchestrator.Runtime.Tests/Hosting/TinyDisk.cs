using System.Diagnostics;

namespace Orchestrator.Runtime.Tests.Hosting;

/// <summary>A small file system of its own, to fill. Only root may mount one; elsewhere the test is ignored with words.</summary>
internal sealed class TinyDisk : IAsyncDisposable
{
    private TinyDisk(string path) => Path = path;

    public string Path { get; }

    /// <param name="options">Of tmpfs: <c>size=1m</c>, <c>ro</c>.</param>
    public static async Task<TinyDisk> MountAsync(string parent, string options)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(parent, "disk")).FullName;
        if (!OperatingSystem.IsLinux() || await RunAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs", path) != 0)
        {
            Assert.Ignore("a file system for the test can be mounted only as root on Linux");
        }

        return new TinyDisk(path);
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", Path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
