using CliWrap;
using CliWrap.Buffered;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Which commit the files of a folder are.</summary>
internal static class GitCommit
{
    /// <summary>The commit's hash, with <c>-dirty</c> after it when tracked files of the folder have changed; null outside git, or without git.</summary>
    public static async Task<string?> FindAsync(string folder, CancellationToken cancellation)
    {
        if (!IsInside(folder))
        {
            return null;
        }

        try
        {
            var head = await RunAsync(folder, ["rev-parse", "HEAD"], cancellation);
            if (head is null)
            {
                return null;
            }

            var changes = await RunAsync(folder, ["status", "--porcelain", "--untracked-files=no", "--", "."], cancellation);
            return string.IsNullOrEmpty(changes) ? head : $"{head}-dirty";
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>Asked first, as git itself would: to start two processes for each of many runs costs more than the runs.</summary>
    private static bool IsInside(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (Path.Exists(Path.Combine(at.FullName, ".git")))
            {
                return true;
            }
        }

        return Environment.GetEnvironmentVariable("GIT_DIR") is not null;
    }

    private static async Task<string?> RunAsync(string folder, string[] arguments, CancellationToken cancellation)
    {
        // Optional locks off: looking must never disturb a git command of the user that runs at the same time.
        var result = await CliWrap.Cli.Wrap("git").WithArguments(["--no-optional-locks", "-C", folder, .. arguments])
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellation);
        return result.ExitCode == 0 ? result.StandardOutput.Trim() : null;
    }
}
