using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orchestrator.Architecture.Tests;

/// <summary>The assemblies that this build made, as they lie beside the tests: what was compiled, not what a project file says.</summary>
internal static class BuiltAssemblies
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = FindRoot(TestContext.CurrentContext.TestDirectory);

    /// <summary>By assembly name, the names of the assemblies that it refers to.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> References { get; } = Directory
        .EnumerateFiles(TestContext.CurrentContext.TestDirectory, "*.dll")
        .Where(path => IsOurs(Path.GetFileNameWithoutExtension(path)))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), ReadReferences);

    public static bool IsOurs(string assembly) =>
        (assembly.StartsWith("Orchestrator.", StringComparison.Ordinal) || assembly == "orc") && !assembly.EndsWith(".Tests", StringComparison.Ordinal);

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "Orchestrator.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Orchestrator.sln above the tests"));

    private static IReadOnlySet<string> ReadReferences(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToHashSet(StringComparer.Ordinal);
    }
}
