using System.Diagnostics;
using System.Formats.Tar;

namespace Orchestrator.Activities.Tests.Containers;

/// <summary>
/// An image made on this machine out of a static busybox, since tests reach no registry, and a set-up of podman that also runs inside containers and virtual machines.
/// Where that cannot be had the tests are skipped with words.
/// </summary>
internal sealed class TestImage : IAsyncDisposable
{
    public const string Name = "localhost/orc-test:1";

    private static readonly string[] Applets = ["sh", "cat", "cp", "echo", "env", "id", "pwd", "sleep", "stat", "test", "touch", "wc"];

    private readonly string folder = Directory.CreateTempSubdirectory("orc-containers-").FullName;

    private TestImage()
    {
    }

    public static async Task<TestImage> MakeAsync()
    {
        var image = new TestImage();
        if (Find("podman") is not { } podman)
        {
            Assert.Ignore("there is no podman on this machine");
            return image;
        }

        if (!File.Exists("/bin/busybox"))
        {
            Assert.Ignore("an image is made of /bin/busybox, which must be static (apt-get install busybox-static)");
        }

        image.Configure();
        var tar = await image.WriteTarAsync();
        foreach (var arguments in (string[][])[["import", "--quiet", tar, Name], ["run", "--rm", Name, "/bin/sh", "-c", "echo works"]])
        {
            var (code, text) = await RunAsync(podman, arguments);
            if (code != 0)
            {
                Assert.Ignore($"podman cannot run here: podman {arguments[0]} ended with {code}: {text}");
            }
        }

        return image;
    }

    /// <summary>All containers that there are, also ended ones.</summary>
    public static async Task<string> ListAsync() => (await RunAsync(Find("podman")!, ["ps", "--all", "--format", "{{.Names}}"])).Text;

    public async ValueTask DisposeAsync()
    {
        if (Find("podman") is { } podman)
        {
            // Layers belong to users that only podman can become.
            await RunAsync(podman, ["system", "reset", "--force"]);
        }

        Environment.SetEnvironmentVariable("CONTAINERS_CONF", null);
        Environment.SetEnvironmentVariable("CONTAINERS_STORAGE_CONF", null);
        Directory.Delete(folder, recursive: true);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, program)).FirstOrDefault(File.Exists);

    private void Configure()
    {
        var conf = Path.Combine(folder, "containers.conf");
        File.WriteAllText(conf, $"""
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "none"
            {(Find("runc") is null ? "" : "runtime = \"runc\"")}
            """);
        var storage = Path.Combine(folder, "storage.conf");
        File.WriteAllText(storage, $"""
            [storage]
            driver = "vfs"
            graphroot = "{folder}/root"
            runroot = "{folder}/run"
            """);
        Environment.SetEnvironmentVariable("CONTAINERS_CONF", conf);
        Environment.SetEnvironmentVariable("CONTAINERS_STORAGE_CONF", storage);
    }

    private async Task<string> WriteTarAsync()
    {
        var path = Path.Combine(folder, "image.tar");
        await using var tar = new TarWriter(File.Create(path));
        await tar.WriteEntryAsync("/bin/busybox", "bin/busybox");
        foreach (var applet in Applets)
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }

        return path;
    }

    private static async Task<(int Code, string Text)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await error).Trim());
    }
}
