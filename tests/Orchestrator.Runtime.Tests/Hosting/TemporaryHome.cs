using System.Globalization;

namespace Orchestrator.Runtime.Tests.Hosting;

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryHome : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orc-runtime-").FullName;

    public string Home => System.IO.Path.Combine(Path, "home");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Looks at processes from outside.</summary>
internal static class Living
{
    public static bool Lives(string id) => Lives(int.Parse(id, CultureInfo.InvariantCulture));

    public static bool Lives(int id) => Orchestrator.Runtime.Processes.ProcessIdentity.Find(id) is not null;

    /// <summary>Waits for a process that is not our child to go; the kernel tells nobody but its parent, so this looks again and again.</summary>
    public static async Task GoneAsync(string id, string what)
    {
        for (var i = 0; i < 2000 && Lives(id); i++)
        {
            await Task.Delay(5);
        }

        Assert.That(Lives(id), Is.False, $"{what} (process {id}) still lives");
    }
}
