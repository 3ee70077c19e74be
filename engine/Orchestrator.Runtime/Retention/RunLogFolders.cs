using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Retention;

/// <summary>The folders of logs, one for each run.</summary>
internal sealed class RunLogFolders(OrcHome home)
{
    /// <summary>The runs that have one.</summary>
    public IEnumerable<string> Runs() => Directory.EnumerateDirectories(home.LogsFolder).Select(folder => Path.GetFileName(folder));

    public Amount Measure(RunId run)
    {
        var folder = new DirectoryInfo(PathOf(run));
        return folder.Exists ? folder.EnumerateFiles("*", SearchOption.AllDirectories).Aggregate(default(Amount), (sum, file) => sum + new Amount(1, file.Length)) : default;
    }

    /// <returns>What is gone; nothing when a part of it is left, which the next time finds.</returns>
    public Amount Remove(RunId run)
    {
        var size = Measure(run);
        return FileNames.TryDeleteFolder(PathOf(run)) ? size : default;
    }

    private string PathOf(RunId run) => Path.Combine(home.LogsFolder, FileNames.Checked(run.Value));
}
