using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Commands;

/// <summary>Finds the file of a program before it is started, so that a missing one is told in words with near names.</summary>
internal static class ProgramLookup
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="program">A bare name is looked for in <paramref name="path"/>; one with a folder is relative to <paramref name="baseDirectory"/>.</param>
    /// <param name="path">The variable PATH as the program will see it.</param>
    /// <exception cref="ActivityException">Not found (ORC5602), or not executable (ORC5603).</exception>
    public static string Find(string program, string baseDirectory, string path)
    {
        if (program.Contains('/', StringComparison.Ordinal) || program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return FindFile(program, Path.GetFullPath(program, baseDirectory));
        }

        return FindOrNull(program, baseDirectory, path) ?? throw CommandErrors.ProgramNotFound(program, FoldersOf(path).SelectMany(NamesIn).Distinct());
    }

    /// <summary>The file of a program with a bare name; null when there is none.</summary>
    public static string? FindOrNull(string program, string baseDirectory, string path) =>
        FoldersOf(path).SelectMany(folder => Candidates(Path.GetFullPath(folder, baseDirectory), program)).FirstOrDefault(IsExecutable);

    private static string[] FoldersOf(string path) => path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    private static string FindFile(string program, string path)
    {
        if (Candidates(Path.GetDirectoryName(path) ?? path, Path.GetFileName(path)).FirstOrDefault(File.Exists) is not { } found)
        {
            throw CommandErrors.ProgramFileMissing(program, path, NamesIn(Path.GetDirectoryName(path) ?? path));
        }

        return IsExecutable(found) ? found : throw CommandErrors.NotExecutable(found);
    }

    private static IEnumerable<string> Candidates(string folder, string name)
    {
        yield return Path.Combine(folder, name);
        if (OperatingSystem.IsWindows())
        {
            foreach (var ending in (Environment.GetEnvironmentVariable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").Split(';'))
            {
                yield return Path.Combine(folder, name + ending);
            }
        }
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);

    private static IEnumerable<string> NamesIn(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder).Select(file => Path.GetFileName(file)) : [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
