namespace Orchestrator.Dsl.Tests.Baselines;

/// <summary>Where the repository's files are when tests run.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Baselines => Path.Combine(Root, "tests", "Orchestrator.Dsl.Tests", "Baselines");

    public static string Docs => Path.Combine(Root, "engine", "Orchestrator.Dsl", "docs");

    /// <summary>Set to 1 to write what the tests compare with, instead of comparing; review explains each difference.</summary>
    public static bool Update => Environment.GetEnvironmentVariable("UPDATE_BASELINES") == "1";

    /// <summary>Compares a file with what it should hold, or writes it.</summary>
    public static void Check(string path, string expected)
    {
        if (Update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.That(File.Exists(path), Is.True, $"{Path.GetRelativePath(Root, path)} is missing; run the tests with UPDATE_BASELINES=1");
        Assert.That(expected, Is.EqualTo(File.ReadAllText(path)), $"{Path.GetRelativePath(Root, path)} differs; if the new text is right, run the tests with UPDATE_BASELINES=1");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
